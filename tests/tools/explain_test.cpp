// The explain commands of the real program; those about a mailbox against a scripted door.

#include "jobs/diagnosis.hpp"
#include "tests/tools/tool_at_door.hpp"
#include "tests/web/sample_views.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using mailfleet::testing::content_of;
using mailfleet::testing::fake_door;
using mailfleet::testing::holds;
using mailfleet::testing::outcome;
using mailfleet::testing::run_tool;
using nlohmann::json;

namespace {

/// No daemon at all.
outcome run_alone(const std::string& arguments) {
  testing::temporary_folder folder;
  return run_tool(folder.path, arguments);
}

event_record state_event(std::uint64_t number, std::string detail) {
  auto event = testing::sample_event(number);
  event.what.kind = event_kind::mailbox_state;
  event.what.message.reset();
  event.what.detail = std::move(detail);
  return event;
}

/// A parked mailbox with 30 state events, the last one told, among a million others.
struct scripted_mailbox {
  result<control_answer> operator()(const show_mailbox& wanted) const {
    if (wanted.which.text != "ann")
      return failure{errc::not_found, "there is no such mailbox"};
    auto view = testing::sample_mailbox();
    view.trouble = jobs::diagnose("imap.not_connected", "the server's words", {"ann", "office"},
                                  wall_time{}, wall_time{std::chrono::hours{1}});
    return control_answer{view};
  }
  result<control_answer> operator()(const report_status&) const {
    status_report report;
    report.last_event = 1'000'000;
    return control_answer{report};
  }
  result<control_answer> operator()(const list_events& list) const {
    event_list page;
    if (list.after >= 990'000)
      return control_answer{page};
    page.events.push_back(testing::sample_event(950'000));
    for (std::uint64_t number = 950'001; number <= 950'029; ++number)
      page.events.push_back(state_event(number, R"({"state":"watching"})"));
    page.events.push_back(
        state_event(950'030, R"({"state":"parked","code":"imap.not_connected"})"));
    return control_answer{page};
  }
  result<control_answer> operator()(const auto&) const {
    return control_answer{done{}};
  }
};

struct mailbox_fixture : testing::tool_at_door {
  mailbox_fixture()
    : tool_at_door{std::make_shared<fake_door>(
        [](const control_command& command) { return std::visit(scripted_mailbox{}, command); })} {}
};

} // namespace

TEST_CASE("docs/diagnosis.md is what the program says") {
  auto made = run_alone("explain --list --markdown");
  REQUIRE(made.status == 0);
  INFO("renew it: build/dev/tools/mailfleet explain --list --markdown > docs/diagnosis.md");
  CHECK(
      (made.out == content_of(std::filesystem::path{MAILFLEET_SOURCE_DIR} / "docs/diagnosis.md")));
}

TEST_CASE("a diagnosis is explained without a daemon") {
  auto shown = run_alone("explain token.mfa_required");
  CHECK(shown.status == 0);
  CHECK(holds(shown.out, "what       The account must prove itself with a second factor.\n"));
  CHECK(holds(shown.out, "who        mailbox_owner\n"));
  CHECK(holds(shown.out, "cure       mailfleet mailbox sign-in MAILBOX"));
  CHECK(holds(shown.out, "AADSTS50072, AADSTS50074"));
  for (const auto* code : {"AADSTS50076", "50076", "aadsts50076"})
    CHECK(run_alone(std::string{"explain "} + code).out == shown.out);
  auto object = json::parse(run_alone("explain token.mfa_required --json").out);
  CHECK(object["code"] == "token.mfa_required");
  CHECK(object["who"] == "mailbox_owner");
  CHECK(object["then"] == "parked");
}

TEST_CASE("every diagnosis is listed") {
  auto rows = json::parse(run_alone("explain --list --json").out)["diagnoses"];
  REQUIRE(rows.size() == jobs::diagnosis_table().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = jobs::diagnosis_table()[i];
    CHECK(rows[i]["code"] == row.code);
    CHECK(rows[i]["what"] == row.what);
    CHECK(rows[i]["who"] == row.who);
    CHECK_FALSE(rows[i]["cure"].get<std::string>().empty());
  }
  CHECK(holds(run_alone("explain --list").out, "\nimap.not_connected"));
}

TEST_CASE("a code that is not there is refused with those near it") {
  auto near = [](const std::string& code) {
    auto refused = run_alone("explain " + code);
    CHECK(refused.status == 1);
    CHECK(refused.out.empty());
    return refused.err;
  };
  CHECK(holds(near("imap.not_conected"), "near it: imap.not_connected"));
  CHECK(holds(near("throttled"), "token.throttled"));
  CHECK(holds(near("throtled"), "imap.throttled"));
  CHECK_FALSE(holds(near("zzzzzzzzzz"), "near it"));
  CHECK(holds(near("AADSTS1"), "mailfleet explain --list"));
  CHECK(json::parse(run_alone("explain zzzzzzzzzz --json").err)["error"]["code"] == "not_found");
  for (const auto* wrong : {"explain", "explain --markdown", "explain a --list"})
    CHECK(run_alone(wrong).status == 2);
}

TEST_CASE_METHOD(mailbox_fixture, "a mailbox is explained with its evidence and history") {
  auto shown = run("mailbox explain ann");
  CHECK(shown.status == 0);
  CHECK(holds(shown.out, "state         parked\n"));
  CHECK(holds(shown.out, "(imap.not_connected)\n"));
  CHECK(holds(shown.out, "  who:  tenant_admin, since 1970-01-01T00:00:00Z\n"));
  CHECK(holds(shown.out, "  said: the server's words\n"));
  CHECK(holds(shown.out, "  next try: 1970-01-01T01:00:00Z\n"));
  CHECK(shown.out.ends_with("mailbox_state      parked imap.not_connected: The mail server took "
                            "the token, but does not open the mailbox with it.\n"));
  CHECK_FALSE(holds(shown.out, "mail_arrived"));
  auto object = json::parse(run("mailbox explain ann --json").out);
  CHECK(object["mailbox"]["trouble"]["code"] == "imap.not_connected");
  CHECK(object["history"].size() == 20);
  CHECK(object["history"].back()["number"] == 950'030);
}

TEST_CASE_METHOD(mailbox_fixture, "a mailbox that is not there is refused") {
  auto refused = run("mailbox explain bob");
  CHECK(refused.status == 1);
  CHECK(refused.err == "mailfleet: not_found: there is no such mailbox\n");
  CHECK(run_alone("mailbox explain ann").status == 3);
}
