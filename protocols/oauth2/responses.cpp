#include "protocols/oauth2/responses.hpp"

#include "messages/values/url.hpp"
#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace mailfleet::oauth2 {

namespace {

failure unusable(std::string_view why) {
  return {errc::token_unavailable, "the token endpoint's answer " + std::string{why}};
}

/// RFC 6750 2.1 and RFC 6749 A: printable ASCII. A control byte would let the
/// token's author write into a SASL message.
bool is_token(std::string_view text) {
  return text.size() <= max_token_bytes
         && std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; });
}

/// A member whose absence is fine, but which must be a token if it is there.
bool take_token(const boost::json::object& answer, const char* name, secret& into) {
  const auto* member = answer.if_contains(name);
  if (member == nullptr || member->is_null())
    return true;
  const auto* text = member->if_string();
  if (text == nullptr || !is_token(*text))
    return false;
  into = secret{std::string{*text}};
  return true;
}

std::vector<std::uint32_t> codes_of(const boost::json::object& answer) {
  std::vector<std::uint32_t> codes;
  const auto* listed = list_member(answer, "error_codes");
  if (listed == nullptr)
    return codes;
  for (const auto& code : *listed) {
    if (codes.size() == max_error_codes)
      break;
    boost::system::error_code unfit;
    auto number = code.to_number<std::uint32_t>(unfit);
    if (!unfit)
      codes.push_back(number);
  }
  return codes;
}

/// The number of `AADSTS50196: ...` at the front of a description: some answers
/// name it only there.
std::optional<std::uint32_t> code_in(std::string_view description) {
  constexpr std::string_view mark = "AADSTS";
  if (!description.starts_with(mark))
    return std::nullopt;
  description.remove_prefix(mark.size());
  std::uint32_t code = 0;
  auto [end, error] =
      std::from_chars(description.data(), description.data() + description.size(), code);
  if (error != std::errc{})
    return std::nullopt;
  return code;
}

/// Reads the three forms of an HTTP date (RFC 9110 5.6.7).
std::optional<wall_time> parse_http_date(std::string_view text) {
  for (const auto* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::istringstream in{std::string{text}};
    in.imbue(std::locale::classic());
    std::tm parts{};
    in >> std::get_time(&parts, form);
    if (in.fail() || in.peek() != std::char_traits<char>::eof())
      continue;
    std::chrono::year_month_day day{std::chrono::year{parts.tm_year + 1900},
                                    std::chrono::month{static_cast<unsigned>(parts.tm_mon + 1)},
                                    std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    if (!day.ok())
      return std::nullopt;
    return std::chrono::sys_days{day} + std::chrono::hours{parts.tm_hour}
           + std::chrono::minutes{parts.tm_min} + std::chrono::seconds{parts.tm_sec};
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_wait(std::string_view value, wall_time now) {
  constexpr std::size_t longest = 64;
  if (value.empty() || value.size() > longest)
    return std::nullopt;
  if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t seconds = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    return error == std::errc{} ? std::chrono::seconds{seconds}
                                : std::chrono::seconds{max_retry_after};
  }
  auto date = parse_http_date(value);
  if (!date)
    return std::nullopt;
  return *date - now;
}

failure unusable_device(std::string_view why) {
  return {errc::token_unavailable, "the device endpoint's answer " + std::string{why}};
}

/// Whether a browser may be sent to `text`.
bool is_address(std::string_view text) {
  auto address = parse_url(text);
  return address && !address->has_user_info && is_confidential(*address);
}

failure bad_callback(std::string_view fault) {
  return bad_field("query", fault, "begin the sign-in again");
}

/// The members of a callback that may come once each.
struct callback_fields {
  struct field {
    std::string_view name;
    std::string value;
    bool seen = false;
  };
  std::array<field, 7> all{{{"code", {}},
                            {"state", {}},
                            {"iss", {}},
                            {"error", {}},
                            {"error_description", {}},
                            {"admin_consent", {}},
                            {"tenant", {}}}};

  std::string& operator[](std::string_view name) {
    return std::ranges::find(all, name, &field::name)->value;
  }

  /// Takes one `name=value`.
  result<void> take(std::string_view pair) {
    auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_form(pair.substr(0, equals));
    auto value = decode_form(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value)
      return bad_callback("has a broken percent escape");
    auto known = std::ranges::find(all, *name, &field::name);
    if (known == all.end())
      return {};
    if (known->seen)
      return bad_callback("names '" + std::string{known->name} + "' twice");
    known->seen = true;
    known->value = *std::move(value);
    return {};
  }
};

/// A tenant is named by its GUID or domain.
bool is_word(std::string_view text) {
  return text.size() <= max_word_bytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || c == '-' || c == '.';
         });
}

