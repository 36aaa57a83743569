#include "tools/mailfleet/outbox_text.hpp"

#include "tools/mailfleet/explain_text.hpp"
#include "tools/mailfleet/text.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace mailfleet::tools {

using nlohmann::ordered_json;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> meanings{{
    {"accepted", "it waits for its turn or its time"},
    {"sending", "a session speaks of it"},
    {"dot_sent", "all of it is at the server, whose answer is awaited"},
    {"sent", "the server took it"},
    {"deferred", "it is tried again"},
    {"failed", "it was given up"},
    {"in_doubt", "nobody knows whether the server took it; see `mailfleet outbox resolve --help`"},
    {"cancelled", "it was taken back"},
}};

/// `sent: the server took it`.
std::string state_text(const ordered_json& mail) {
  auto status = text_at(mail, "status");
  for (const auto& [known, meaning] : meanings)
    if (known == status)
      return fmt::format("{}: {}", status, meaning);
  return status;
}

bool waits(const ordered_json& mail) {
  auto status = text_at(mail, "status");
  return status == "accepted" || status == "deferred";
}

void add_known(shown_facts& facts, const char* name, std::string text) {
  if (text != "-")
    facts.emplace_back(name, std::move(text));
}

void add_reason(shown_facts& facts, const ordered_json& mail) {
  auto reason = text_at(mail, "reason");
  const auto* row = jobs::find_diagnosis(reason);
  if (!row) {
    add_known(facts, "reason", reason);
    return;
  }
  facts.emplace_back("reason", fmt::format("{} ({})", row->what, reason));
  facts.emplace_back("who", row->who);
  facts.emplace_back("cure", cure_of(*row));
}

/// `it goes once more unless ...`: what becomes of a mail in doubt.
void add_outlook(shown_facts& facts, const ordered_json& mail) {
  auto doubt = mail.find("doubt");
  if (doubt == mail.end() || !doubt->is_object())
    return;
  auto next = text_at(*doubt, "next_look");
  facts.emplace_back("sent folder", next == "-" ? "is being looked into"
                                                : fmt::format("is looked into at {}", next));
  add_known(facts, "last look", text_at(*doubt, "trouble"));
  bool asks = text_at(*doubt, "policy") == "at_most_once";
  facts.emplace_back("if no look tells", asks ? "it waits for a person (at most once)"
                                              : "it is sent again (at least once)");
}

bool names_refused(const ordered_json& mail) {
  auto recipients = mail.value("recipients", ordered_json::array());
  return std::ranges::any_of(recipients,
                             [](const auto& one) { return text_at(one, "status") == "refused"; });
}

} // namespace

std::optional<exit_status> end_of_wait(const ordered_json& mail) {
  auto status = text_at(mail, "status");
  if (status == "sent")
    return names_refused(mail) ? exit_not_sent : exit_ok;
  if (status == "failed" || status == "cancelled")
    return exit_not_sent;
  if (status == "in_doubt")
    return exit_in_doubt;
  return std::nullopt;
}

std::string said_text(const ordered_json& object, std::string_view field) {
  auto said = object.find(field);
  if (said == object.end() || !said->is_object())
    return text_at(object, field);
  std::string text;
  for (const auto* part : {"code", "enhanced", "words"})
    if (auto word = text_at(*said, part); word != "-")
      text.append(text.empty() ? "" : " ").append(word);
  return text.empty() ? "-" : text;
}

shown_facts state_facts(const ordered_json& mail) {
  shown_facts facts{{"state", state_text(mail)}};
  if (waits(mail))
    add_known(facts, "next try", text_at(mail, "due"));
  add_reason(facts, mail);
  add_known(facts, "said", said_text(mail, "said"));
  add_known(facts, "detail", text_at(mail, "detail"));
  add_outlook(facts, mail);
  return facts;
}

void print_trouble(const ordered_json& mail) {
  auto trouble = trouble_lines(mail);
  if (!trouble.empty())
    fmt::print("\nits mailbox sends nothing at present\n");
  for (const auto& line : trouble)
    fmt::print("{}\n", line);
}

void print_recipients(const ordered_json& mail, bool only_refused) {
  text_table table{{"RECIPIENT", "STATE", "THE SERVER SAID"}};
  std::size_t rows = 0;
  for (const auto& recipient : mail.value("recipients", ordered_json::array())) {
    auto status = text_at(recipient, "status");
    if (only_refused && status != "refused" && status != "bounced")
      continue;
    table.add({text_at(recipient, "address"), status, said_text(recipient, "said")});
    ++rows;
  }
  if (rows == 0)
    return;
  fmt::print("\n");
  table.print();
}

std::string addresses_text(const ordered_json& list) {
  if (!list.is_array() || list.empty())
    return "-";
  const auto& first = list.front();
  auto text =
      first.is_object() ? text_at(first, "address") : text_at({{"address", first}}, "address");
  return list.size() == 1 ? text : fmt::format("{} +{}", text, list.size() - 1);
}

void show_outgoing(const ordered_json& mail) {
  shown_facts facts{{"key", text_at(mail, "key")}};
  std::ranges::move(state_facts(mail), std::back_inserter(facts));
  for (const auto& [name, field] :
       {std::pair{"since", "since"}, std::pair{"accepted", "accepted_at"},
        std::pair{"attempts", "attempts"}, std::pair{"dot sent", "dot_sent_at"},
        std::pair{"priority", "priority"}, std::pair{"mailbox", "mailbox"}})
    add_known(facts, name, text_at(mail, field));
  add_known(facts, "from", addresses_text(mail.value("from", ordered_json{})));
  for (const auto& [name, field] :
       {std::pair{"sender", "sender"}, std::pair{"subject", "subject"},
        std::pair{"message id", "message_id"}, std::pair{"idempotency", "idempotency_key"}})
    add_known(facts, name, text_at(mail, field));
  facts.emplace_back("size", size_text(number_at(mail, "bytes")));
  print_facts(facts);
  print_recipients(mail, false);
  print_trouble(mail);
}

} // namespace mailfleet::tools
