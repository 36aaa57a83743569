#include "jobs/pace.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const steady_time start{1'000s};

} // namespace

TEST_CASE("a rate may be used up at once", "[pace]") {
  pace three{3};
  for (int count = 0; count < 3; ++count) {
    CHECK(three.wait(start) == 0ms);
    three.take(start);
  }
  CHECK(three.wait(start) == 1s);
  CHECK(three.wait(start + 400ms) == 600ms);
  CHECK(three.wait(start + 1s) == 0ms);
}

TEST_CASE("no second sees more than the rate, wherever it begins", "[pace]") {
  pace three{3};
  std::vector<steady_time> begun;
  for (auto now = start; now < start + 10s; now += 70ms)
    if (three.wait(now) == 0ms) {
      three.take(now);
      begun.push_back(now);
    }
  CHECK(begun.size() > 25);
  for (std::size_t first = 0; first + 3 < begun.size(); ++first)
    CHECK(begun[first + 3] - begun[first] >= 1s);
}
