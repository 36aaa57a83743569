#include "jobs/retry.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

constexpr double almost_one = 0.999999999;

} // namespace

TEST_CASE("temporary trouble waits anywhere up to a doubling limit", "[retry]") {
  CHECK(temporary_wait(1, 0.5) == 500ms);
  CHECK(temporary_wait(2, 0.5) == 1s);
  CHECK(temporary_wait(10, 0.5) == 256s);
  CHECK(temporary_wait(11, 0.5) == 450s);
  CHECK(temporary_wait(1, 0) == retry_wait_min);
  CHECK(temporary_wait(1, almost_one) <= retry_wait_first);
  CHECK(temporary_wait(std::numeric_limits<unsigned>::max(), almost_one) <= retry_wait_max);
  CHECK(temporary_wait(0, 0.5) == 500ms);
}

TEST_CASE("a refused credential waits five minutes at least, doubling", "[retry]") {
  CHECK(refused_wait(1, 0) == 5min);
  CHECK(refused_wait(1, almost_one) < 5min + 75s);
  CHECK(refused_wait(2, 0) == 10min);
  CHECK(refused_wait(7, 0) == 320min);
  CHECK(refused_wait(8, 0) == refused_wait_max);
  CHECK(refused_wait(std::numeric_limits<unsigned>::max(), 0) == refused_wait_max);
}

TEST_CASE("a server's wait is kept, with up to a fifth more", "[retry]") {
  CHECK(server_wait(92'415ms, 0) == 92'415ms);
  CHECK(server_wait(100s, 0.5) == 110s);
  CHECK(server_wait(100s, almost_one) <= 120s);
  CHECK(server_wait(server_wait_max, 0) == server_wait_max);
  CHECK(server_wait(server_wait_max + 1ms, 0) == server_wait_max);
  CHECK(server_wait(-5s, almost_one) == 0ms);
}

TEST_CASE("a session's end is retried by its reason", "[retry]") {
  CHECK(connection_wait(errc::connection_lost, 1, std::nullopt, 0.5) == 500ms);
  CHECK(connection_wait(errc::authentication_failed, 1, std::nullopt, 0) == 5min);
  CHECK(connection_wait(errc::tls_untrusted, 1, std::nullopt, 0) == 5min);
  CHECK(connection_wait(errc::server_busy, 1, 60s, 0) == 60s);
  CHECK(connection_wait(errc::server_busy, 20, 1s, 0.5) == 450s);
}

TEST_CASE("a token fault's own wait is the least", "[retry]") {
  token_fault fault;
  fault.code = errc::token_throttled;
  CHECK(token_wait(fault, 1, 0.5) == 500ms);
  fault.retry_after = 60s;
  CHECK(token_wait(fault, 1, 0) == 60s);
  CHECK(token_wait(fault, 1, almost_one) <= 72s);
}
