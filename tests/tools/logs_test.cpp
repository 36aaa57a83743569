// The commands that read the logs.
#include "tests/tools/scripted_api.hpp"
#include "tests/tools/tool_fixture.hpp"

#include <nlohmann/json.hpp>

using namespace mailfleet;
using mailfleet::testing::api_reply;
using mailfleet::testing::api_request;
using mailfleet::testing::scripted_api;
using nlohmann::json;

namespace {

using fixture = testing::tool_fixture;

constexpr auto key = "0000000000cd-1-7-42";

json event(int number, const char* kind, const char* about, const json& detail,
           const json& message = nullptr) {
  return {{"number", number},
          {"about_number", 1},
          {"kind", kind},
          {"about", about},
          {"at", "2026-03-01T12:00:00Z"},
          {"message", message},
          {"detail", detail}};
}

json audited(int number, const char* subject) {
  return {{"number", number},           {"at", "2026-03-01T12:00:00Z"}, {"actor", "uid 0"},
          {"command", "mailbox pause"}, {"subject", subject},           {"outcome", "ok"}};
}

/// The mailbox ..cd and the provider ..ab are there, ..ef is gone.
api_reply logs(const api_request& request) {
  if (request.what == "GET /mailboxes/0000000000cd")
    return {{{"address", "ann@example.org"}}};
  if (request.what == "GET /providers/0000000000ab")
    return {{{"name", "office"}}};
  if (request.what.starts_with("GET /events"))
    return {{{"events",
              {event(1, "mail_arrived", "0000000000cd",
                     {{"size", 2048},
                      {"sha256", "ab"},
                      {"possible_duplicate", false},
                      {"kind", "auto_reply"}},
                     key),
               event(2, "secret_expiring", "0000000000ab", {{"secret", 1}, {"days", 30}}),
               event(3, "mailbox_state", "0000000000cd",
                     {{"state", "parked"}, {"code", "token.invalid_grant"}}),
               event(4, "mailbox_removed", "0000000000ef", json::object())}},
             {"more", false}}};
  if (request.what.starts_with("GET /audit"))
    return {{{"audit",
              {audited(1, "0000000000cd"), audited(2, "0000000000ab 1"), audited(3, key),
               audited(4, "0000000000ef"), audited(5, "bob@example.org")}},
             {"more", false}}};
  return testing::refusal_of("not_found", "there is no such thing", 404);
}

} // namespace

TEST_CASE("events are shown with names, in columns, and what they say in words") {
  scripted_api api{logs};
  auto shown = api.run("events list");
  CHECK(shown.status == 0);
  CHECK(shown.err.empty());
  CHECK(shown.out
        == "NUMBER  AT                    KIND             ABOUT            MESSAGE              "
           "WHAT\n"
           "1       2026-03-01T12:00:00Z  mail_arrived     ann@example.org  0000000000cd-1-7-42  "
           "auto_reply, 2.0 KiB\n"
           "2       2026-03-01T12:00:00Z  secret_expiring  office           -                    "
           "days 30, secret 1\n"
           "3       2026-03-01T12:00:00Z  mailbox_state    ann@example.org  -                    "
           "token.invalid_grant: The refresh token is no longer accepted., parked\n"
           "4       2026-03-01T12:00:00Z  mailbox_removed  0000000000ef     -                    "
           "-\n");
  CHECK(api.requests("GET /mailboxes/0000000000cd").size() == 1);
  auto raw = json::parse(api.run("events list --json").out);
  CHECK(raw["events"][0]["about"] == "0000000000cd");
}

TEST_CASE("the audit log is shown with names for ids") {
  scripted_api api{logs};
  auto shown = api.run("audit");
  CHECK(shown.status == 0);
  for (const auto* line : {"mailbox pause  ann@example.org                        ok\n",
                           "mailbox pause  office 1                               ok\n",
                           "mailbox pause  0000000000cd-1-7-42 (ann@example.org)  ok\n",
                           "mailbox pause  0000000000ef                           ok\n",
                           "mailbox pause  bob@example.org                        ok\n"}) {
    CAPTURE(line, shown.out);
    CHECK(testing::holds(shown.out, line));
  }
  CHECK(testing::holds(api.run("audit --last 1 --json").out, "bob@example.org"));
  CHECK(testing::holds(api.run("audit --json").out, "\"subject\":\"0000000000cd\""));
}

TEST_CASE_METHOD(fixture, "events are followed until the server ends") {
  auto followed = run("events follow --json");
  CHECK(followed.status == 1);
  CHECK(json::parse(followed.out)["number"] == 7);
  CHECK(json::parse(followed.err)["error"]["code"] == "shutting_down");
  CHECK(asked<list_events>().after == 7);
  CHECK(run("events follow --after 0").out.starts_with("       7  1970-01-01T00:00:00Z"));
  auto list = run("events list --limit 5 --about ann --json");
  CHECK(list.status == 0);
  CHECK(asked<list_events>().limit == 5);
  CHECK(run("events list --limit 0").status == 2);
}

TEST_CASE_METHOD(fixture, "the audit log is read to its end, and its newest records are shown") {
  auto all = run("audit");
  CHECK(all.status == 0);
  CHECK(all.out.starts_with("NUMBER  AT                    WHO    COMMAND         SUBJECT"));
  CHECK(testing::holds(all.out, "\n1       1970-01-01T00:00:00Z  uid 0  mailbox remove  ann"));
  CHECK(testing::holds(all.out, "not_found: there is no mailbox ann@example.org\n"));
  CHECK(asked<list_audit>().after == 1);
  auto last = run("audit --last 1 --json");
  CHECK(json::parse(last.out)["number"] == 2);
  CHECK(json::parse(run("audit --after 1 --json").out)["number"] == 2);
  CHECK(run("audit --last 0").status == 2);
  CHECK(run("audit --after x").status == 2);
}
