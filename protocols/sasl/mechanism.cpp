#include "protocols/sasl/mechanism.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mailfleet::sasl {

namespace {

struct mechanism_row {
  mechanism which;
  std::string_view name;
  mailbox_auth takes;
};

// In the order of preference. Exchange offers XOAUTH2 only, so it is the one
// that is exercised most.
constexpr std::array mechanisms{
    mechanism_row{mechanism::xoauth2, "XOAUTH2", mailbox_auth::oauth2},
    mechanism_row{mechanism::oauthbearer, "OAUTHBEARER", mailbox_auth::oauth2},
    mechanism_row{mechanism::plain, "PLAIN", mailbox_auth::password},
    mechanism_row{mechanism::login, "LOGIN", mailbox_auth::password},
};

bool same_name(std::string_view a, std::string_view b) {
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return upper(x) == upper(y); });
}

} // namespace

std::string_view to_string(mechanism which) noexcept {
  for (const auto& row : mechanisms)
    if (row.which == which)
      return row.name;
  return "";
}

std::optional<mechanism> parse_mechanism(std::string_view name) noexcept {
  for (const auto& row : mechanisms)
    if (same_name(row.name, name))
      return row.which;
  return std::nullopt;
}

result<mechanism> choose_mechanism(std::span<const std::string_view> offered, mailbox_auth auth) {
  for (const auto& row : mechanisms) {
    auto is_it = [&](std::string_view name) { return same_name(row.name, name); };
    if (row.takes == auth && std::any_of(offered.begin(), offered.end(), is_it))
      return row.which;
  }
  std::string names;
  for (auto name : offered)
    names.append(names.empty() ? "" : " ").append(name);
  return failure{errc::no_common_mechanism,
                 std::string{"the server offers no way to sign in with "}
                     + (auth == mailbox_auth::oauth2 ? "a token" : "a password") + "; it offers "
                     + (names.empty() ? "none" : printable(names))};
}

} // namespace mailfleet::sasl
