// The commands that read the logs.
#include "tests/tools/tool_fixture.hpp"

#include <nlohmann/json.hpp>

using namespace mailfleet;
using nlohmann::json;

namespace {

using fixture = testing::tool_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "events are followed until the server ends") {
  auto followed = run("events follow --json");
  CHECK(followed.status == 1);
  CHECK(json::parse(followed.out)["number"] == 7);
  CHECK(json::parse(followed.err)["error"]["code"] == "shutting_down");
  CHECK(asked<list_events>().after == 7);
  CHECK(run("events follow --after 0").out.starts_with("       7  1970-01-01T00:00:00Z"));
  auto list = run("events list --limit 5 --about ann");
  CHECK(list.status == 0);
  CHECK(asked<list_events>().limit == 5);
  CHECK(run("events list --limit 0").status == 2);
}

TEST_CASE_METHOD(fixture, "the audit log is read to its end, and its newest records are shown") {
  auto all = run("audit");
  CHECK(all.status == 0);
  CHECK(testing::holds(all.out, "       1  1970-01-01T00:00:00Z  uid 0          mailbox remove"));
  CHECK(testing::holds(all.out, "not_found: there is no mailbox ann@example.org\n"));
  CHECK(asked<list_audit>().after == 1);
  auto last = run("audit --last 1 --json");
  CHECK(json::parse(last.out)["number"] == 2);
  CHECK(json::parse(run("audit --after 1 --json").out)["number"] == 2);
  CHECK(run("audit --last 0").status == 2);
  CHECK(run("audit --after x").status == 2);
}
