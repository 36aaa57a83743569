#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailfleet {

/// Every way an operation can fail. Numbers are written to disk and sent to
/// clients: a value never changes its number, a retired number is not reused.
enum class errc : std::uint8_t {
  // The request is at fault: refused, nothing changed.
  invalid_argument = 1,    ///< A field has a bad value; the detail names field, fault and cure.
  not_found = 2,           ///< What the request names does not exist.
  already_exists = 3,      ///< What the request adds exists already.
  in_use = 4,              ///< Other things depend on it (a provider that has mailboxes).
  precondition_failed = 5, ///< A record changed since the request was made.
  shutting_down = 6,       ///< The runtime stops; ask again after it is back.
  overloaded = 7,          ///< A named limit is reached; ask again later.
  unavailable = 8,         ///< The actor asked is restarting; ask again with jitter.

  // The network is at fault.
  dns_failed = 20,      ///< The host name did not resolve.
  connect_failed = 21,  ///< No address of the host took the connection.
  connection_lost = 22, ///< The connection ended in the middle of something.
  timed_out = 23,       ///< A stage passed its deadline; the detail names it.
  proxy_failed = 24,    ///< The proxy refused or broke the connection.
  tls_failed = 25,      ///< The TLS handshake failed for a reason other than trust.
  tls_untrusted = 26,   ///< The certificate is not trusted: CA, host name, dates or pin.
  tls_required = 27,    ///< The server offers no TLS where we demand it.
  too_large = 28,       ///< An answer passed its limit.

  // The peer answered, and refused.
  protocol_violation = 40,    ///< The server broke its protocol.
  server_refused = 41,        ///< The server said NO or -ERR to a legal command.
  server_busy = 42,           ///< Temporary refusal, throttling, [UNAVAILABLE], BYE at log-in.
  authentication_failed = 43, ///< The mail server refused the credential.
  no_common_mechanism = 44,   ///< No SASL mechanism that both sides have.

  // The identity provider answered, and refused (identity classes, see jobs/oauth_faults.hpp).
  token_throttled = 60,        ///< The token endpoint asks us to slow down.
  token_unavailable = 61,      ///< The token endpoint is down or answers nonsense.
  client_refused = 62,         ///< Our client credential is refused: one alarm for the provider.
  sign_in_required = 63,       ///< A person must sign in (again).
  consent_required = 64,       ///< A tenant administrator must consent or change a policy.
  account_disabled = 65,       ///< The account is gone or disabled.
  provider_misconfigured = 66, ///< The registration or our configuration is wrong.

  // Storage.
  storage_failed = 80,       ///< A write or sync failed: fatal, its outcome is unknown.
  storage_corrupt = 81,      ///< A record cannot be opened: seal, checksum or form.
  storage_wrong_key = 82,    ///< The key file does not belong to this state folder.
  storage_newer_format = 83, ///< A newer program wrote this state folder.
  storage_locked = 84,       ///< Another process holds the state folder.
  storage_missing = 85,      ///< There is no state folder; `mailfleetd init` makes one.

  internal = 100, ///< A programming error; please report it.
};

/// The stable name of a code, as shown to clients: `invalid_argument`.
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// The code of that name; `errc::internal` for an unknown one.
[[nodiscard]] errc errc_of(std::string_view name) noexcept;

/// Whether trying the same again later can succeed without a person's help.
[[nodiscard]] bool is_temporary(errc code) noexcept;

/// A failed operation. `detail` is one sentence for a person, safe to log: it
/// never holds a secret, a mail's content, or an unescaped control byte.
struct failure {
  errc code = errc::internal;
  std::string detail;
  bool operator==(const failure&) const = default;
};

/// `CODE: DETAIL`.
[[nodiscard]] std::string to_string(const failure& what);

/// A refused field: names the field, the fault of its value, and the cure.
[[nodiscard]] failure bad_field(std::string_view field, std::string_view fault,
                                std::string_view cure);

/// Replaces control bytes and bytes that are not UTF-8, and cuts at `limit`
/// bytes, so that words of a server can be shown and logged.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t limit = 300);

} // namespace mailfleet
