#include "jobs/mailbox_setback.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

setback_context context(unsigned failures = 1, bool renewed = false) {
  return {.auth = mailbox_auth::oauth2,
          .address = "ann@example.com",
          .provider = "office",
          .failures = failures,
          .credential_was_renewed = renewed,
          .now = wall_time{1'000s},
          .fraction = 0.5};
}

session_closed ended(errc code) {
  return {{code, "words"}, false, std::nullopt};
}

} // namespace

TEST_CASE("a token that ended with its session is no trouble", "[mailbox_setback]") {
  session_closed end{{errc::connection_lost, "token"}, true, std::nullopt};
  auto after = after_session(end, context());
  CHECK(after.wait == 0ms);
  CHECK(after.renew_credential);
  CHECK_FALSE(after.trouble);
}

TEST_CASE("a refused token is renewed once before the mailbox is parked", "[mailbox_setback]") {
  auto first = after_session(ended(errc::authentication_failed), context());
  CHECK(first.renew_credential);
  CHECK(first.wait == 0ms);
  auto second = after_session(ended(errc::authentication_failed), context(2, true));
  CHECK(second.state == mailbox_state::parked);
  CHECK(second.wait >= 5min);
  REQUIRE(second.trouble);
  CHECK_FALSE(second.trouble->who.empty());
}

TEST_CASE("a refused password parks the mailbox at once", "[mailbox_setback]") {
  auto with_password = context();
  with_password.auth = mailbox_auth::password;
  CHECK(after_session(ended(errc::authentication_failed), with_password).state
        == mailbox_state::parked);
}

TEST_CASE("trouble of the network backs off, longer each time", "[mailbox_setback]") {
  auto first = after_session(ended(errc::connect_failed), context(1));
  auto tenth = after_session(ended(errc::connect_failed), context(10));
  CHECK(first.state == mailbox_state::backing_off);
  CHECK(first.wait <= 1s);
  CHECK(tenth.wait > first.wait);
  CHECK(tenth.wait <= 15min);
}

TEST_CASE("a server's own wait is obeyed", "[mailbox_setback]") {
  auto end = ended(errc::server_busy);
  end.retry_after = 5min;
  CHECK(after_session(end, context()).wait >= 5min);
}

TEST_CASE("who must act decides the state", "[mailbox_setback]") {
  auto state = [](errc code) { return after_refusal({code, "words"}, context()).state; };
  CHECK(state(errc::sign_in_required) == mailbox_state::needs_sign_in);
  CHECK(state(errc::consent_required) == mailbox_state::parked);
  CHECK(state(errc::client_refused) == mailbox_state::parked);
  CHECK(state(errc::token_throttled) == mailbox_state::backing_off);
  CHECK(state(errc::precondition_failed) == mailbox_state::backing_off);
}
