#include "web/callback_routes.hpp"

#include "web/limits.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/url_view.hpp>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace mailfleet::web {

namespace {

constexpr std::string_view done_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Signed in</title>"
    "<h1>Signed in</h1><p>The mailbox is connected. You can close this window.</p></html>\n";

constexpr std::string_view consented_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Consent given</title>"
    "<h1>Consent given</h1><p>Mailboxes of your organisation can sign in now. You can close this "
    "window.</p></html>\n";

constexpr std::string_view failed_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not signed in</title>"
    "<h1>Not signed in</h1><p>The sign-in did not succeed, or its address was used or has "
    "expired. Ask for a new one where you got this one.</p></html>\n";

constexpr std::string_view nothing_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Nothing here</title>"
    "<h1>Nothing here</h1></html>\n";

callback_route route_path(const std::vector<std::string>& path, std::string query) {
  if (path.size() == 2 && path[0] == "sign-in") {
    if (path[1] == "done")
      return page_route{done_page};
    if (path[1] == "consented")
      return page_route{consented_page};
    if (path[1] == "failed")
      return page_route{failed_page};
    if (!path[1].empty() && path[1].size() <= max_ticket_bytes)
      return open_route{path[1]};
  }
  if (path.size() == 5 && path[0] == "api" && path[1] == "cloudProviders" && path[2] == "oauth2"
      && !path[3].empty() && path[4] == "callback")
    return complete_route{std::move(query)};
  return no_route{};
}

bool is_loopback_name(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

constexpr std::size_t visit_digits = 16;
constexpr std::string_view hexadecimal = "0123456789abcdef";

bool is_visit(std::string_view text) {
  return text.size() == visit_digits
         && text.find_first_not_of(hexadecimal) == std::string_view::npos;
}

/// Takes the first cookie off a `Cookie` field: its name, and its value. A pair without
/// `=` has no name.
std::pair<std::string_view, std::string_view> take_cookie(std::string_view& field) {
  auto end = std::min(field.find(';'), field.size());
  auto pair = field.substr(0, end);
  field.remove_prefix(std::min(end + 1, field.size()));
  pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
  auto equals = pair.find('=');
  if (equals == std::string_view::npos)
    return {};
  return {pair.substr(0, equals), pair.substr(equals + 1)};
}

} // namespace

callback_route route_callback(std::string_view method, std::string_view target) {
  auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!url)
    return no_route{400};
  std::vector<std::string> path;
  for (const auto& segment : url->segments())
    path.emplace_back(segment);
  auto query = url->encoded_query();
  auto found = route_path(path, {query.data(), query.size()});
  if (method != "GET" && !std::holds_alternative<no_route>(found))
    return no_route{405};
  return found;
}

std::string_view refused_page() noexcept {
  return nothing_page;
}

std::string visit_of(std::string_view query) {
  auto parameters = boost::urls::parse_query({query.data(), query.size()});
  if (!parameters)
    return {};
  std::optional<std::string> state;
  for (auto parameter : *parameters) {
    if (parameter.key.decode() != "state")
      continue;
    if (state)
      return {};
    state = parameter.value.decode();
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  if (!state || state->empty()
      || ::EVP_Digest(state->data(), state->size(), digest.data(), nullptr, ::EVP_sha256(), nullptr)
             != 1)
    return {};
  std::string visit;
  for (std::size_t i = 0; i < visit_digits / 2; ++i)
    visit.append({hexadecimal[digest[i] >> 4], hexadecimal[digest[i] & 0xF]});
  return visit;
}

std::string query_of(std::string_view url) {
  auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed)
    return {};
  auto query = parsed->encoded_query();
  return {query.data(), query.size()};
}

binding_cookie::binding_cookie(std::string_view public_origin)
  : secure_{public_origin.starts_with("https://")},
    prefix_{secure_ ? "__Host-mailfleet-" : "mailfleet-"} {}

std::string binding_cookie::with_attributes(std::string_view visit, std::string_view value,
                                            long max_age_s) const {
  auto field = prefix_ + std::string{visit} + '=' + std::string{value}
               + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(max_age_s);
  return secure_ ? field + "; Secure" : field;
}

std::string binding_cookie::set(std::string_view visit, const secret& value) const {
  return with_attributes(visit, value.reveal(), cookie_life.count());
}

std::string binding_cookie::clear(std::string_view visit) const {
  return with_attributes(visit, "", 0);
}

secret binding_cookie::find(std::string_view visit, std::string_view cookie_field) const {
  auto wanted = prefix_ + std::string{visit};
  std::optional<std::string_view> found;
  while (!cookie_field.empty()) {
    auto [name, value] = take_cookie(cookie_field);
    if (name != wanted)
      continue;
    if (found)
      return {};
    found = value;
  }
  return secret{std::string{found.value_or("")}};
}

std::vector<std::string> binding_cookie::surplus(std::string_view cookie_field) const {
  std::vector<std::string> visits;
  while (!cookie_field.empty()) {
    auto name = take_cookie(cookie_field).first;
    if (name.starts_with(prefix_) && is_visit(name.substr(prefix_.size())))
      visits.emplace_back(name.substr(prefix_.size()));
  }
  visits.resize(visits.size() - std::min(visits.size(), max_visit_cookies - 1));
  return visits;
}

bool is_safe_location(std::string_view url) {
  auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || !parsed->has_authority())
    return false;
  auto host = parsed->encoded_host();
  return parsed->scheme() == "https"
         || (parsed->scheme() == "http" && is_loopback_name({host.data(), host.size()}));
}

} // namespace mailfleet::web
