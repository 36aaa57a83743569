#include "protocols/oauth2/app_listing.hpp"

#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>

namespace mailfleet::oauth2 {

namespace {

using std::chrono::sys_seconds;

/// The number that a field of fixed width holds; nothing for other characters.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  auto field = text.substr(at, digits);
  unsigned value = 0;
  auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  bool whole = field.size() == digits && end == field.data() + field.size();
  return whole && error == std::errc{} ? std::optional{value} : std::nullopt;
}

/// `2027-03-01T12:00:00Z`, with or without a fraction, which is dropped: Graph's times are
/// always UTC.
std::optional<sys_seconds> parse_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= form.size() || text.back() != 'Z')
    return std::nullopt;
  for (std::size_t at = 0; at < form.size(); ++at)
    if (form[at] != 'd' && text[at] != form[at])
      return std::nullopt;
  auto fraction = text.substr(form.size(), text.size() - form.size() - 1);
  if (!fraction.empty()
      && (fraction.front() != '.'
          || fraction.substr(1).find_first_not_of("0123456789") != fraction.npos))
    return std::nullopt;
  auto year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  auto hour = number_at(text, 11, 2), minute = number_at(text, 14, 2);
  auto second = number_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                   std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return sys_seconds{std::chrono::sys_days{date}} + std::chrono::hours{*hour}
         + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<unsigned char> hex_digit(char c) {
  unsigned char value = 0;
  auto [end, error] = std::from_chars(&c, &c + 1, value, 16);
  return error == std::errc{} && end == &c + 1 ? std::optional{value} : std::nullopt;
}

/// The bytes of a digest in hexadecimal; nothing for another text.
std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    auto high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
    if (!high || !low)
      return std::nullopt;
    bytes.push_back(static_cast<char>(*high * 16 + *low));
  }
  return bytes;
}

/// A `customKeyIdentifier`: both forms of a digest are met, hexadecimal (SHA-1: 40 digits,
/// SHA-256: 64) and base64.
std::string parse_thumbprint(std::string_view text) {
  constexpr std::array hex_sizes{std::size_t{40}, std::size_t{64}};
  if (std::ranges::find(hex_sizes, text.size()) != hex_sizes.end())
    if (auto bytes = from_hex(text))
      return *bytes;
  std::string alphabet{text.substr(0, text.find_last_not_of('=') + 1)};
  std::ranges::replace(alphabet, '+', '-');
  std::ranges::replace(alphabet, '/', '_');
  auto bytes = decode_base64url(alphabet);
  return bytes && bytes->size() <= max_thumbprint_bytes ? *bytes : std::string{};
}

const boost::json::object* object_member(const boost::json::object& of, std::string_view name) {
  const auto* member = of.if_contains(name);
  return member != nullptr ? member->if_object() : nullptr;
}

result<void> read_list(const boost::json::object& app, const char* name, app_credential::kind what,
                       std::vector<app_credential>& into) {
  const auto* list = list_member(app, name);
  if (list == nullptr)
    return failure{errc::token_unavailable,
                   std::string{"the directory's answer has no list "} + name};
  if (list->size() > max_app_credentials)
    return failure{errc::token_unavailable,
                   std::string{"the directory lists too many entries in "} + name};
  for (const auto& listed : *list) {
    const auto* item = listed.if_object();
    if (item == nullptr)
      continue;
    auto& entry = into.emplace_back();
    entry.what = what;
    entry.ends_at = parse_time(text_member(*item, "endDateTime", max_word_bytes));
    if (what == app_credential::kind::secret)
      entry.hint = text_member(*item, "hint", max_word_bytes);
    else
      entry.thumbprint =
          parse_thumbprint(text_member(*item, "customKeyIdentifier", 2 * max_thumbprint_bytes));
  }
  return {};
}

} // namespace

std::string directory_scope(std::string_view host) {
  return "https://" + std::string{host} + "/.default";
}

std::string app_listing_url(std::string_view host, std::string_view client_id) {
  std::string url = "https://" + std::string{host} + "/v1.0/applications(appId='";
  append_encoded(url, client_id);
  return url + "')?$select=passwordCredentials,keyCredentials";
}

result<std::vector<app_credential>> parse_app_listing(std::string_view body) {
  auto app = parse_object(body);
  if (!app)
    return failure{errc::token_unavailable, "the directory's answer is no app registration"};
  std::vector<app_credential> found;
  using enum app_credential::kind;
  if (auto read = read_list(*app, "passwordCredentials", secret, found); !read)
    return read.error();
  if (auto read = read_list(*app, "keyCredentials", certificate, found); !read)
    return read.error();
  return found;
}

std::string directory_words(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return {};
  const auto* error = object_member(*answer, "error");
  if (error == nullptr)
    return {};
  auto words = printable(text_member(*error, "code", max_word_bytes));
  if (auto message = text_member(*error, "message", max_text_bytes); !message.empty())
    words.append(words.empty() ? "" : ": ").append(printable(message, max_description_bytes));
  if (const auto* inner = object_member(*error, "innerError"))
    if (auto id = text_member(*inner, "request-id", max_word_bytes); !id.empty())
      words.append(" request-id ").append(printable(id));
  return words;
}

} // namespace mailfleet::oauth2
