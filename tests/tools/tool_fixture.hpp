#pragma once

#include "tests/tools/tool_at_door.hpp"
#include "tests/web/sample_views.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

/// The real ops tool against a server in this process with a scripted door.
namespace mailfleet::testing {

/// Answers every command with what the runtime could.
struct scripted_answers {
  result<control_answer> operator()(const list_providers&) const {
    auto view = sample_provider();
    view.trouble = sample_trouble();
    view.trouble->evidence = "\x1b[2J evil";
    return control_answer{provider_list{{view}}};
  }
  result<control_answer> operator()(const add_provider&) const {
    return control_answer{sample_provider()};
  }
  result<control_answer> operator()(const show_provider&) const {
    return control_answer{sample_provider()};
  }
  result<control_answer> operator()(const list_mailboxes&) const {
    return control_answer{mailbox_list{{sample_mailbox()}}};
  }
  result<control_answer> operator()(const add_mailbox&) const {
    return control_answer{sample_mailbox()};
  }
  result<control_answer> operator()(const show_mailbox&) const {
    return failure{errc::not_found, "there is no mailbox ann"};
  }
  result<control_answer> operator()(const begin_sign_in&) const {
    return control_answer{
        sign_in_started{"https://host.example/sign-in/ticket",
                        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
                            + std::chrono::minutes{10}}};
  }
  result<control_answer> operator()(const show_certificate& wanted) const {
    offered_certificate seen{"0a1b", "CN=mail", "CN=mail", {}, ""};
    if (wanted.server.host == "self-signed.example.net")
      seen.trouble = "it is self-signed";
    return control_answer{seen};
  }
  result<control_answer> operator()(const list_messages&) const {
    return control_answer{message_list{{sample_message()}, true}};
  }
  result<control_answer> operator()(const show_message&) const {
    return control_answer{sample_message()};
  }
  result<control_answer> operator()(const read_body& read) const {
    if (read.key.number == 13 && read.part == 1)
      return failure{errc::storage_corrupt, "a part cannot be opened"};
    return control_answer{body_part{make_body(std::string("\0\r\n.\xff", 5)), read.part == 1}};
  }
  result<control_answer> operator()(const list_events& list) const {
    event_list page;
    if (list.after < 7)
      page.events.push_back(sample_event(7));
    else
      return failure{errc::shutting_down, "mailfleetd stops"};
    if (list.about)
      page.events.back().what.kind = event_kind::mailbox_signed_in;
    return control_answer{page};
  }
  /// Two pages of one record each.
  result<control_answer> operator()(const list_audit& list) const {
    audit_record record;
    record.number = list.after + 1;
    record.actor = "uid 0";
    record.command = "mailbox remove";
    record.subject = "ann@example.org";
    record.outcome = list.after == 0 ? "ok" : "not_found: there is no mailbox ann@example.org";
    return control_answer{audit_list{{record}, list.after == 0}};
  }
  result<control_answer> operator()(const report_status&) const {
    status_report report;
    report.version = "9.8.7";
    report.last_event = 6;
    report.mailboxes = {{mailbox_state::watching, 3}};
    return control_answer{report};
  }
  result<control_answer> operator()(const auto&) const {
    return control_answer{done{}};
  }
};

inline result<control_answer> answer_all(const control_command& command) {
  return std::visit(scripted_answers{}, command);
}

struct tool_fixture : tool_at_door {
  tool_fixture() : tool_at_door{std::make_shared<fake_door>(answer_all)} {}

  template <class Command>
  Command asked() const {
    auto commands = door->commands();
    REQUIRE_FALSE(commands.empty());
    REQUIRE(std::holds_alternative<Command>(commands.back()));
    return std::get<Command>(commands.back());
  }
};

} // namespace mailfleet::testing
