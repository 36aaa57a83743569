#include "protocols/imap/response_text.hpp"

#include "protocols/imap/tokens.hpp"

#include <array>
#include <utility>

namespace mailfleet::imap {

namespace {

using code_row = std::pair<std::string_view, response_code>;

constexpr std::array codes{
    code_row{"ALERT", response_code::alert},
    code_row{"AUTHENTICATIONFAILED", response_code::authentication_failed},
    code_row{"AUTHORIZATIONFAILED", response_code::authorization_failed},
    code_row{"CAPABILITY", response_code::capability},
    code_row{"CONTACTADMIN", response_code::contact_admin},
    code_row{"EXPIRED", response_code::expired},
    code_row{"INUSE", response_code::in_use},
    code_row{"LIMIT", response_code::limit},
    code_row{"NOPERM", response_code::no_permission},
    code_row{"OVERQUOTA", response_code::over_quota},
    code_row{"PRIVACYREQUIRED", response_code::privacy_required},
    code_row{"READ-ONLY", response_code::read_only},
    code_row{"SERVERBUG", response_code::server_bug},
    code_row{"THROTTLED", response_code::throttled},
    code_row{"TRYCREATE", response_code::try_create},
    code_row{"UIDNEXT", response_code::uid_next},
    code_row{"UIDVALIDITY", response_code::uid_validity},
    code_row{"UNAVAILABLE", response_code::unavailable},
};

} // namespace

std::optional<status> read_status(std::string_view word) noexcept {
  constexpr std::array<std::pair<std::string_view, status>, 5> words{
      {{"OK", status::ok},
       {"NO", status::no},
       {"BAD", status::bad},
       {"BYE", status::bye},
       {"PREAUTH", status::preauth}}};
  for (auto [name, value] : words)
    if (same_word(name, word))
      return value;
  return std::nullopt;
}

response_text read_response_text(std::string_view text) noexcept {
  auto end = text.find(']');
  if (!text.starts_with('[') || end == text.npos)
    return {response_code::none, {}, {}, text};
  auto inside = text.substr(1, end - 1);
  auto words = text.substr(end + 1);
  if (words.starts_with(' '))
    words.remove_prefix(1);
  auto name = take_word(inside);
  response_text read{response_code::other, name, inside, words};
  for (auto [known, code] : codes)
    if (same_word(known, name))
      read.code = code;
  return read;
}

} // namespace mailfleet::imap
