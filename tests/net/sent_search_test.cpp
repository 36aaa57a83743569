// Goal: a look into the folder of sent mail finds a mail that is there, and no other. Method: a
// server in memory that finds a text as a part of longer ones, as real ones do.
#include "tests/net/sent_search_fixture.hpp"

#include <future>

using namespace mailfleet;
using mailfleet::testing::message_id;
using mailfleet::testing::own_id;
using mailfleet::testing::sent_fixture;

TEST_CASE_METHOD(sent_fixture, "a mail is found by its own id, in a folder that is only read",
                 "[sent_search]") {
  server.sent[7] = {own_id, "<replaced@example.com>"};
  CHECK(look() == "found Sent");
  CHECK(server.heard
        == std::vector<std::string>{"CAPABILITY", "AUTHENTICATE XOAUTH2 " + server.initial_response,
                                    "CAPABILITY", "LIST \"\" \"*\"", "EXAMINE \"Sent\"",
                                    "UID SEARCH HEADER X-Mailfleet-Id \"" + own_id + "\"",
                                    "UID FETCH 7 (UID BODY.PEEK[HEADER.FIELDS (X-Mailfleet-Id)])",
                                    "LOGOUT"});
  CHECK(on.streams == 0);
}

TEST_CASE_METHOD(sent_fixture, "a mail is found by its Message-ID where its own id was taken out",
                 "[sent_search]") {
  server.sent[7] = {"", message_id};
  CHECK(look() == "found Sent");
  CHECK(heard("UID SEARCH HEADER Message-ID \"<one@example.com>\"") == 1);
}

TEST_CASE_METHOD(sent_fixture, "a mail that is not there is not found by either", "[sent_search]") {
  server.sent[7] = {"00000000000000a1-4-0-2", "<two@example.com>"};
  CHECK(look() == "not in Sent");
  CHECK(heard("UID SEARCH") == 2);
  CHECK(heard("LOGOUT") == 1);
}

TEST_CASE_METHOD(sent_fixture, "without a Message-ID only the own id is searched for",
                 "[sent_search]") {
  what.message_id.clear();
  CHECK(look() == "not in Sent");
  CHECK(heard("UID SEARCH") == 1);
}

TEST_CASE_METHOD(sent_fixture, "an id that only begins as ours does is another mail's",
                 "[sent_search]") {
  for (std::uint32_t number = 10; number < 20; ++number)
    server.sent[number] = {"00000000000000a1-4-0-" + std::to_string(number),
                           "<" + std::to_string(number) + "@example.com>"};
  SECTION("and there is no other") {
    CHECK(look() == "not in Sent");
  }
  SECTION("and ours is beside them") {
    server.sent[3] = {own_id, message_id};
    CHECK(look() == "found Sent");
  }
}