result<callback_query> checked(callback_fields fields) {
  bool consents = equal_without_case(fields["admin_consent"], "True");
  int answers = (fields["code"].empty() ? 0 : 1) + (fields["error"].empty() ? 0 : 1);
  if (answers + (consents && fields["error"].empty() ? 1 : 0) != 1)
    return bad_callback("has neither or both of 'code' and 'error'");
  if (fields["state"].empty())
    return bad_callback("has no 'state'");
  if (!is_token(fields["code"]) || !is_token(fields["state"]) || !is_token(fields["iss"]))
    return bad_callback("has a value with control bytes or blanks");
  callback_query found;
  found.code = secret{std::move(fields["code"])};
  found.admin_consent = consents && fields["error"].empty();
  if (is_word(fields["tenant"]))
    found.tenant = std::move(fields["tenant"]);
  found.state = std::move(fields["state"]);
  found.issuer = std::move(fields["iss"]);
  found.error = printable(fields["error"], max_word_bytes);
  found.error_description = printable(fields["error_description"], max_description_bytes);
  return found;
}

} // namespace

result<token_answer> parse_token_answer(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return unusable("is no JSON object");
  token_answer found;
  if (!take_token(*answer, "access_token", found.access_token) || found.access_token.empty())
    return unusable("has no usable access_token");
  auto type = text_member(*answer, "token_type", max_word_bytes);
  if (!equal_without_case(type, "Bearer"))
    return unusable("has the token_type '" + printable(type) + "' where only Bearer is of use");
  if (!take_token(*answer, "refresh_token", found.refresh_token))
    return unusable("has no usable refresh_token");
  if (!take_token(*answer, "id_token", found.id_token))
    return unusable("has no usable id_token");
  found.scope = printable(text_member(*answer, "scope", max_text_bytes), max_text_bytes);
  found.expires_in = seconds_member(*answer, "expires_in", max_token_life);
  found.refresh_in = seconds_member(*answer, "refresh_in", max_token_life);
  return found;
}

result<device_answer> parse_device_answer(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return unusable_device("is no JSON object");
  device_answer found;
  auto text = [&](const char* name) { return text_member(*answer, name, max_text_bytes); };
  if (!take_token(*answer, "device_code", found.device_code) || found.device_code.empty())
    return unusable_device("has no usable device_code");
  found.user_code = text_member(*answer, "user_code", max_word_bytes);
  if (found.user_code.empty() || printable(found.user_code) != found.user_code)
    return unusable_device("has no user_code that can be shown");
  found.verification_uri = text("verification_uri");
  // Google's name, and Microsoft's old one.
  if (found.verification_uri.empty())
    found.verification_uri = text("verification_url");
  if (!is_address(found.verification_uri))
    return unusable_device("has no verification_uri that is https");
  found.verification_uri_complete = text("verification_uri_complete");
  if (!found.verification_uri_complete.empty() && !is_address(found.verification_uri_complete))
    return unusable_device("has a verification_uri_complete that is not https");
  auto life = seconds_member(*answer, "expires_in", max_device_code_life);
  if (!life)
    return unusable_device("does not say how long the code lives");
  found.expires_in = *life;
  found.interval =
      seconds_member(*answer, "interval", max_device_interval).value_or(default_device_interval);
  return found;
}

token_error parse_token_error(std::string_view body) {
  token_error found;
  auto answer = parse_object(body);
  if (!answer) {
    found.description = printable(body, max_description_bytes);
    return found;
  }
  auto word = [&](const char* name) {
    return printable(text_member(*answer, name, max_text_bytes), max_word_bytes);
  };
  found.error = word("error");
  found.suberror = word("suberror");
  found.correlation_id = word("correlation_id");
  found.trace_id = word("trace_id");
  found.timestamp = word("timestamp");
  found.claims_challenge = !text_member(*answer, "claims", max_document_bytes).empty();
  auto description = text_member(*answer, "error_description", max_document_bytes);
  found.codes = codes_of(*answer);
  if (auto code = code_in(description); code && found.codes.empty())
    found.codes.push_back(*code);
  found.description = printable(description, max_description_bytes);
  return found;
}

std::optional<std::chrono::seconds>
retry_after(const std::vector<std::pair<std::string, std::string>>& headers, wall_time now) {
  auto header =
      std::ranges::find(headers, "retry-after", &std::pair<std::string, std::string>::first);
  if (header == headers.end())
    return std::nullopt;
  auto wait = parse_wait(header->second, now);
  if (!wait || wait->count() <= 0)
    return std::nullopt;
  return std::min<std::chrono::seconds>(*wait, max_retry_after);
}

token_error error_of(const callback_query& query) {
  token_error found;
  found.error = query.error;
  found.description = query.error_description;
  if (auto code = code_in(query.error_description))
    found.codes.push_back(*code);
  return found;
}

std::optional<wall_time>
answered_at(const std::vector<std::pair<std::string, std::string>>& headers) {
  auto header = std::ranges::find(headers, "date", &std::pair<std::string, std::string>::first);
  constexpr std::size_t longest = 64;
  if (header == headers.end() || header->second.size() > longest)
    return std::nullopt;
  return parse_http_date(header->second);
}

result<callback_query> parse_callback(std::string_view query) {
  if (query.size() > max_query_bytes)
    return bad_callback("is too long");
  callback_fields fields;
  for (std::size_t count = 0; !query.empty(); ++count) {
    if (count == max_query_parameters)
      return bad_callback("has too many parameters");
    auto end = std::min(query.find('&'), query.size());
    if (auto taken = fields.take(query.substr(0, end)); !taken)
      return std::move(taken).error();
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return checked(std::move(fields));
}

} // namespace mailfleet::oauth2
