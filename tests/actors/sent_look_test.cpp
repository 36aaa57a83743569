// A look into Sent folders with its ports scripted.
#include "actors/sent_look.hpp"
#include "tests/actors/mailbox_fixture.hpp"

#include <caf/typed_event_based_actor.hpp>

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

/// As `mime::compose` makes one for this mail.
std::string own_message_id(const message_key& key) {
  return "<" + to_string(key) + "@example.com>";
}

struct fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<neighbours> play = std::make_shared<neighbours>();
  mailbox_record who = a_mailbox();
  provider_record cloud = a_provider();
  std::optional<grant_record> grant = a_stale_grant();
  store_actor storage = spawn(store, world.log, world.journal);
  providers_actor providers = spawn(scripted_providers, play);

  outbox_record a_mail() {
    outbox_record mail;
    mail.key = {some_mailbox, outbox_folder, 0, 7};
    mail.mail.facts.message_id = message_id.value_or(own_message_id(mail.key));
    return mail;
  }

  /// Only the actor itself and the asker know of it.
  auto look() {
    world.log->records.insert_or_assign(key_of(who), who);
    if (who.provider)
      world.log->records.insert_or_assign(key_of(cloud), cloud);
    if (grant)
      world.log->records.insert_or_assign(key_of(*grant), *grant);
    auto aut = sys.spawn(sent_look_once, sent_look_surroundings{world.ports(), storage, providers});
    weak = caf::actor_cast<caf::weak_actor_ptr>(aut);
    return ask(std::move(aut), look_into_sent{a_mail()});
  }

  std::deque<scripted_sent_search::look>& waiting() {
    return world.sent_folders->waiting;
  }

  void reply(std::size_t which, result<sent_answer> outcome) {
    waiting().at(which).done(std::move(outcome));
    settle();
  }

  bool is_gone() const {
    return !weak.lock();
  }

  caf::weak_actor_ptr weak;
  /// Chosen by who submitted the mail; none: ours.
  std::optional<std::string> message_id;
};

sent_answer in_sent(bool found) {
  return {false, found, "Sent"};
}

} // namespace

TEST_CASE_METHOD(fixture, "the mailbox's own folder is searched with its own credential",
                 "[sent_look]") {
  who.sending.sent_folder = "Mine";
  auto response = look();
  REQUIRE(waiting().size() == 1);
  const auto& asked = waiting()[0].what;
  CHECK(asked.account.mailbox == some_mailbox);
  CHECK(asked.account.server.host == "outlook.office365.com");
  CHECK(asked.account.user == "ann@example.com");
  CHECK(asked.account.auth == mailbox_auth::oauth2);
  CHECK(asked.account.credential.reveal() == "token-1");
  CHECK(asked.folder == "Mine");
  CHECK(asked.own_id == to_string(a_mail().key));
  CHECK(asked.message_id == own_message_id(a_mail().key));
  CHECK_FALSE(answered());
  world.clock->time += 9s;
  reply(0, in_sent(true));
  auto seen = answer<sent_looked>(response);
  CHECK(seen.mail == a_mail().key);
  CHECK(seen.begun_at == world.clock->time - 9s);
  REQUIRE(seen.looks.size() == 1);
  CHECK(seen.looks[0].account == "ann@example.com");
  CHECK(seen.looks[0].possible);
  CHECK(seen.looks[0].complete);
  CHECK(seen.looks[0].found);
  CHECK_FALSE(seen.looks[0].trouble);
  CHECK(is_gone());
}

TEST_CASE_METHOD(fixture, "a mail is not looked for by a Message-ID that others may have too",
                 "[sent_look]") {
  SECTION("one that the submitter chose, or that an exported mail had") {
    message_id = "<seven@example.com>";
  }
  SECTION("that of another of our mails, submitted again") {
    message_id = own_message_id({some_mailbox, outbox_folder, 0, 6});
  }
  SECTION("one that our own begins") {
    message_id = "<" + to_string(a_mail().key) + "1@example.com>";
  }
  auto response = look();
  REQUIRE(waiting().size() == 1);
  CHECK(waiting()[0].what.message_id.empty());
  CHECK(waiting()[0].what.own_id == to_string(a_mail().key));
  reply(0, in_sent(false));
  CHECK(answer<sent_looked>(response).looks.at(0).complete);
}

TEST_CASE_METHOD(fixture, "the folder of the token's owner is searched too, with the same token",
                 "[sent_look]") {
  grant->account = "Bob@example.com";
  auto response = look();
  REQUIRE(waiting().size() == 2);
  CHECK(waiting()[1].what.account.user == "Bob@example.com");
  CHECK(waiting()[1].what.account.credential.reveal() == "token-1");
  CHECK(play->asked.size() == 1);
  reply(1, in_sent(true));
  CHECK_FALSE(answered());
  reply(0, in_sent(false));
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 2);
  CHECK(seen.looks[0].account == "ann@example.com");
  CHECK_FALSE(seen.looks[0].found);
  CHECK(seen.looks[1].account == "Bob@example.com");
  CHECK(seen.looks[1].found);
}

