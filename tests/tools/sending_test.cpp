// `mailbox sending` of the real program, and what `mailbox show` tells of it.

#include "tests/tools/sending_api.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::api_reply;
using mailfleet::testing::api_request;
using mailfleet::testing::holds;
using mailfleet::testing::scripted_api;
using nlohmann::json;

namespace {

api_reply answer(const api_request& request) {
  auto mailbox = testing::sending_mailbox();
  if (request.what == "PUT /mailboxes/ann/sending")
    mailbox["sending"] = request.json();
  return {mailbox};
}

struct fixture : scripted_api {
  fixture() : scripted_api{answer} {}

  /// What the settings were changed to by these options.
  json changed(const std::string& options) const {
    REQUIRE(run("mailbox sending ann " + options).status == 0);
    REQUIRE(requests().back().what == "PUT /mailboxes/ann/sending");
    return requests().back().json();
  }
};

} // namespace

// -- how a mailbox sends ----------------------------------------------------

TEST_CASE_METHOD(fixture, "how a mailbox sends is shown, with what is the service's") {
  for (const auto* command : {"mailbox sending ann", "mailbox show ann"}) {
    CAPTURE(command);
    auto shown = run(command);
    CHECK(shown.status == 0);
    CHECK(holds(shown.out, "  at most once: a person is asked\n"));
    CHECK(holds(shown.out, "  sales@example.org\n"));
    CHECK(holds(shown.out, "  Gesendet\n"));
    CHECK(holds(shown.out, "  20\n"));
    CHECK(holds(shown.out, "  the service's\n"));
  }
  CHECK(requests("PUT").empty());
}

TEST_CASE_METHOD(fixture, "a change of how a mailbox sends keeps what no option names") {
  auto before = testing::sending_mailbox()["sending"];
  auto wanted = before;
  wanted["connections"] = 1;
  wanted["recipients_per_day"] = 0;
  CHECK(changed("--connections 1 --recipients-per-day 0") == wanted);
  wanted = before;
  wanted["in_doubt"] = "at_least_once";
  wanted["sent_folder"] = "";
  CHECK(changed("--in-doubt at-least-once --sent-folder ''") == wanted);
  wanted = before;
  wanted["send_as"] = {"a@example.org", "@example.com"};
  wanted.erase("messages_per_minute");
  CHECK(changed("--send-as a@example.org --send-as @example.com --per-minute default") == wanted);
  CHECK(changed("--no-send-as")["send_as"] == json::array());
  CHECK(changed("--defaults --per-day 100 --recipients-per-message 50")
        == json{{"in_doubt", "at_least_once"},
                {"send_as", json::array()},
                {"sent_folder", ""},
                {"messages_per_day", 100},
                {"recipients_per_message", 50}});
}

TEST_CASE_METHOD(fixture, "a change of how a mailbox sends that makes no sense is refused") {
  for (const auto* wrong : {"--connections few", "--connections -1", "--per-minute 4294967296",
                            "--in-doubt never", "--send-as a@b.example --no-send-as"}) {
    CAPTURE(wrong);
    CHECK(run(std::string{"mailbox sending ann "} + wrong).status == 2);
  }
  CHECK(holds(run("mailbox sending ann --per-day 1k").err,
              "--per-day is no number: 1k; give a number, 0 for no limit, or default"));
  CHECK(requests().empty());
}
