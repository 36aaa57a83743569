#include "tests/actors/provider_fixture.hpp"

namespace mailfleet::test {

providers_actor provider_fixture::start(provider_record who, fleet_settings settings) {
  world.log->records.emplace(key_of(who), who);
  settings.sign_in_origin = "http://localhost:8025";
  auto aut = spawn(
      providers,
      provider_surroundings{world.ports(), settings, spawn(store, world.log, world.journal), {}});
  settle();
  return aut;
}

sign_in_opened provider_fixture::visit(const providers_actor& aut, const mailbox_record& who) {
  auto begun = ask(aut, begin_mailbox_sign_in{who});
  auto start_url = answer<sign_in_started>(begun).start_url;
  auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
  return answer<sign_in_opened>(opened);
}

} // namespace mailfleet::test
