// The doctor of the ops tool against a server in this process with a scripted door.

#include "tests/tools/tool_at_door.hpp"
#include "tests/web/sample_views.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using mailfleet::testing::fake_door;
using mailfleet::testing::holds;
using mailfleet::testing::run_tool;
using nlohmann::json;

namespace {

/// Two providers, of which the first cannot be looked at, and a mailbox that is not well.
struct scripted_answers {
  verdict mailbox_is = verdict::green;

  result<control_answer> operator()(const list_providers&) const {
    auto first = testing::sample_provider();
    first.record.name = "first";
    auto second = first;
    second.record.name = "second";
    return control_answer{provider_list{{first, second}}};
  }
  result<control_answer> operator()(const list_mailboxes&) const {
    auto ill = testing::sample_mailbox();
    ill.record.address = "ann@example.com";
    ill.state = mailbox_state::backing_off;
    return control_answer{mailbox_list{{ill}}};
  }
  result<control_answer> operator()(const examine_provider& command) const {
    if (command.which.text == "first")
      return failure{errc::timed_out, "no answer within 60 s"};
    return control_answer{
        examination{command.which.text, {{"clock", verdict::green, "is right", {}, {}}}}};
  }
  result<control_answer> operator()(const examine_mailbox& command) const {
    return control_answer{examination{command.which.text, {{"IMAP", mailbox_is, "is so", {}, {}}}}};
  }
  result<control_answer> operator()(const auto&) const {
    return control_answer{done{}};
  }
};

struct fixture : testing::tool_at_door {
  fixture()
    : tool_at_door{std::make_shared<fake_door>(
        [this](const control_command& command) { return std::visit(answers, command); })} {}

  scripted_answers answers;
};

} // namespace

TEST_CASE_METHOD(fixture, "one that cannot be examined does not keep the doctor from the rest") {
  auto ended = run("doctor --json");
  CHECK(ended.status == 1);
  auto all = json::parse(ended.out).at("examinations");
  REQUIRE(all.size() == 3);
  CHECK(all[0]["subject"] == "first");
  CHECK(all[0]["findings"].empty());
  CHECK(all[0]["error"]["detail"] == "no answer within 60 s");
  CHECK(all[1]["subject"] == "second");
  CHECK(all[1]["findings"].size() == 1);
  CHECK_FALSE(all[1].contains("error"));
  CHECK(all[2]["subject"] == "ann@example.com");
}

TEST_CASE_METHOD(fixture, "a person is told which could not be examined, and why") {
  auto ended = run("doctor");
  CHECK(ended.status == 1);
  CHECK(holds(ended.out, "first\n  red     examination: could not be made"));
  CHECK(holds(ended.out, "no answer within 60 s"));
  CHECK(holds(ended.out, "ann@example.com\n  green "));
}

TEST_CASE_METHOD(fixture, "the doctor's exit code tells whether something is red") {
  CHECK(run("doctor --provider second").status == 0);
  CHECK(run("doctor --mailbox ann@example.com").status == 0);
  CHECK(run("doctor --provider first").status == 1);
  answers.mailbox_is = verdict::red;
  CHECK(run("doctor --mailbox ann@example.com").status == 1);
}

TEST_CASE("the doctor tells where nobody answers") {
  testing::temporary_folder folder;
  auto ended = run_tool(folder.path, "doctor --json");
  CHECK(ended.status == 3);
  CHECK(json::parse(ended.out).at("examinations").size() == 1);
}
