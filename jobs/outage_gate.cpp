#include "jobs/outage_gate.hpp"

#include "jobs/retry.hpp"

#include <algorithm>
#include <chrono>

namespace mailfleet::jobs {

using std::chrono::milliseconds;

bool outage_gate::admit(entity_id owner, wall_time now, bool hurry) {
  if (!fault_)
    return true;
  bool is_due = now >= until_ || now < closed_at_ || hurry;
  if (probe_ || !is_due)
    return false;
  probe_ = owner;
  return true;
}

bool outage_gate::close(entity_id owner, const token_fault& fault, wall_time now, double fraction) {
  // What was under way when the gate closed says nothing new.
  if (fault_ && probe_ != owner)
    return true;
  bool says_why = fault.retry_after || !is_temporary(fault.code);
  if (!fault_ && !says_why && ++strikes_ < strikes_of_an_outage)
    return false;
  if (!fault_) {
    since_ = now;
    failures_ = 0;
  }
  fault_ = fault;
  probe_.reset();
  closed_at_ = now;
  auto wait = std::min<milliseconds>(token_wait(fault, ++failures_, fraction), longest_gate_wait);
  until_ = now + std::chrono::ceil<std::chrono::seconds>(wait);
  return true;
}

bool outage_gate::open() {
  bool was_closed = fault_.has_value();
  fault_.reset();
  probe_.reset();
  strikes_ = 0;
  return was_closed;
}

void outage_gate::forget(entity_id owner) {
  if (probe_ == owner)
    probe_.reset();
}

} // namespace mailfleet::jobs
