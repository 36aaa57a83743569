#include "jobs/outage_gate.hpp"

#include "jobs/retry.hpp"

#include <chrono>

namespace mailfleet::jobs {

bool outage_gate::admit(entity_id owner, wall_time now) {
  if (!fault_)
    return true;
  if (probe_ || now < until_)
    return false;
  probe_ = owner;
  return true;
}

void outage_gate::close(entity_id owner, const token_fault& fault, wall_time now, double fraction) {
  // What was under way when the gate closed says nothing new.
  if (fault_ && probe_ != owner)
    return;
  if (!fault_) {
    since_ = now;
    failures_ = 0;
  }
  fault_ = fault;
  probe_.reset();
  until_ = now + std::chrono::ceil<std::chrono::seconds>(token_wait(fault, ++failures_, fraction));
}

bool outage_gate::open() {
  bool was_closed = fault_.has_value();
  fault_.reset();
  probe_.reset();
  return was_closed;
}

void outage_gate::forget(entity_id owner) {
  if (probe_ == owner)
    probe_.reset();
}

} // namespace mailfleet::jobs
