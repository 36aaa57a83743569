#pragma once

#include "jobs/oauth_faults.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/control.hpp"
#include "messages/values/oauth2.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// When client secrets end, as the identity provider's directory lists it (Microsoft
/// Graph's `applications`): which entry is which secret, what follows for the record,
/// and when the directory is asked again.
namespace mailfleet::jobs {

/// Why the directory of this provider cannot be asked; none: it can. `where` is what
/// is known once its addresses were found.
[[nodiscard]] std::optional<failure> expiry_obstacle(const provider_record& provider,
                                                     const resolved_provider& where);

// -- what is listed ---------------------------------------------------------

/// The digests by which a directory may name the certificate of that number.
using certificate_prints = std::map<std::uint32_t, std::vector<std::string>>;

/// How a secret of ours stands in the listing.
enum class listed : std::uint8_t {
  once = 1,
  never = 2,
  several = 3, ///< More than one entry may be it, or it is one of several that an entry may be.
};

struct listed_secret {
  std::uint32_t number = 0;
  listed how = listed::never;
  /// Of `once`, if it is said.
  std::optional<wall_time> ends_at;
  bool operator==(const listed_secret&) const = default;
};

/// Finds each secret in the listing, in the order of `provider.secrets`: a secret by its
/// first characters (`hint`), a certificate by its digest.
[[nodiscard]] std::vector<listed_secret> find_listed(const provider_record& provider,
                                                     const certificate_prints& prints,
                                                     std::span<const app_credential> listing);

/// `provider` with the ends of the secrets that are listed once; none: it has them all.
/// An end that was read before stays where none is told now. Warnings that were given for
/// an end that is no longer the one count for nothing.
[[nodiscard]] std::optional<provider_record> with_listed(provider_record provider,
                                                         std::span<const listed_secret> found);

/// Whether the end that was given and the one that is listed cannot be the same day.
[[nodiscard]] bool expiries_differ(const client_secret& which);

// -- when it cannot be read -------------------------------------------------

/// Why a look told nothing.
struct expiry_fault {
  errc code = errc::token_unavailable;
  /// A code of the table in jobs/diagnosis.hpp.
  std::string_view diagnosis;
  /// Printable and bounded.
  std::string evidence;
  /// The least wait that the server asked for.
  std::optional<std::chrono::seconds> retry_after;
  /// Only a person can change it.
  bool needs_person = false;
};

/// What an answer of the directory means that is not 200. `words` are its own.
[[nodiscard]] expiry_fault directory_refusal(int status, std::string words,
                                             std::optional<std::chrono::seconds> retry_after);

/// The directory gave no answer, or none that can be read.
[[nodiscard]] expiry_fault no_listing(const failure& why);

/// There was no token for the directory.
[[nodiscard]] expiry_fault no_directory_token(const token_fault& why);

/// What is told to a person who asked: what happened, and the cure.
[[nodiscard]] failure as_failure(const expiry_fault& what, std::string_view provider);

/// When the directory is asked again: daily; weekly where a person must act first; sooner
/// after passing trouble, `failures` in a row with this one. `fraction` is random, in [0, 1).
[[nodiscard]] std::chrono::seconds expiry_wait(const std::optional<expiry_fault>& ended,
                                               unsigned failures, double fraction);

/// When it is asked first after a start.
[[nodiscard]] std::chrono::seconds first_expiry_wait(double fraction);

} // namespace mailfleet::jobs
