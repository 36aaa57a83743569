#include "jobs/diagnosis.hpp"
#include "jobs/oauth_faults.hpp"
#include "protocols/oauth2/responses.hpp"
#include "tests/jobs/recorded_answers.hpp"

#include <catch2/catch.hpp>

// Goal: from the bytes of a token endpoint's answer to the words shown.
// Method: recorded bodies go through the parser, the classification and the table.

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::testing;

namespace {

diagnosis shown_for(const recorded_answer& answer) {
  token_failure what;
  what.status = answer.status;
  what.error = oauth2::parse_token_error(answer.body);
  what.failures_before = answer.failures_before;
  return diagnose(classify(what).as_failure(), {"box@example.com", "office"}, wall_time{},
                  std::nullopt);
}

} // namespace

TEST_CASE("every recorded answer is shown as its diagnosis", "[recorded]") {
  for (const auto& answer : recorded_answers()) {
    INFO(answer.body);
    auto shown = shown_for(answer);
    CHECK(shown.code == answer.diagnosis);
    CHECK(shown.evidence.starts_with("HTTP " + std::to_string(answer.status)));
    CHECK(shown.cure.find('{') == std::string::npos);
  }
}

TEST_CASE("every AADSTS code is shown as its diagnosis", "[recorded]") {
  std::size_t count = 0;
  for (const auto& [diagnosis, error, codes] : recorded_aadsts()) {
    for (auto code : codes) {
      INFO(code);
      auto shown = shown_for({400, microsoft_answer(error, code), diagnosis});
      CHECK(shown.code == diagnosis);
      CHECK(shown.evidence.find("AADSTS" + std::to_string(code)) != std::string::npos);
      ++count;
    }
  }
  CHECK(aadsts_table().size() == count);
}

TEST_CASE("a recorded answer is told with the command to enter", "[recorded]") {
  auto shown = shown_for(recorded_answers().front());
  CHECK(shown.what == "The refresh token was not used for 90 days.");
  CHECK(shown.who == "mailbox_owner");
  CHECK(shown.cure == "mailfleet mailbox sign-in box@example.com");
  CHECK(shown.evidence
        == "HTTP 400 invalid_grant suberror bad_token AADSTS700082 correlation_id c trace_id t "
           "timestamp 2020-07-06 22:31:52Z");
}
