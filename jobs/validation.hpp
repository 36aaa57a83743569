#pragma once

#include "jobs/fields.hpp"
#include "messages/values/control.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <string>
#include <vector>

/// What is refused before anything is written. Each failure names the field, its
/// fault and the cure, and never the value of a secret.
namespace mailfleet::jobs {

/// Checks every field of a provider that a person gives.
[[nodiscard]] result<void> validate(const provider_record& wanted, wall_time now);

/// Checks one more client secret of a provider. That a key fits its certificate is
/// seen when they are loaded (protocols/oauth2/client_assertion.hpp).
[[nodiscard]] result<void> validate_secret(const client_secret& added,
                                           const provider_record& provider, wall_time now);

/// Checks every field of a mailbox that a person gives. `provider` is the one
/// named, null if none was.
[[nodiscard]] result<void> validate(const add_mailbox& wanted, const provider_record* provider,
                                    wall_time now);

/// The mailbox with these servers in place of its own.
[[nodiscard]] mailbox_record with_servers(mailbox_record who, server_change wanted);

/// Checks the servers of a mailbox. `provider` is its own, null if it has none.
[[nodiscard]] result<void> validate_servers(const mailbox_record& who,
                                            const provider_record* provider);

/// Checks that a mailbox whose servers change is fetched where it was: messages are known by their
/// numbers, which two servers may both give (RFC 9051 2.3.1.1).
[[nodiscard]] result<void> check_same_store(const mailbox_record& before,
                                            const mailbox_record& after,
                                            const provider_record* provider);

/// A CA file that a person names, and the field that does.
struct named_ca_file {
  std::string field;
  std::string path;
  bool operator==(const named_ca_file&) const = default;
};

/// The CA files that a provider or mailbox names, each to be read before it is added.
[[nodiscard]] std::vector<named_ca_file> ca_files_of(const provider_record& wanted);
[[nodiscard]] std::vector<named_ca_file> ca_files_of(const mailbox_record& wanted);

/// `found`, which says why a `ca_file` cannot be used, of the field that names it.
[[nodiscard]] failure ca_file_fault(const named_ca_file& named, const failure& found);

/// Checks the server whose certificate is wanted: a host, and what a mailbox's
/// server may have.
[[nodiscard]] result<void> validate(const show_certificate& wanted);

} // namespace mailfleet::jobs
