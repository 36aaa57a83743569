#pragma once

#include "messages/values/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a person sees of providers, mailboxes and mail: records without their secrets,
/// with their live state and what is wrong with them.
namespace mailfleet {

// -- states a person sees ---------------------------------------------------

enum class provider_state : std::uint8_t {
  ready = 1,
  secret_expiring = 2,
  secret_expired = 3,
  outage = 4,
  misconfigured = 5,
  restarting = 6,
};

enum class mailbox_state : std::uint8_t {
  needs_sign_in = 1,
  connecting = 2,
  syncing = 3,
  watching = 4,
  backing_off = 5,
  paused = 6,
  parked = 7,
};

[[nodiscard]] std::string_view to_string(provider_state state) noexcept;
[[nodiscard]] std::string_view to_string(mailbox_state state) noexcept;

/// Why something is not as it should be: what happened, who must act, and how.
struct diagnosis {
  /// Stable: `token.invalid_grant`, `imap.authentication_failed`, ...
  std::string code;
  std::string what;
  /// `operator`, `mailbox_owner`, `tenant_admin`, `provider`, `nobody`.
  std::string who;
  /// The exact command or place.
  std::string cure;
  /// The server's words, made printable, and ids it gave.
  std::string evidence;
  wall_time since{};
  /// When it is tried again without anyone's help; none: it is not.
  std::optional<wall_time> retry_at;
  bool operator==(const diagnosis&) const = default;
};

// -- views: records without their secrets, with live state ------------------

/// What a client secret is good for.
enum class secret_state : std::uint8_t {
  in_use = 1,
  standby = 2, ///< Good; used when the one in use is not.
  expired = 3,
  refused = 4, ///< By the identity provider.
};

[[nodiscard]] std::string_view to_string(secret_state state) noexcept;

struct secret_view {
  std::uint32_t number = 0;
  /// The first three characters, as Microsoft's portal shows them; empty for a
  /// certificate and for a short secret.
  std::string hint;
  /// The earlier of the two below.
  std::optional<wall_time> expires_at;
  wall_time added_at{};
  std::string added_by;
  secret_state state = secret_state::standby;
  /// As a person or the certificate says; as the directory lists it.
  std::optional<wall_time> given_expires_at = std::nullopt;
  std::optional<wall_time> listed_expires_at = std::nullopt;
  /// The two are days apart: one of them is wrong.
  bool expiries_differ = false;
  /// When the identity provider refused it, while that counts; none: it did not, or that is
  /// long ago, or the daemon was started since.
  std::optional<wall_time> refused_at = std::nullopt;
};

/// The last look into the identity provider's directory, for when the secrets end.
struct expiry_look {
  wall_time at{};
  /// None: the directory told.
  std::optional<diagnosis> trouble;
};

struct provider_view {
  /// `secrets` and every password in it are empty.
  provider_record record;
  std::vector<secret_view> secrets;
  provider_state state = provider_state::ready;
  std::optional<diagnosis> trouble;
  std::uint64_t mailboxes = 0;
  /// Since the actor started.
  std::uint64_t refreshes = 0;
  std::uint64_t restarts = 0;
  /// None: there was no look since the actor started.
  std::optional<expiry_look> last_expiry_look;
};

struct mailbox_view {
  /// Passwords in it are empty.
  mailbox_record record;
  std::string provider_name;
  /// The provider's row of the preset table; empty: it has none, or that is not read yet.
  std::string service;
  mailbox_state state = mailbox_state::connecting;
  std::optional<diagnosis> trouble;
  /// Why it sends nothing at present; where mailboxes are shown by control.
  std::optional<diagnosis> sending_trouble;
  /// Of the INBOX cursor.
  std::uint32_t validity = 0;
  std::uint32_t high_water = 0;
  std::uint64_t owed = 0;
  /// Since the actor started.
  std::uint64_t fetched = 0;
  std::uint64_t fetched_bytes = 0;
  std::uint64_t restarts = 0;
  std::optional<wall_time> last_arrival;
};

struct message_view {
  message_record record;
};

} // namespace mailfleet
