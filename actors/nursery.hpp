#pragma once

#include "jobs/restart_policy.hpp"
#include "messages/values/control.hpp"
#include "messages/values/ids.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mailfleet {

/// The children of a supervisor: found by id, by name or by address of the
/// actor; what each looks like, and when one that ended is started again.
/// `View` has a `record` with an `id`, and `restarts`.
template <class Handle, class View>
class nursery {
public:
  struct child {
    View view;
    Handle handle;
    jobs::restart_history history;
    /// To be removed: when it ends it is not started again.
    bool leaving = false;
    /// Its actor runs.
    bool alive = false;
  };

  /// Takes a new child; its name must be free.
  child& admit(View view, std::string name) {
    auto id = view.record.id;
    names_.emplace(std::move(name), id);
    return children_.emplace(id, child{std::move(view), {}, {}, false, false}).first->second;
  }

  /// Gives a child its actor, in place of one that ended.
  void employ(child& whose, Handle handle) {
    if (whose.handle)
      actors_.erase(whose.handle.address());
    actors_.emplace(handle.address(), whose.view.record.id);
    whose.handle = std::move(handle);
    whose.alive = true;
  }

  /// By id, or by name.
  [[nodiscard]] child* find(const reference& which) {
    if (auto named = names_.find(which.text); named != names_.end())
      return find(named->second);
    auto id = parse_entity_id(which.text);
    return id ? find(*id) : nullptr;
  }
  [[nodiscard]] child* find(entity_id id) {
    auto found = children_.find(id);
    return found == children_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] child* find(const caf::actor_addr& address) {
    auto found = actors_.find(address);
    return found == actors_.end() ? nullptr : find(found->second);
  }

  /// Takes over what a child says it looks like; its restarts are ours to count.
  void update(View view) {
    if (auto* whose = find(view.record.id)) {
      view.restarts = whose->view.restarts;
      whose->view = std::move(view);
    }
  }

  /// What all children look like, or one; nothing if there is no such child.
  [[nodiscard]] std::optional<std::vector<View>> views(const std::optional<reference>& only) {
    std::vector<View> found;
    if (only) {
      auto* whose = find(*only);
      if (!whose)
        return std::nullopt;
      found.push_back(whose->view);
      return found;
    }
    found.reserve(children_.size());
    for (const auto& [id, whose] : children_)
      found.push_back(whose.view);
    return found;
  }

  /// Notes that the actor at `address` ended; whose it was, if a child's.
  [[nodiscard]] child* note_end(const caf::actor_addr& address) {
    auto* whose = find(address);
    if (whose)
      whose->alive = false;
    return whose;
  }

  /// Counts a restart; how long to wait before it.
  [[nodiscard]] std::chrono::milliseconds restart_wait(child& whose, jobs::steady_time now,
                                                       double fraction) {
    ++whose.view.restarts;
    auto decision = jobs::decide_restart(whose.history, now, fraction);
    whose.history = decision.history;
    return decision.delay;
  }

  /// Forgets a child.
  void dismiss(entity_id id) {
    auto found = children_.find(id);
    if (found == children_.end())
      return;
    if (found->second.handle)
      actors_.erase(found->second.handle.address());
    std::erase_if(names_, [id](const auto& entry) { return entry.second == id; });
    children_.erase(found);
  }

  [[nodiscard]] auto begin() {
    return children_.begin();
  }
  [[nodiscard]] auto end() {
    return children_.end();
  }

private:
  std::unordered_map<entity_id, child> children_;
  std::unordered_map<std::string, entity_id> names_;
  std::unordered_map<caf::actor_addr, entity_id> actors_;
};

} // namespace mailfleet
