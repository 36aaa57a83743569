#pragma once

#include "messages/values/control.hpp"

#include <string>
#include <string_view>

/// The control vocabulary as JSON. Field names are lower_case, times ISO-8601
/// in UTC, ids their text. No secret is ever written; requests alone carry them.
namespace mailfleet::web {

/// Reads the body of `POST /providers`. Fails with `invalid_argument` that
/// names the field: unknown, given twice, of a wrong type, over a limit.
[[nodiscard]] result<add_provider> read_add_provider(std::string_view body);

/// Reads the body of `POST /mailboxes`; fails like `read_add_provider`.
/// `"from"` is `now`, `all` or a date; a `password` without an `auth` makes it
/// an account with a password.
[[nodiscard]] result<add_mailbox> read_add_mailbox(std::string_view body);

/// Reads the body of `POST /providers/REF/secrets`; fails like `read_add_provider`.
[[nodiscard]] result<client_secret> read_client_secret(std::string_view body);

/// Reads the body of `POST /mailboxes/REF/sign-in`, which may be empty: `{"prompt": ...}`.
[[nodiscard]] result<std::optional<sign_in_prompt>> read_prompt(std::string_view body);

/// Reads the body of `PUT /mailboxes/REF/servers`: of `imap`, `smtp` and `pop3` those that change.
[[nodiscard]] result<server_change> read_server_change(std::string_view body);

/// Reads the body of `POST /mailboxes/REF/password`: `{"password": ...}`.
[[nodiscard]] result<secret> read_password(std::string_view body);

/// Reads the body of `POST /certificates`, an `imap` object as a mailbox has it;
/// fails like `read_add_provider`.
[[nodiscard]] result<show_certificate> read_show_certificate(std::string_view body);

/// Accepts a body that says nothing: empty, or `{}`.
[[nodiscard]] result<void> read_nothing(std::string_view body);

/// One JSON object. A `body_part` or a `sign_in_opened` has no JSON: the first
/// is sent as bytes, the second holds what only a browser may see.
[[nodiscard]] std::string write_answer(const control_answer& answer);

/// `{"error":{"code":...,"detail":...}}`.
[[nodiscard]] std::string write_failure(const failure& what);

/// The HTTP status (RFC 9110 15) that goes with a failure.
[[nodiscard]] unsigned http_status(errc code) noexcept;

/// The state of that name, as `to_string` wrote it.
[[nodiscard]] std::optional<mailbox_state> parse_mailbox_state(std::string_view name) noexcept;

} // namespace mailfleet::web
