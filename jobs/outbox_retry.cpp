#include "jobs/outbox_retry.hpp"

#include "jobs/retry.hpp"

#include <algorithm>

namespace mailfleet::jobs {

using std::chrono::seconds;

seconds send_wait(unsigned failures, bool slowly, std::optional<std::chrono::milliseconds> asked,
                  double fraction) {
  auto most = slowly ? slow_send_wait_first : send_wait_first;
  for (; failures > 1 && most < send_wait_max; --failures)
    most *= 2;
  most = std::min(most, send_wait_max);
  auto ours =
      most / 2
      + seconds{static_cast<seconds::rep>(static_cast<double>((most / 2).count()) * fraction)};
  return asked ? std::max(ours, std::chrono::ceil<seconds>(server_wait(*asked, fraction))) : ours;
}

bool is_given_up(wall_time put_off_since, wall_time next_try) {
  return next_try - put_off_since > send_give_up;
}

std::string destination_of(std::string_view address) {
  std::string domain{address.substr(address.rfind('@') + 1)};
  for (auto& c : domain)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return domain;
}

void resting_destinations::failed(std::string_view destination, bool slowly,
                                  std::optional<std::chrono::milliseconds> asked, wall_time now,
                                  double fraction) {
  auto& entry = resting_[std::string{destination}];
  // Mails that were under way together fail together: that is one failure.
  if (entry.failures == 0 || entry.until <= now)
    ++entry.failures;
  entry.until = std::max(entry.until, now + send_wait(entry.failures, slowly, asked, fraction));
  if (resting_.size() <= max_resting_destinations)
    return;
  resting_.erase(std::min_element(resting_.begin(), resting_.end(), [](auto& a, auto& b) {
    return a.second.until < b.second.until;
  }));
}

void resting_destinations::succeeded(std::string_view destination) {
  if (auto found = resting_.find(destination); found != resting_.end())
    resting_.erase(found);
}

std::optional<wall_time> resting_destinations::until(std::string_view destination,
                                                     wall_time now) const {
  auto found = resting_.find(destination);
  if (found == resting_.end() || found->second.until <= now)
    return std::nullopt;
  return found->second.until;
}

} // namespace mailfleet::jobs
