#include "actors/questions.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace mailfleet;
using namespace std::chrono_literals;

namespace {

struct fixture {
  questions open;
  std::vector<std::string> told;
  questions::time_point start{1h};

  questions::answer tell(const std::string& name) {
    return [this, name](const result<control_answer>& how) {
      told.push_back(name + ": " + (how ? "answered" : how.error().detail));
    };
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a question is answered once", "[questions]") {
  auto number = open.add(tell("a"), start);
  REQUIRE(number);
  open.settle(*number, control_answer{status_report{}});
  open.settle(*number, failure{errc::unavailable, "again"});
  open.expire(start + 1s);
  open.settle_for_good({errc::shutting_down, "the end"});
  CHECK(told == std::vector<std::string>{"a: answered"});
}

TEST_CASE_METHOD(fixture, "what was asked too long ago is answered with a failure", "[questions]") {
  REQUIRE(open.add(tell("a"), start));
  REQUIRE(open.add(tell("b"), start + 1s));
  open.expire(start + 1s);
  CHECK(told == std::vector<std::string>{"a: an actor did not answer in time"});
}

TEST_CASE_METHOD(fixture, "at the end all are answered, and what comes behind it", "[questions]") {
  REQUIRE(open.add(tell("a"), start));
  open.settle_for_good({errc::shutting_down, "the end"});
  CHECK_FALSE(open.add(tell("b"), start));
  CHECK(told == std::vector<std::string>{"a: the end", "b: the end"});
}

TEST_CASE_METHOD(fixture, "who throws keeps nobody else from an answer", "[questions]") {
  REQUIRE(open.add([](const auto&) { throw std::runtime_error{"mine"}; }, start));
  REQUIRE(open.add(tell("b"), start));
  open.expire(start + 1s);
  CHECK(told == std::vector<std::string>{"b: an actor did not answer in time"});
}

TEST_CASE_METHOD(fixture, "an answer may ask the next question", "[questions]") {
  std::optional<std::uint64_t> next;
  auto number = open.add([&](const auto&) { next = open.add(tell("b"), start); }, start);
  open.settle(*number, failure{errc::unavailable, "gone"});
  REQUIRE(next);
  open.settle(*next, control_answer{status_report{}});
  CHECK(told == std::vector<std::string>{"b: answered"});
}
