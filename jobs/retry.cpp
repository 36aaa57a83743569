#include "jobs/retry.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

using std::chrono::milliseconds;

milliseconds part_of(milliseconds whole, double fraction) {
  return milliseconds{
      static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * fraction)};
}

milliseconds doubled(milliseconds first, milliseconds most, unsigned failures) {
  auto wait = first;
  for (; failures > 1 && wait < most; --failures)
    wait *= 2;
  return std::min(wait, most);
}

} // namespace

milliseconds temporary_wait(unsigned failures, double fraction) {
  auto most = doubled(retry_wait_first, retry_wait_max, failures);
  return std::max(part_of(most, fraction), retry_wait_min);
}

milliseconds refused_wait(unsigned refusals, double fraction) {
  auto wait = doubled(refused_wait_first, refused_wait_max, refusals);
  return wait + part_of(wait / 4, fraction);
}

milliseconds server_wait(milliseconds asked, double fraction) {
  auto wait = std::clamp(asked, milliseconds{0}, server_wait_max);
  return wait + part_of(wait / 5, fraction);
}

milliseconds connection_wait(errc reason, unsigned failures, std::optional<milliseconds> asked,
                             double fraction) {
  auto ours =
      is_temporary(reason) ? temporary_wait(failures, fraction) : refused_wait(failures, fraction);
  return asked ? std::max(ours, server_wait(*asked, fraction)) : ours;
}

milliseconds token_wait(const token_fault& fault, unsigned failures, double fraction) {
  return connection_wait(fault.code, failures, fault.retry_after, fraction);
}

} // namespace mailfleet::jobs