TEST_CASE_METHOD(fixture, "there is one folder to search where the owner is the mailbox or none",
                 "[sent_look]") {
  SECTION("the mailbox's own account") {
    grant->account = "ANN@example.com";
  }
  SECTION("an account that the provider gives but a number of") {
    grant->account = "6f1e0a52-0000-4000-8000-000000000000";
  }
  SECTION("an app, which has no grant of a person's") {
    grant.reset();
  }
  auto response = look();
  REQUIRE(waiting().size() == 1);
  reply(0, in_sent(false));
  CHECK(answer<sent_looked>(response).looks.size() == 1);
}

TEST_CASE_METHOD(fixture, "a password opens its own mailbox only, by its log-in name",
                 "[sent_look]") {
  who = a_custom_mailbox();
  who.user = "ann-1";
  grant = a_password();
  grant->account = "bob@example.com";
  auto response = look();
  REQUIRE(waiting().size() == 1);
  CHECK(waiting()[0].what.account.user == "ann-1");
  CHECK(waiting()[0].what.account.auth == mailbox_auth::password);
  CHECK(waiting()[0].what.account.credential.reveal() == "canary-password");
  CHECK(waiting()[0].what.account.server.host == "imap.example.com");
  reply(0, in_sent(false));
  CHECK(answer<sent_looked>(response).looks.at(0).complete);
}

TEST_CASE_METHOD(fixture, "a search that broke off says why and nothing of the mail",
                 "[sent_look]") {
  auto response = look();
  reply(0, failure{errc::timed_out, "slow"});
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 1);
  CHECK(seen.looks[0].possible);
  CHECK_FALSE(seen.looks[0].complete);
  CHECK_FALSE(seen.looks[0].found);
  CHECK(seen.looks[0].trouble == failure{errc::timed_out, "slow"});
}

TEST_CASE_METHOD(fixture, "a server without a known folder cannot tell, until it is named",
                 "[sent_look]") {
  auto response = look();
  reply(0, sent_answer{true, false, ""});
  auto seen = answer<sent_looked>(response);
  CHECK_FALSE(seen.looks.at(0).possible);
  CHECK_FALSE(seen.looks[0].complete);
  REQUIRE(seen.looks[0].trouble);
  CHECK(seen.looks[0].trouble->detail.find("--sent-folder") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a mailbox without an IMAP server cannot be searched", "[sent_look]") {
  who = a_custom_mailbox();
  who.imap = {};
  grant.reset();
  auto response = look();
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 1);
  CHECK(seen.looks[0].account == "ann@example.com");
  CHECK_FALSE(seen.looks[0].possible);
  CHECK(seen.looks[0].trouble->detail.find("--imap") != std::string::npos);
  CHECK(seen.begun_at == world.clock->time);
}

TEST_CASE_METHOD(fixture, "what cannot be had for the log-in is told, and is no answer",
                 "[sent_look]") {
  SECTION("a token") {
    play->refusals = {{errc::sign_in_required, "sign in"}};
  }
  SECTION("a password") {
    who = a_custom_mailbox();
    grant.reset();
  }
  auto response = look();
  CHECK(waiting().empty());
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 1);
  CHECK(seen.looks[0].account == "ann@example.com");
  CHECK(seen.looks[0].possible);
  CHECK_FALSE(seen.looks[0].complete);
  CHECK(seen.looks[0].trouble->code == errc::sign_in_required);
  CHECK(is_gone());
}

TEST_CASE_METHOD(fixture, "a mailbox that is gone cannot be searched", "[sent_look]") {
  who.id = entity_id{0xb2};
  auto response = look();
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 1);
  CHECK_FALSE(seen.looks[0].possible);
  CHECK(seen.looks[0].trouble->code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a store that is gone is told, and is no answer", "[sent_look]") {
  self->send_exit(storage, caf::exit_reason::kill);
  settle();
  auto response = look();
  auto seen = answer<sent_looked>(response);
  REQUIRE(seen.looks.size() == 1);
  CHECK(seen.looks[0].possible);
  CHECK_FALSE(seen.looks[0].complete);
  CHECK(seen.looks[0].trouble);
}

TEST_CASE_METHOD(fixture, "a look ends when nobody waits for it any more", "[sent_look]") {
  {
    caf::scoped_actor asker{sys, true};
    grant->account = "bob@example.com";
    world.log->records.emplace(key_of(who), who);
    world.log->records.emplace(key_of(cloud), cloud);
    auto aut = sys.spawn(sent_look_once, sent_look_surroundings{world.ports(), storage, providers});
    weak = caf::actor_cast<caf::weak_actor_ptr>(aut);
    static_cast<void>(asker->request(aut, caf::infinite, look_into_sent{a_mail()}));
    settle();
    CHECK(waiting().size() == 1);
  }
  CHECK_FALSE(is_gone());
  settle();
  CHECK(is_gone());
  reply(0, in_sent(true));
}
