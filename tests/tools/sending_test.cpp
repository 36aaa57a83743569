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
    CHECK(holds(shown.out, "  3 (as usual for its service)\n"));
    CHECK(holds(shown.out, "  no limit (as usual for its service)\n"));
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

TEST_CASE("what a mailbox's service admits is shown in numbers") {
  scripted_api api{[](const api_request&) {
    auto mailbox = testing::sending_mailbox();
    mailbox["service"] = "microsoft";
    return api_reply{mailbox};
  }};
  auto shown = api.run("mailbox sending ann");
  CHECK(holds(shown.out, "  10000 (as usual for its service)\n"));
  CHECK(holds(shown.out, "per minute              20\n"));
}

TEST_CASE("wherever a mailbox is shown, it is told that it sends nothing") {
  scripted_api api{[](const api_request& request) {
    auto mailbox = testing::sending_mailbox();
    mailbox["sending_trouble"] = {{"code", "smtp.auth_disabled"},
                                  {"what", "SMTP AUTH is switched off."},
                                  {"who", "tenant_admin"},
                                  {"cure", "switch it on"},
                                  {"since", "2026-03-01T12:00:00Z"}};
    if (request.what == "GET /mailboxes")
      return api_reply{{{"mailboxes", json::array({mailbox})}}};
    if (request.what == "GET /mailboxes/ann")
      return api_reply{mailbox};
    return testing::answer_sending(request);
  }};
  for (const auto* command : {"mailbox list", "mailbox show ann", "mailbox explain ann"}) {
    CAPTURE(command);
    auto shown = api.run(command);
    CHECK(shown.status == 0);
    CHECK(holds(shown.out, "  it sends nothing at present\n  what: SMTP AUTH is switched off. "
                           "(smtp.auth_disabled)\n"));
  }
  CHECK(holds(api.run("mailbox explain ann").out, "nothing troubles its arrivals\n"));
}

// -- where its servers are --------------------------------------------------

TEST_CASE("the servers of a mailbox that are named are changed, and no others") {
  scripted_api api{[](const api_request&) { return api_reply{testing::sending_mailbox()}; }};
  REQUIRE(api.run("mailbox servers ann --smtp smtp.example.net").status == 0);
  CHECK(api.requests().back().what == "PUT /mailboxes/ann/servers");
  CHECK(api.requests().back().json()
        == json{{"smtp", {{"host", "smtp.example.net"}, {"port", 465}, {"tls", "implicit"}}}});
  REQUIRE(api.run("mailbox servers ann --imap-host imap2.example.net --proxy direct").status == 0);
  CHECK(api.requests().back().json()["imap"]
        == json{{"host", "imap2.example.net"}, {"port", 993}, {"proxy", {{"url", "direct"}}}});
  auto asked = api.requests().size();
  CHECK(holds(api.run("mailbox servers ann").err, "--smtp is missing, and so are --imap-host"));
  CHECK(holds(api.run("mailbox servers ann --imap-port 143").err, "--imap-host is missing"));
  CHECK(api.run("mailbox servers ann --smtp-tls starttls").status == 2);
  CHECK(
      holds(api.run("mailbox servers ann --smtp h --proxy direct").err, "--imap-host is missing"));
  CHECK(api.requests().size() == asked);
}

TEST_CASE("a mailbox is removed with mail that is not sent only where that is said") {
  scripted_api api{[](const api_request& request) {
    if (request.what.ends_with("?discard_mail=true"))
      return api_reply{json::object()};
    return testing::refusal_of("in_use", "1 mail of the mailbox is not sent yet: wait");
  }};
  auto kept = api.run("mailbox remove ann");
  CHECK(kept.status == 1);
  CHECK(holds(kept.err, "is not sent yet"));
  CHECK(api.run("mailbox remove ann --discard-mail").out == "removed ann\n");
}
