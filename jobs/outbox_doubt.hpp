#pragma once

#include "jobs/sending_limits.hpp"
#include "messages/values/outgoing.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// What became of a mail whose final dot was sent and not answered.
namespace mailfleet::jobs {

/// What is known of one mailbox in whose Sent folder a copy may be.
struct sent_search {
  /// It has an IMAP server, and its Sent folder is known.
  bool possible = true;
  /// Searches for our own id that the server answered to the end, without a hit.
  unsigned complete = 0;
  /// When the last of them began.
  std::optional<wall_time> last_complete;
  bool found = false;
};

/// When Sent is looked at, and how long it is waited for: jobs/sending_limits.hpp says why.
struct doubt_times {
  std::array<std::chrono::seconds, 3> search_at{doubt_search_at[0], doubt_search_at[1],
                                                doubt_search_at[2]};
  std::chrono::seconds search_every = doubt_search_every;
  std::chrono::seconds least_age = doubt_least_age;
  std::chrono::seconds patience = doubt_patience;
};

struct doubt_facts {
  /// When the dot was about to go.
  wall_time dot_sent_at{};
  wall_time now{};
  /// Since when it is looked for: not while the program was down.
  wall_time looking_since{};
  /// The mailbox's, and that of the account whose token was used where it is another:
  /// servers save the copy in either.
  std::vector<sent_search> searches;
  /// Whether the server is known to keep a copy of what it takes (Exchange and Google do;
  /// any, once a sent mail was found there). If not, a search that finds nothing proves
  /// nothing.
  bool keeps_copies = false;
  doubt_policy policy = doubt_policy::at_least_once;
  doubt_times times = {};
};

struct doubt_decision {
  enum class act : std::uint8_t {
    was_sent = 1,
    send_again = 2,
    search = 3, ///< Now, in every mailbox where it is possible.
    wait = 4,   ///< Until `look_again`.
    ask = 5,    ///< The operator.
  };
  act what = act::wait;
  /// For `wait` and `search`: when to decide again.
  wall_time look_again{};
  /// One sentence for a person.
  std::string_view why;
  /// The mail may go out twice: for `send_again` without proof.
  bool may_double = false;
};

/// What to do about it now. "Not there" counts only after `doubt_least_age` and
/// `doubt_searches` complete searches of every mailbox, the last of them begun after that
/// age; then it is sent again, with the same Message-ID. Where no search can tell, the
/// policy decides.
[[nodiscard]] doubt_decision decide_doubt(const doubt_facts& facts);

/// The mailboxes to search: the one that sends, and the token's owner where it is another.
/// Addresses are compared without the case of ASCII letters.
[[nodiscard]] std::vector<std::string_view> mailboxes_to_search(std::string_view log_in_user,
                                                                std::string_view token_owner);

/// Whether an attempt whose outcome was never known did not name all whom the attempt in doubt
/// named: what proves that some attempt was taken does not prove that this one was.
[[nodiscard]] bool had_other_doubt(const outbox_progress& mail);

/// Whether Sent may hold a copy of another attempt that did not name all whom the attempt in doubt
/// named: then a copy that is found there does not tell that this attempt reached them.
[[nodiscard]] bool has_another_copy(const outbox_progress& mail);

/// A doubt ends by a decision, without knowledge: notes whom the attempt named.
void note_unknown_outcome(outbox_progress& mail);

} // namespace mailfleet::jobs
