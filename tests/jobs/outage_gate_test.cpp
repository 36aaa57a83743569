#include "jobs/outage_gate.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'800'000'000s};
const entity_id ann{1}, bob{2}, cid{3};

token_fault outage() {
  token_fault fault;
  fault.code = errc::token_unavailable;
  fault.diagnosis = "token.outage";
  fault.retry_after = 60s;
  fault.provider_wide = true;
  return fault;
}

} // namespace

TEST_CASE("an open gate lets everybody ask", "[outage_gate]") {
  outage_gate gate;
  CHECK(gate.admit(ann, now));
  CHECK(gate.admit(bob, now));
  CHECK_FALSE(gate.is_closed());
  CHECK_FALSE(gate.open());
}

TEST_CASE("a closed gate lets one ask for all after the wait", "[outage_gate]") {
  outage_gate gate;
  gate.close(ann, outage(), now, 0);
  CHECK(gate.since() == now);
  CHECK(gate.until() == now + 60s);
  CHECK_FALSE(gate.admit(ann, now + 59s));
  CHECK(gate.admit(bob, now + 60s));
  CHECK_FALSE(gate.admit(cid, now + 60s));
  CHECK(gate.open());
  CHECK(gate.admit(cid, now + 60s));
}

TEST_CASE("only the probe prolongs the wait, and the outage keeps its beginning", "[outage_gate]") {
  outage_gate gate;
  gate.close(ann, outage(), now, 0);
  // Was under way already.
  gate.close(bob, outage(), now + 10s, 0);
  CHECK(gate.until() == now + 60s);
  REQUIRE(gate.admit(cid, now + 60s));
  gate.close(cid, outage(), now + 70s, 0);
  CHECK(gate.until() == now + 130s);
  CHECK(gate.since() == now);
}

TEST_CASE("one lost connection is no outage, two in a row are", "[outage_gate]") {
  auto lost = outage();
  lost.retry_after.reset();
  outage_gate gate;
  CHECK_FALSE(gate.close(ann, lost, now, 0));
  CHECK(gate.admit(bob, now));
  gate.open();
  CHECK_FALSE(gate.close(ann, lost, now, 0));
  CHECK(gate.close(bob, lost, now, 0));
  CHECK(gate.is_closed());
}

TEST_CASE("a person need not wait, and a clock that was set back ends the wait", "[outage_gate]") {
  outage_gate gate;
  REQUIRE(gate.close(ann, outage(), now, 0));
  CHECK_FALSE(gate.admit(bob, now + 1s));
  CHECK(gate.admit(bob, now + 1s, true));
  gate.close(bob, outage(), now + 1s, 0);
  CHECK(gate.admit(ann, now - 24h));
}

TEST_CASE("no wait for a cause elsewhere is longer than 75 minutes", "[outage_gate]") {
  auto refused = outage();
  refused.code = errc::client_refused;
  refused.retry_after = 1h;
  outage_gate gate;
  auto at = now;
  for (int round = 0; round < 9; ++round) {
    REQUIRE(gate.admit(ann, at));
    gate.close(ann, refused, at, 0.99);
    CHECK(gate.until() <= at + 75min);
    at = gate.until();
  }
}

TEST_CASE("a probe whose mailbox goes gives way to another", "[outage_gate]") {
  outage_gate gate;
  gate.close(ann, outage(), now, 0);
  REQUIRE(gate.admit(bob, now + 60s));
  gate.forget(cid);
  CHECK_FALSE(gate.admit(ann, now + 61s));
  gate.forget(bob);
  CHECK(gate.admit(ann, now + 61s));
}
