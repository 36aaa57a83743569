// `outbox` of the real program, and what `status` tells of it.

#include "tests/tools/sending_api.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::api_reply;
using mailfleet::testing::api_request;
using mailfleet::testing::holds;
using mailfleet::testing::outgoing;
using mailfleet::testing::refusal_of;
using mailfleet::testing::scripted_api;
using nlohmann::json;

namespace {

const auto key = std::string{testing::outgoing_key};

json trouble() {
  return {{"code", "smtp.auth_disabled"},
          {"what", "SMTP AUTH is switched off for the tenant or the mailbox."},
          {"who", "tenant_admin"},
          {"cure", "switch it on"},
          {"evidence", "535 5.7.139"},
          {"since", "2026-03-01T12:00:00Z"},
          {"retry_at", nullptr}};
}

/// A mail with one recipient that was refused and one that waits.
json half_refused() {
  auto mail = outgoing("deferred");
  mail["recipients"] = json::array(
      {{{"address", "bob@example.net"}, {"status", "waiting"}, {"said", nullptr}},
       {{"address", "cy@example.net"},
        {"status", "refused"},
        {"said", {{"code", 550}, {"enhanced", "5.1.1"}, {"words", "no \x1b[2J such user"}}}}});
  mail["reason"] = "smtp.recipient_refused";
  mail["said"] = "451 4.7.1 later";
  mail["trouble"] = trouble();
  return mail;
}

api_reply answer(const api_request& request) {
  if (request.what == "GET /outbox/" + key)
    return {half_refused()};
  if (request.what == "POST /outbox/" + key + "/retry")
    return {outgoing("accepted")};
  if (request.what == "POST /outbox/" + key + "/cancel")
    return {outgoing("cancelled")};
  if (request.what == "POST /outbox/" + key + "/resolve")
    return {outgoing("sent")};
  return refusal_of("not_found", "there is no " + request.what, 404);
}

struct fixture : scripted_api {
  fixture() : scripted_api{answer} {}
};

/// Three pages, one of them empty, of two mails a page at most.
api_reply pages(const api_request& request) {
  auto page = [](std::initializer_list<const char*> keys, const json& next) {
    auto mails = json::array();
    for (const auto* one : keys) {
      mails.push_back(outgoing("in_doubt"));
      mails.back()["key"] = one;
    }
    return api_reply{{{"mails", mails}, {"next", next}}};
  };
  if (holds(request.what, "after=k2"))
    return page({}, "k3");
  if (holds(request.what, "after=k3"))
    return page({"k4"}, nullptr);
  return holds(request.what, "limit=1&") || request.what.ends_with("limit=1")
             ? page({"k1"}, "k1")
             : page({"k1", "k2"}, "k2");
}

} // namespace

// -- list -------------------------------------------------------------------

TEST_CASE("a list follows its pages to the end, over empty ones") {
  scripted_api api{pages};
  auto list = api.run("outbox list --mailbox ann@example.org --status in_doubt");
  CHECK(list.status == 0);
  CHECK(holds(list.out, "k1   in_doubt  2026-03-01T12:00:00Z  ann@example.org  bob@example.net"));
  CHECK(holds(list.out, "\nk4   in_doubt"));
  CHECK_FALSE(holds(list.out, "more:"));
  auto asked = api.requests();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].what == "GET /outbox?mailbox=ann%40example.org&status=in_doubt&limit=100");
  CHECK(asked[1].what == "GET /outbox?mailbox=ann%40example.org&status=in_doubt&after=k2&limit=98");
  CHECK(json::parse(api.run("outbox list --json").out)["mails"].size() == 3);
}

TEST_CASE("a list ends at its limit, and tells where the rest begins") {
  scripted_api api{pages};
  auto list = api.run("outbox list --limit 1");
  CHECK(api.requests().size() == 1);
  CHECK(holds(list.out, "more: --after k1\n"));
  auto shown = json::parse(api.run("outbox list --limit 2 --json").out);
  CHECK(shown["mails"].size() == 2);
  CHECK(shown["next"] == "k2");
  REQUIRE(api.run("outbox list --after k3").status == 0);
  CHECK(holds(api.requests().back().what, "after=k3"));
  REQUIRE(api.run("outbox list --limit 5000").status == 0);
  CHECK(holds(api.requests("GET /outbox?limit=").back().what, "limit=1000"));
}

TEST_CASE("a list that would have no end is given up") {
  scripted_api api{[](const api_request&) {
    return api_reply{{{"mails", json::array()}, {"next", "k1"}}};
  }};
  auto list = api.run("outbox list");
  CHECK(list.status == 1);
  CHECK(holds(list.err, "protocol_violation"));
}

TEST_CASE_METHOD(fixture, "a list that is asked for wrongly is refused") {
  CHECK(run("outbox list --limit 0").status == 2);
  CHECK(run("outbox list --limit many").status == 2);
  CHECK(requests().empty());
  CHECK(run("outbox list --status lost").status == 1);
}

