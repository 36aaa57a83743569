#pragma once

#include "jobs/diagnosis.hpp"
#include "jobs/not_connected.hpp"
#include "messages/values/server_probe.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `mailfleet doctor` looks at over the network, and what it says of what was seen.
namespace mailfleet::jobs {

/// One server to look at, and then what was seen.
struct server_look {
  /// `server.host` is empty where none is known.
  server_probe what;
  /// Why no log-in is tried where one could be; empty: one is, or none belongs to the look.
  std::string no_log_in;
  /// How to come by the scope that a log-in lacks.
  std::string scope_cure;
  std::optional<probe_report> seen;
};

/// The servers of a provider: no log-in is tried.
[[nodiscard]] std::vector<server_look> servers_of(const provider_record& provider);

/// How the doctor got a mailbox's credential; `credential` is empty if it got none.
struct log_in_means {
  secret credential;
  /// The scopes that were granted; empty: unknown.
  std::string scope;
  /// Why there is no credential.
  std::optional<failure> trouble;
};

/// The servers of a mailbox, with a log-in at its POP3 and SMTP servers.
[[nodiscard]] std::vector<server_look>
servers_of(const mailbox_record& mailbox, const provider_record* provider, log_in_means means);

/// CA file (where it cannot be used), DNS, proxy, connection, TLS, log-in: a finding each, up to
/// the one that failed.
[[nodiscard]] std::vector<finding> findings_of(const server_look& look,
                                               const diagnosis_subject& about, wall_time now);

/// Whether the server of this kind takes the credential, by a mailbox's looks. Unknown too
/// where it refused for a reason that says nothing of the credential: the protocol is switched
/// off, a policy forbids it, or the server could not check it.
[[nodiscard]] answer taken_by(server_kind kind, const std::vector<server_look>& looks);

/// Whether a log-in was not tried for want of a scope.
[[nodiscard]] bool lack_scopes(const std::vector<server_look>& looks);

/// The finding that takes the place of `imap.not_connected`: the likely cause, with the
/// facts that speak for it.
[[nodiscard]] finding narrowed(const not_connected_facts& facts, const diagnosis_subject& about);

} // namespace mailfleet::jobs