TEST_CASE_METHOD(sent_fixture,
                 "many ids that begin as ours does are looked at in parts, newest first",
                 "[sent_search]") {
  for (std::uint32_t uid = 1; uid <= 1'111; ++uid)
    server.sent[uid] = {own_id + std::to_string(uid), ""};
  server.sent[300].own = own_id;
  CHECK(look() == "found Sent");
  CHECK(heard("UID FETCH 1111,1110,") == 1);
  CHECK(heard("UID FETCH ") == 2);
}

TEST_CASE_METHOD(sent_fixture, "the folder is taken by its mark, by configuration or by its name",
                 "[sent_search]") {
  SECTION("by the mark that is asked for where the server knows it") {
    server.offers = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 SPECIAL-USE XLIST";
    server.folders = "* LIST () \"/\" Sent\r\n* LIST (\\Sent) \"/\" \"[Gmail]/Versandt\"\r\n";
    CHECK(look() == "not in [Gmail]/Versandt");
    CHECK(heard("LIST \"\" \"*\" RETURN (SPECIAL-USE)") == 1);
  }
  SECTION("by XLIST before it") {
    server.offers = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 XLIST";
    server.folders = "* XLIST (\\Sent) \"/\" x\r\n";
    CHECK(look() == "not in x");
  }
  SECTION("by configuration, in modified UTF-7") {
    what.folder = "Gesch\u00E4ftlich";
    server.folders = "* LIST () \"/\" Sent\r\n";
    CHECK(look() == "not in Gesch\u00E4ftlich");
    CHECK(heard("EXAMINE \"Gesch&AOQ-ftlich\"") == 1);
  }
  SECTION("by a name in a literal, as the server spells it") {
    server.folders = "* LIST () \"/\" {23}\r\n&AMk-l&AOk-ments envoy&AOk-s\r\n";
    server.folders.replace(server.folders.find("{23}"), 4, "{28}");
    CHECK(look() == "not in \u00C9l\u00E9ments envoy\u00E9s");
    CHECK(heard("EXAMINE \"&AMk-l&AOk-ments envoy&AOk-s\"") == 1);
  }
  SECTION("none of them") {
    server.folders = "* LIST () \"/\" INBOX\r\n";
    CHECK(look() == "no folder");
    CHECK(heard("EXAMINE") == 0);
    CHECK(heard("LOGOUT") == 1);
  }
}

TEST_CASE_METHOD(sent_fixture, "an ESEARCH answer counts as SEARCH does", "[sent_search]") {
  server.sent[7] = {own_id, ""};
  special["UID SEARCH"] = "* ESEARCH (tag \"TAG\") UID ALL 7\r\nTAG OK done\r\n";
  SECTION("with a hit") {
    CHECK(look() == "found Sent");
  }
  SECTION("without") {
    server.sent.clear();
    special["UID SEARCH"] = "* ESEARCH (tag \"TAG\") UID\r\nTAG OK done\r\n";
    CHECK(look() == "not in Sent");
  }
  SECTION("not to another command") {
    special["UID SEARCH"] = "* ESEARCH (tag \"A1\") UID\r\nTAG OK done\r\n";
    CHECK(look().starts_with("protocol_violation"));
  }
}

TEST_CASE_METHOD(sent_fixture, "a mail is found among the newest by a server that cannot search",
                 "[sent_search]") {
  special["UID SEARCH"] = "* SEARCH\r\nTAG OK done\r\n";
  for (std::uint32_t uid = 1; uid <= 250; ++uid)
    server.sent[uid] = {own_id + std::to_string(uid), ""};
  SECTION("by its own id") {
    server.sent[51].own = own_id;
    CHECK(look() == "found Sent");
  }
  SECTION("by its Message-ID") {
    server.sent[250] = {"", message_id};
    CHECK(look() == "found Sent");
  }
  SECTION("but not among the older") {
    server.sent[50].own = own_id;
    CHECK(look() == "not in Sent");
  }
  CHECK(heard("FETCH 51:250 (UID BODY.PEEK[HEADER.FIELDS (X-Mailfleet-Id Message-ID)])") == 1);
}

TEST_CASE_METHOD(sent_fixture, "an answer in single bytes is the same", "[sent_search]") {
  on.step = 1;
  server.sent[7] = {own_id, message_id};
  CHECK(look() == "found Sent");
}

TEST_CASE("a search on a loop calls back once", "[sent_search]") {
  // The connector and the wire are the loop thread's until the answer is there.
  boost::asio::io_context context;
  testing::wire on;
  testing::memory_connector connector{context, on};
  connector.fault = failure{errc::dns_failed, "no such host"};
  testing::seeded_random random;
  net::event_loop loop{1};
  std::promise<result<sent_answer>> answered;
  sent_query what;
  what.own_id = own_id;
  net::make_sent_search(loop, connector, random)->search(what, [&](result<sent_answer> answer) {
    answered.set_value(std::move(answer));
  });
  auto answer = answered.get_future().get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::dns_failed);
}
