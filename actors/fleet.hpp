#pragma once

#include "actors/world.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet {

/// Root supervisor: starts the store, the supervisors and control; ends them in
/// good order, from those who ask to the one who stores. These actors hold no
/// state that a restart could mend, so an end of one of them that nobody asked
/// for is fatal.
class fleet_root {
public:
  static inline const char* name = "fleet";

  explicit fleet_root(fleet_actor::pointer self) : self_{self} {}

  void init(world outside, fleet_settings settings, std::string version,
            std::function<void(failure)> on_fatal);

  caf::result<control_answer> pass_on(control_request& request);
  caf::result<fleet_stopped> stop();

private:
  void on_down(const caf::down_msg& down);
  void stop_next();
  template <class Handle>
  void keep(const Handle& handle);
  template <class Supervisor>
  void await(const Supervisor& whom);
  void on_ready();

  fleet_actor::pointer self_;
  std::function<void(failure)> on_fatal_;
  std::shared_ptr<log_port> log_;
  control_actor control_;
  /// In the order in which they end.
  std::vector<caf::actor> members_;
  /// Supervisors that do not know all their children yet, and who asked meanwhile.
  unsigned unready_ = 0;
  std::vector<std::pair<control_request, caf::typed_response_promise<control_answer>>> early_;
  caf::typed_response_promise<fleet_stopped> stopped_;
  bool stopping_ = false;
};

/// @param on_fatal called once, on a thread of the actor system, when the fleet
/// cannot go on.
fleet_actor::behavior_type fleet(fleet_actor::stateful_pointer<fleet_root> self, world outside,
                                 fleet_settings settings, std::string version,
                                 std::function<void(failure)> on_fatal);

} // namespace mailfleet
