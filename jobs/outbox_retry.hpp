#pragma once

#include "jobs/sending_limits.hpp"
#include "messages/values/records.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// When mail that was put off is tried again. `failures` counts the failures in a row, this
/// one included, so it begins at 1. `fraction` is random, in [0, 1).
namespace mailfleet::jobs {

/// Between half and all of `send_wait_first`, doubled with each failure up to `send_wait_max`;
/// if `slowly`, from `slow_send_wait_first` on. What the server asked for counts where it is
/// longer, cut at `server_wait_max`.
[[nodiscard]] std::chrono::seconds send_wait(unsigned failures, bool slowly,
                                             std::optional<std::chrono::milliseconds> asked,
                                             double fraction);

/// Whether a mail put off since then is given up, rather than tried again at `next_try`.
[[nodiscard]] bool is_given_up(wall_time put_off_since, wall_time next_try);

/// Where mail for an address goes, as far as its failures are alike: its domain, in lower
/// case.
[[nodiscard]] std::string destination_of(std::string_view address);

/// Which destinations rest, so that mail for a domain in trouble does not try it over and
/// over, each mail by itself. In memory only: after a restart each is tried once.
class resting_destinations {
public:
  /// It failed: nothing goes there for a while, longer each time.
  void failed(std::string_view destination, bool slowly,
              std::optional<std::chrono::milliseconds> asked, wall_time now, double fraction);

  /// It took mail.
  void succeeded(std::string_view destination);

  /// Until when it rests; none: it does not.
  [[nodiscard]] std::optional<wall_time> until(std::string_view destination, wall_time now) const;

  [[nodiscard]] std::size_t size() const noexcept {
    return resting_.size();
  }

private:
  struct rest {
    unsigned failures = 0;
    wall_time until{};
  };

  std::map<std::string, rest, std::less<>> resting_;
};

} // namespace mailfleet::jobs
