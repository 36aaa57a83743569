#include "tests/actors/outbox_fixture.hpp"

namespace mailfleet::test {

void outbox_fixture::start() {
  aut = spawn(outbox, outbox_surroundings{world.ports(),
                                          {},
                                          spawn(store, world.log, world.journal),
                                          spawn(scripted_providers, play),
                                          index});
  settle();
}

outbox_record outbox_fixture::submit(submit_mail what, mailbox_record who) {
  auto response = ask(aut, accept_mail{std::move(who), std::move(what)});
  return answer<outbox_view>(response).record;
}

outbox_record outbox_fixture::send_whole(submit_mail what) {
  auto mail = submit(std::move(what));
  report(send_session_ready{});
  to_dot();
  report(attempt_ended{taken()});
  return mail;
}

outbox_figures outbox_fixture::figures(std::optional<entity_id> only) {
  auto response = ask(aut, report_outbox{only});
  return answer<outbox_figures>(response);
}

outbox_fixture::outbox_fixture() {
  world.clock->time = wall_time{std::chrono::seconds{1'800'000'000}};
  put(a_mailbox());
  auto cloud = a_provider();
  cloud.smtp.host = "smtp.example.com";
  cloud.smtp.port = 587;
  put(cloud);
}

} // namespace mailfleet::test
