#include "protocols/imap/commands.hpp"

#include <optional>

namespace mailfleet::imap {

namespace {

std::string text_of(uid_range messages) {
  auto text = std::to_string(messages.first);
  if (messages.last != messages.first)
    text += messages.last == 0 ? ":*" : ":" + std::to_string(messages.last);
  return text;
}

/// Takes one UTF-8 character; nothing if it is not well formed (RFC 3629).
std::optional<char32_t> take_character(std::string_view& rest) {
  auto lead = static_cast<unsigned char>(rest.front());
  std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 0 || lead > 0xF4 || length > rest.size())
    return std::nullopt;
  char32_t value = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    auto next = static_cast<unsigned char>(rest[at]);
    if ((next & 0xC0) != 0x80)
      return std::nullopt;
    value = (value << 6) | (next & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return std::nullopt;
  rest.remove_prefix(length);
  return value;
}

/// Writes runs of other characters as `&...-`: UTF-16 in base64 with `,` for
/// `/` and no padding. It works by bits, which EVP's blocks do not give.
class modified_utf7 {
public:
  void add(char32_t value) {
    if (value >= 0x20 && value <= 0x7E) {
      close();
      text_.push_back(static_cast<char>(value));
      if (value == '&')
        text_.push_back('-');
      return;
    }
    if (!open_)
      text_.push_back('&');
    open_ = true;
    if (value >= 0x10000) {
      add_unit(0xD800 + ((value - 0x10000) >> 10));
      value = 0xDC00 + ((value - 0x10000) & 0x3FF);
    }
    add_unit(value);
  }

  std::string finish() {
    close();
    return std::move(text_);
  }

private:
  void add_unit(char32_t unit) {
    bits_ = (bits_ << 16) | unit;
    count_ += 16;
    for (; count_ >= 6; count_ -= 6)
      add_sextet(bits_ >> (count_ - 6));
  }

  void add_sextet(std::uint64_t bits) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    text_.push_back(alphabet[bits & 0x3F]);
  }

  void close() {
    if (count_ > 0)
      add_sextet(bits_ << (6 - count_));
    if (open_)
      text_.push_back('-');
    open_ = false;
    count_ = 0;
    bits_ = 0;
  }

  std::string text_;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
  bool open_ = false;
};

} // namespace

std::string list_command(uid_range messages) {
  return "UID FETCH " + text_of(messages) + " (UID RFC822.SIZE)";
}

std::string fetch_command(uid_range messages) {
  return "UID FETCH " + text_of(messages) + " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
}

result<secret> login_command(std::string_view user, const secret& password) {
  std::string text;
  // At once: a string that grows leaves copies of the password behind.
  text.reserve(2 * (user.size() + password.reveal().size()) + 16);
  text.append("LOGIN");
  for (auto word : {user, password.reveal()}) {
    text.append(" \"");
    for (auto c : word) {
      auto byte = static_cast<unsigned char>(c);
      if (byte == 0 || byte >= 0x80 || c == '\r' || c == '\n')
        return failure{errc::invalid_argument,
                       "the server takes LOGIN only, which cannot carry this user name or "
                       "password: it holds characters beyond ASCII"};
      if (c == '"' || c == '\\')
        text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('"');
  }
  return secret{std::move(text)};
}

result<std::string> quoted_mailbox(std::string_view name) {
  modified_utf7 encoded;
  auto fault = [] {
    return bad_field("folder", "is empty, not UTF-8, or holds a control character",
                     "name a folder as the mail program shows it");
  };
  if (name.empty())
    return fault();
  while (!name.empty()) {
    auto value = take_character(name);
    if (!value || *value < 0x20 || (*value >= 0x7F && *value < 0xA0))
      return fault();
    encoded.add(*value);
  }
  std::string quoted = "\"";
  for (auto c : encoded.finish()) {
    if (c == '"' || c == '\\')
      quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + '"';
}

} // namespace mailfleet::imap
