#include "protocols/sasl/exchange.hpp"

#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/limits.hpp"

#include <utility>

namespace mailfleet::sasl {

namespace {

/// The `saslname` of RFC 5801 section 4.
std::string saslname(std::string_view user) {
  std::string name;
  for (auto c : user) {
    if (c == '=')
      name.append("=3D");
    else if (c == ',')
      name.append("=2C");
    else
      name.push_back(c);
  }
  return name;
}

bool has_control_byte(std::string_view text) {
  for (auto c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return true;
  return false;
}

/// The bytes in base64; the bytes themselves are overwritten.
secret sealed_in_base64(secret bytes) {
  return secret{encode_base64(bytes.reveal())};
}

secret joined(std::initializer_list<std::string_view> parts) {
  std::size_t length = 0;
  for (auto part : parts)
    length += part.size();
  std::string text;
  // At once: a string that grows leaves copies of the credential behind.
  text.reserve(length);
  for (auto part : parts)
    text.append(part);
  return secret{std::move(text)};
}

} // namespace

exchange::exchange(mechanism which, identity who) : mechanism_{which}, who_{std::move(who)} {}

result<void> exchange::check() const {
  if (who_.user.empty() || has_control_byte(who_.user))
    return bad_field("user", "is empty or holds a control character", "give the log-in name");
  if (who_.credential.empty() || has_control_byte(who_.credential.reveal()))
    return bad_field("credential", "is empty or holds a control character", "sign in again");
  return {};
}

std::size_t exchange::initial_size() const {
  return (first_message().reveal().size() + 2) / 3 * 4;
}

std::optional<secret> exchange::initial_response() {
  if (mechanism_ == mechanism::login)
    return std::nullopt;
  sent_ = 1;
  return sealed_in_base64(first_message());
}

result<secret> exchange::answer(std::string_view challenge) {
  if (++challenges_ > max_challenges || challenge.size() > max_challenge_bytes)
    return failure{errc::protocol_violation, "the server's sign-in challenge has no end"};
  if (mechanism_ == mechanism::login && sent_ < 2)
    return secret{
        encode_base64(sent_++ == 0 ? std::string_view{who_.user} : who_.credential.reveal())};
  if (mechanism_ != mechanism::login && sent_ == 0)
    return *initial_response();
  if (mechanism_ == mechanism::xoauth2 || mechanism_ == mechanism::oauthbearer) {
    if (auto words = read_error_challenge(challenge))
      refusal_ = std::move(words);
    // RFC 7628 3.2.3: one 0x01; XOAUTH2: an empty line.
    return secret{mechanism_ == mechanism::oauthbearer ? "AQ==" : ""};
  }
  return failure{errc::protocol_violation, "the server asks for more than the mechanism has"};
}

secret exchange::first_message() const {
  using namespace std::string_view_literals;
  auto credential = who_.credential.reveal();
  switch (mechanism_) {
  case mechanism::xoauth2:
    return joined({"user=", who_.user, "\1auth=Bearer ", credential, "\1\1"});
  case mechanism::oauthbearer:
    return joined({"n,a=", saslname(who_.user), ",\1host=", who_.host,
                   "\1port=", std::to_string(who_.port), "\1auth=Bearer ", credential, "\1\1"});
  case mechanism::plain: return joined({"\0"sv, who_.user, "\0"sv, credential});
  case mechanism::login: break;
  }
  return {};
}

} // namespace mailfleet::sasl
