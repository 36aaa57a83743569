// What the outbox takes in, and what it refuses.
#include "tests/actors/outbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

TEST_CASE_METHOD(outbox_fixture, "the same idempotency key gives the same mail", "[outbox]") {
  start();
  auto first = submit(a_submission("reply-7"));
  auto again = submit(a_submission("reply-7"));
  CHECK(again.key == first.key);
  auto third = ask(aut, accept_mail{a_mailbox(), a_submission("reply-7")});
  CHECK(answer<outbox_view>(third).is_repeated);
  CHECK(world.composer->orders.size() == 1);
  CHECK(world.log->count(family::outbox) == 1);
  // Another mailbox's key is another key.
  auto other = a_mailbox(entity_id{0xb2}, "eve@example.com");
  put(other);
  auto what = a_submission("reply-7");
  std::get<outgoing_mail>(what.content).from.address = "eve@example.com";
  CHECK(submit(what, other).key != first.key);
}

TEST_CASE_METHOD(outbox_fixture, "without a server nothing is taken in, and what was is still told",
                 "[outbox]") {
  start();
  auto first = submit(a_submission("reply-7"));
  auto none = ask(aut, accept_mail{a_mailbox(), a_submission("reply-8"), false});
  CHECK(refusal<outbox_view>(none).code == errc::precondition_failed);
  auto again = ask(aut, accept_mail{a_mailbox(), a_submission("reply-7"), false});
  CHECK(answer<outbox_view>(again).record.key == first.key);
}

TEST_CASE_METHOD(outbox_fixture, "the same key given twice at once gives one mail to both",
                 "[outbox]") {
  start();
  world.composer->hold = true;
  auto one = ask(aut, accept_mail{a_mailbox(), a_submission("reply-8")});
  auto two = ask(aut, accept_mail{a_mailbox(), a_submission("reply-8")});
  world.composer->release();
  settle();
  auto first = answer<outbox_view>(one);
  auto second = answer<outbox_view>(two);
  CHECK(first.record.key == second.record.key);
  CHECK_FALSE(first.is_repeated);
  CHECK(second.is_repeated);
  CHECK(world.log->count(family::outbox) == 1);
}

TEST_CASE_METHOD(outbox_fixture, "an idempotency key counts after a restart, and for 30 days",
                 "[outbox]") {
  start();
  auto first = submit(a_submission("reply-9"));
  self->send_exit(aut, caf::exit_reason::kill);
  settle();
  start();
  CHECK(submit(a_submission("reply-9")).key == first.key);
  world.clock->time += std::chrono::hours{30 * 24 + 1};
  // As long as the mail waits its key is its own.
  CHECK(submit(a_submission("reply-9")).key == first.key);
  report(send_session_ready{});
  to_dot();
  report(attempt_ended{taken()});
  CHECK(submit(a_submission("reply-9")).key != first.key);
}

TEST_CASE_METHOD(outbox_fixture, "what cannot be composed, or may not be sent, is refused",
                 "[outbox]") {
  start();
  world.composer->refusals.push_back(bad_field("to", "is empty", "name a recipient"));
  auto refused = ask(aut, accept_mail{a_mailbox(), a_submission()});
  CHECK(refusal<outbox_view>(refused).code == errc::invalid_argument);
  auto foreign = a_submission();
  std::get<outgoing_mail>(foreign.content).from.address = "ceo@example.com";
  auto stranger = ask(aut, accept_mail{a_mailbox(), foreign});
  CHECK(refusal<outbox_view>(stranger).detail.find("ceo@example.com") != std::string::npos);
  CHECK(world.log->count(family::outbox) == 0);
  CHECK(world.log->count(family::bodies) == 0);
  auto allowed = a_mailbox();
  allowed.sending.send_as = {"@example.com"};
  CHECK(submit(foreign, allowed).mail.envelope.sender == "ceo@example.com");
}

TEST_CASE_METHOD(outbox_fixture, "what is known to be too large for the server is refused",
                 "[outbox]") {
  start();
  // Nothing was heard of the server's limit yet: it is found out when the mail is sent.
  submit();
  report(send_session_ready{1});
  to_dot();
  report(attempt_ended{taken()});
  auto refused = ask(aut, accept_mail{a_mailbox(), a_submission()});
  auto why = refusal<outbox_view>(refused);
  CHECK(why.code == errc::too_large);
  CHECK(why.detail.find("its server takes 1;") != std::string::npos);
  CHECK(world.log->count(family::outbox) == 1);
  // Who sends large mail only would never hear of a larger limit.
  live(std::chrono::hours{1});
  CHECK(submit().progress.status == outbox_status::accepted);
}
