#include "jobs/owed_schedule.hpp"

#include "jobs/limits.hpp"

namespace mailfleet::jobs {

namespace {

bool rests(const std::map<std::uint32_t, wall_time>& until, std::uint32_t number, wall_time now) {
  auto found = until.find(number);
  return found != until.end() && now < found->second;
}

} // namespace

void owed_schedule::refused(std::uint32_t number, wall_time now) {
  refused_until_[number] = now + refused_rest;
}

void owed_schedule::broke(std::uint32_t number, wall_time now) {
  broken_until_[number] = now + broken_rest;
}

void owed_schedule::wake() {
  refused_until_.clear();
  // Which ones break sessions is kept: they come last.
  for (auto& [number, until] : broken_until_)
    until = {};
}

std::deque<std::uint32_t> owed_schedule::due(const std::vector<owed_message>& owed,
                                             wall_time now) const {
  std::deque<std::uint32_t> due;
  std::deque<std::uint32_t> last;
  for (const auto& one : owed) {
    if (rests(refused_until_, one.number, now) || rests(broken_until_, one.number, now))
      continue;
    (broken_until_.contains(one.number) ? last : due).push_back(one.number);
  }
  due.insert(due.end(), last.begin(), last.end());
  return due;
}

} // namespace mailfleet::jobs
