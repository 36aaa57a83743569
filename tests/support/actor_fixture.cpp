#include "tests/support/actor_fixture.hpp"

namespace mailfleet::test {

deterministic_config::deterministic_config() {
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
  add_message_types<caf::id_block::mailfleet>();
}

actor_fixture::~actor_fixture() {
  for (auto& x : spawned_)
    self->send_exit(x, caf::exit_reason::kill);
  settle();
  clock().cancel_all();
  settle();
}

} // namespace mailfleet::test