// -- one mail ---------------------------------------------------------------

TEST_CASE_METHOD(fixture,
                 "a mail is shown with its recipients, the reason and its mailbox's trouble") {
  auto shown = run("outbox show " + key);
  CAPTURE(shown.out);
  CHECK(shown.status == 0);
  CHECK(holds(shown.out, "state        deferred: it is tried again\n"));
  CHECK(holds(shown.out, "next try     2026-03-01T12:05:00Z\n"));
  CHECK(holds(shown.out, "reason       The SMTP server refused a recipient. "
                         "(smtp.recipient_refused)\nwho          operator\ncure         read"));
  CHECK(holds(shown.out, "said         451 4.7.1 later\n"));
  CHECK(holds(shown.out, "message id   <1@example.org>\n"));
  CHECK(holds(shown.out, "size         2.0 KiB\n"));
  CHECK(holds(shown.out, "bob@example.net  waiting  -\n"));
  CHECK(holds(shown.out, "cy@example.net   refused  550 5.1.1 no ?[2J such user\n"));
  CHECK(
      holds(shown.out, "its mailbox sends nothing at present\n  what: SMTP AUTH is switched off"));
  CHECK(run("outbox show " + key + " --json").out == half_refused().dump() + "\n");
  CHECK(run("outbox show k-0").status == 1);
}

TEST_CASE("a mail in doubt tells what decides, and when Sent is looked into") {
  scripted_api api{[](const api_request& request) {
    auto mail = testing::outgoing("in_doubt");
    mail["doubt"] = {{"policy", "at_most_once"},
                     {"next_look", "2026-03-01T12:02:00Z"},
                     {"trouble", "no IMAP server is known"}};
    if (request.what.ends_with("-8"))
      mail["doubt"] = {{"policy", "at_least_once"}, {"next_look", nullptr}};
    return api_reply{mail};
  }};
  auto careful = api.run("outbox show " + key);
  CHECK(holds(careful.out, "is looked into at 2026-03-01T12:02:00Z\n"));
  CHECK(holds(careful.out, "no IMAP server is known\n"));
  CHECK(holds(careful.out, "it waits for a person (at most once)\n"));
  auto eager = api.run("outbox show 0000000000cd-4294967295-0-8");
  CHECK(holds(eager.out, "is being looked into\n"));
  CHECK(holds(eager.out, "it is sent again (at least once)\n"));
}

TEST_CASE_METHOD(fixture, "a mail is tried, taken back, and resolved") {
  CHECK(holds(run("outbox retry " + key).out, "state     accepted"));
  CHECK(holds(run("outbox cancel " + key).out, "state  cancelled: it was taken back\n"));
  for (const auto& [flag, how] :
       {std::pair{"--sent", "sent"}, std::pair{"--send-again", "send-again"},
        std::pair{"--give-up", "give-up"}}) {
    CAPTURE(flag);
    CHECK(run("outbox resolve " + key + " " + flag).status == 0);
    CHECK(requests().back().json() == json{{"how", how}});
  }
  auto asked = requests().size();
  auto unsaid = run("outbox resolve " + key);
  CHECK(unsaid.status == 2);
  CHECK(holds(unsaid.err, "give --sent, --send-again or --give-up"));
  CHECK(run("outbox resolve " + key + " --sent --give-up").status == 2);
  CHECK(run("outbox retry").status == 2);
  CHECK(requests().size() == asked);
}

// -- the whole --------------------------------------------------------------

TEST_CASE("the status tells how much waits to be sent, and which mailboxes send nothing") {
  scripted_api api{[](const api_request&) {
    return api_reply{
        {{"version", "9.8.7"},
         {"started_at", "2026-03-01T12:00:00Z"},
         {"providers", json::array()},
         {"mailboxes", {{"watching", 3}}},
         {"messages_fetched", 1},
         {"bytes_fetched", 2},
         {"last_event", 6},
         {"commits", 1},
         {"synced_batches", 1},
         {"budget", {{"used", 1}, {"limit", 2}}},
         {"outbox",
          {{"waiting", 12},
           {"under_way", 2},
           {"in_doubt", 1},
           {"sent", 40},
           {"failed", 3},
           {"oldest", "2020-03-01T12:00:00Z"},
           {"at_rest", json::array({{{"mailbox", "0000000000cd"}, {"trouble", trouble()}}})}}}}};
  }};
  auto shown = api.run("status");
  CHECK(shown.status == 0);
  CHECK(holds(shown.out, "12 wait, 2 under way, 1 in doubt; the oldest for "));
  CHECK(holds(shown.out, " days; since the start 40 sent, 3 failed\n"));
  CHECK(holds(shown.out, "SENDS NOTHING\n0000000000cd\n  what: SMTP AUTH is switched off"));
}
