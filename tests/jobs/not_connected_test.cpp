// Goal: every combination of what can be known has the cause that is meant.
// Method: a grid for each signer and neighbour, whose lines are POP3's answer and whose
// columns SMTP's; a letter names the cause.

#include "jobs/diagnosis.hpp"
#include "jobs/not_connected.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <map>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

const std::map<char, std::string_view> causes{
    {'?', "imap.not_connected"},    {'d', "imap.disabled"},       {'o', "imap.other_account"},
    {'m', "imap.mailbox_unusable"}, {'n', "imap.none_connected"}, {'r', "imap.app_without_rights"},
    {'s', "imap.app_unknown"},
};

struct grid {
  signer who;
  answer neighbour;
  /// Lines: POP3 unknown, yes, no. In each: SMTP unknown, yes, no.
  std::array<std::string_view, 3> cause;
};

constexpr std::array grids{
    grid{signer::own, answer::unknown, {"?d?", "ddd", "?d?"}},
    grid{signer::own, answer::yes, {"ddm", "ddd", "mdm"}},
    grid{signer::own, answer::no, {"ndn", "ddd", "ndn"}},
    grid{signer::other, answer::unknown, {"ooo", "ddd", "ooo"}},
    grid{signer::other, answer::yes, {"ooo", "ddd", "ooo"}},
    grid{signer::other, answer::no, {"ooo", "ddd", "ooo"}},
    grid{signer::app, answer::unknown, {"???", "ddd", "???"}},
    grid{signer::app, answer::yes, {"rrr", "ddd", "rrr"}},
    grid{signer::app, answer::no, {"sss", "ddd", "sss"}},
    grid{signer::unknown, answer::unknown, {"???", "ddd", "???"}},
    grid{signer::unknown, answer::yes, {"???", "ddd", "???"}},
    grid{signer::unknown, answer::no, {"n?n", "ddd", "n?n"}},
};

constexpr std::array answers{answer::unknown, answer::yes, answer::no};

mailbox_view neighbour(std::uint64_t id, mailbox_state state, const char* trouble = nullptr) {
  mailbox_view view;
  view.record.id = entity_id{id};
  view.record.provider = entity_id{7};
  view.state = state;
  if (trouble) {
    view.trouble.emplace();
    view.trouble->code = trouble;
  }
  return view;
}

mailbox_record ann() {
  mailbox_record who;
  who.id = entity_id{1};
  who.provider = entity_id{7};
  who.address = "Ann@example.com";
  return who;
}

} // namespace

TEST_CASE("every combination of what is known has its likely cause", "[not_connected]") {
  int combinations = 0;
  for (const auto& [who, neighbour, cause] : grids)
    for (std::size_t pop3 = 0; pop3 < answers.size(); ++pop3)
      for (std::size_t smtp = 0; smtp < answers.size(); ++smtp) {
        not_connected_facts facts{who, answers[pop3], answers[smtp], neighbour};
        CAPTURE(words_of(facts));
        CHECK(likely_cause(facts) == causes.at(cause[pop3][smtp]));
        CHECK(find_diagnosis(likely_cause(facts)) != nullptr);
        ++combinations;
      }
  CHECK(combinations == 4 * 3 * 3 * 3);
}

TEST_CASE("the words tell what is known and no more", "[not_connected]") {
  CHECK(words_of({}) == "it is not known whether the mailbox's own account signed in");
  CHECK(words_of({signer::other, answer::no, answer::yes, answer::no})
        == "the mailbox's delegate signed in; POP3 refuses the token too; SMTP takes "
           "the token; no other mailbox of the provider is connected");
}

TEST_CASE("what could not be asked for want of a scope is told", "[not_connected]") {
  not_connected_facts facts;
  facts.lack_scopes = true;
  CHECK(words_of(facts).ends_with("skipped for want of a scope could tell more"));
}

TEST_CASE("who signed in is compared with address and log-in name", "[not_connected]") {
  auto who = ann();
  CHECK(signer_by(who, "ann@EXAMPLE.com", grant_flow::delegated) == signer::own);
  who.user = "ann.b@example.com";
  CHECK(signer_by(who, "ann.b@example.com", grant_flow::delegated) == signer::own);
  CHECK(signer_by(who, "", grant_flow::delegated) == signer::unknown);
  CHECK(signer_by(who, "Ann B.", grant_flow::delegated) == signer::unknown);
  CHECK(signer_by(who, "ann@example.com", grant_flow::app_only) == signer::app);
}

TEST_CASE("another name is no proof of another account", "[not_connected]") {
  auto who = ann();
  CHECK(signer_by(who, "ann.b@example.com", grant_flow::delegated) == signer::unknown);
  CHECK(signer_by(who, "ann@contoso.onmicrosoft.com", grant_flow::delegated) == signer::unknown);
  who.delegate = "bob@example.com";
  CHECK(signer_by(who, "Bob@example.com", grant_flow::delegated) == signer::other);
  CHECK(signer_by(who, "ann@example.com", grant_flow::delegated) == signer::own);
  CHECK(signer_by(who, "bob@contoso.onmicrosoft.com", grant_flow::delegated) == signer::unknown);
}

TEST_CASE("neighbours count that are connected, or have the same trouble", "[not_connected]") {
  using enum mailbox_state;
  auto seen = [](std::vector<mailbox_view> all) { return neighbour_connected(all, ann()); };
  CHECK(seen({}) == answer::unknown);
  CHECK(seen({neighbour(1, watching)}) == answer::unknown);
  CHECK(seen({neighbour(2, paused), neighbour(3, needs_sign_in, "token.none")}) == answer::unknown);
  CHECK(seen({neighbour(2, backing_off, "imap.not_connected")}) == answer::no);
  CHECK(seen({neighbour(2, backing_off, "imap.not_connected"), neighbour(3, syncing)})
        == answer::yes);
  auto elsewhere = neighbour(2, watching);
  elsewhere.record.provider = entity_id{8};
  CHECK(seen({elsewhere}) == answer::unknown);
}
