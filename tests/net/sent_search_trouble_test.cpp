// Goal: nothing but a whole, clean answer is taken for "not there". Method: every step is
// refused, silenced, cut at every byte, and answered without end.
#include "net/imap_limits.hpp"
#include "protocols/imap/limits.hpp"
#include "tests/net/sent_search_fixture.hpp"

using namespace mailfleet;
using mailfleet::testing::message_id;
using mailfleet::testing::own_id;
using mailfleet::testing::sent_fixture;
namespace limits = net::imap_limits;

TEST_CASE_METHOD(sent_fixture, "a search without an answer proves nothing", "[sent_search]") {
  auto answer = GENERATE(std::string{"TAG OK done\r\n"}, "TAG NO [CANNOT] no search by header\r\n",
                         "TAG BAD what\r\n", "* BYE gone\r\n",
                         "* SEARCH\r\nTAG NO [UNAVAILABLE] try again later\r\n",
                         "* SEARCH x\r\nTAG OK done\r\n");
  CAPTURE(answer);
  SECTION("for the own id") {
    special["UID SEARCH HEADER X-"] = answer;
  }
  SECTION("for the Message-ID") {
    special["UID SEARCH HEADER Mess"] = answer;
  }
  begin();
  fault();
}

TEST_CASE_METHOD(sent_fixture, "a refusal at any step is a failure, in the server's words",
                 "[sent_search]") {
  auto step = GENERATE(std::string{"CAPABILITY"}, "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH",
                       "UID FETCH");
  auto refusal = GENERATE(std::string{"TAG NO no such luck\r\n"}, "TAG BAD no such luck\r\n",
                          "* BYE no such luck\r\n");
  CAPTURE(step, refusal);
  server.sent[7] = {own_id, message_id};
  special[step] = refusal;
  CHECK(look().find("no such luck") != std::string::npos);
  fault();
  CHECK(on.streams == 0);
}

TEST_CASE_METHOD(sent_fixture, "a message that was found and is not shown leaves it open",
                 "[sent_search]") {
  server.sent[7] = {own_id + "0", ""};
  server.sent[8] = {own_id + "1", ""};
  special["UID FETCH"] =
      GENERATE(std::string{"TAG OK done\r\n"},
               "* 1 FETCH (UID 7 BODY[HEADER.FIELDS (X-Mailfleet-Id)] \"\")\r\nTAG OK done\r\n",
               "* 1 FETCH (UID 7 FLAGS ())\r\n* 2 FETCH (UID 8 FLAGS ())\r\nTAG OK done\r\n");
  CHECK(look().starts_with("server_refused"));
}

TEST_CASE_METHOD(sent_fixture, "a server that is silent at any step has its deadline",
                 "[sent_search]") {
  auto step = GENERATE(std::string{"CAPABILITY"}, "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH",
                       "UID FETCH");
  CAPTURE(step);
  server.sent[7] = {own_id, message_id};
  special[step] = "";
  begin();
  REQUIRE(on.waiting);
  CHECK(on.deadline <= limits::command_deadline);
  on.expire();
  run();
  CHECK(fault() == errc::timed_out);
  CHECK(on.streams == 0);
}

TEST_CASE_METHOD(sent_fixture, "newest messages that are not shown leave it open",
                 "[sent_search]") {
  server.sent[7] = {"", ""};
  server.sent[8] = {"", ""};
  const std::string one = "* 1 FETCH (UID 7 BODY[HEADER.FIELDS (X-Mailfleet-Id)] \"\")\r\n";
  SECTION("one of two") {
    special["FETCH"] = one + "TAG OK done\r\n";
    CHECK(look().starts_with("server_refused"));
  }
  SECTION("but for one that is gone") {
    special["FETCH"] = one + "* 2 EXPUNGE\r\nTAG OK done\r\n";
    CHECK(look() == "not in Sent");
  }
  SECTION("all, by a refusal") {
    special["FETCH"] = "TAG NO no such luck\r\n";
    CHECK(look().starts_with("server_refused"));
  }
}

TEST_CASE_METHOD(sent_fixture, "all steps together have a deadline too", "[sent_search]") {
  special["UID SEARCH"] = "";
  most = {};
  CHECK(look() == "timed_out: the look into the folder of sent mail took too long");
  CHECK(on.streams == 0);
}

TEST_CASE_METHOD(sent_fixture, "a connection that is cut at any byte never says not found",
                 "[sent_search]") {
  server.folders = "* LIST (\\Sent) \"/\" {4}\r\nSent\r\n";
  server.sent[7] = {own_id + "0", ""};
  std::size_t said = 0;
  std::size_t before_logout = 0;
  on.answer = [&](const std::string& line) {
    auto text = server.answer(line);
    if (line.ends_with("LOGOUT"))
      before_logout = said;
    said += text.size();
    return text;
  };
  REQUIRE(look() == "not in Sent");
  for (std::size_t cut = 0; cut < before_logout; ++cut) {
    CAPTURE(cut);
    sent_fixture other;
    other.server.folders = server.folders;
    other.server.sent = server.sent;
    std::size_t sent = 0;
    other.on.answer = [&](const std::string& line) {
      auto text = other.server.answer(line);
      if (sent + text.size() > cut) {
        text.resize(cut - std::min(cut, sent));
        other.on.ended = true;
      }
      sent += text.size();
      return text;
    };
    other.begin();
    CHECK(other.fault() == errc::connection_lost);
  }
}

TEST_CASE_METHOD(sent_fixture, "a list of folders beyond the limit is no list to choose from",
                 "[sent_search]") {
  auto many = [](std::size_t count, const std::string& name) {
    std::string text;
    for (std::size_t number = 0; number < count; ++number)
      text += "* LIST () \"/\" " + name + "\r\n";
    return text;
  };
  SECTION("as many as may be are read") {
    server.folders += many(limits::max_folders - 2, "a");
    CHECK(look() == "not in Sent");
  }
  SECTION("a hundred thousand are too many") {
    server.folders += many(100'000, "a");
    CHECK(look().starts_with("too_large"));
    CHECK(heard("EXAMINE") == 0);
    CHECK(heard("LOGOUT") == 1);
  }
  SECTION("long ones are too many soon") {
    server.folders += many(limits::max_folder_bytes / 60'000 + 1, std::string(60'000, 'a'));
    CHECK(look().starts_with("too_large"));
  }
  SECTION("one that is longer than a line may be breaks the session") {
    server.folders += many(1, std::string(imap::max_line_bytes, 'a'));
    CHECK(look().starts_with("protocol_violation"));
  }
  SECTION("and none at all is no list either") {
    server.folders.clear();
    CHECK(look().starts_with("protocol_violation"));
  }
  SECTION("nor is one that is malformed") {
    server.folders += "* LIST (\\Sent \"/\" x\r\n";
    CHECK(look().starts_with("protocol_violation"));
  }
}

TEST_CASE_METHOD(sent_fixture, "more hits than can be looked at leave it open", "[sent_search]") {
  for (std::uint32_t uid = 1; uid <= limits::max_search_hits + 1; ++uid)
    server.sent[uid] = {own_id + "0", ""};
  CHECK(look().starts_with("too_large"));
  CHECK(heard("UID FETCH") == 0);
}

TEST_CASE_METHOD(sent_fixture, "a folder whose name cannot be said is not opened",
                 "[sent_search]") {
  SECTION("by the server's list") {
    server.folders = "* LIST (\\Sent) \"/\" {11}\r\na\r\nA1 LOGOU\r\n";
    CHECK(look().starts_with("protocol_violation"));
  }
  SECTION("by configuration") {
    server.folders = "* LIST () \"/\" INBOX\r\n";
    what.folder = "a\r\nA1 LOGOUT";
    CHECK(look().starts_with("invalid_argument"));
  }
  CHECK(heard("EXAMINE") == 0);
}

TEST_CASE_METHOD(sent_fixture, "an id that cannot be said is refused before anybody is asked",
                 "[sent_search]") {
  SECTION("the own") {
    what.own_id = GENERATE(std::string{}, "a\r\nA1 LOGOUT", "\u00E9");
  }
  SECTION("the Message-ID") {
    what.message_id = "<a\nb@example.com>";
  }
  CHECK(look().starts_with("invalid_argument"));
  CHECK(server.heard.empty());
}

TEST_CASE_METHOD(sent_fixture, "a server that repeats the token is not quoted", "[sent_search]") {
  auto step = GENERATE(std::string{"AUTHENTICATE"}, "EXAMINE");
  what.account.credential = secret{"canary-token"};
  server.initial_response = "dXNlcj11AWF1dGg9QmVhcmVyIGNhbmFyeS10b2tlbgEB";
  special[step] = "TAG NO canary-token\r\n";
  CHECK(look().find("canary") == std::string::npos);
  fault();
}

TEST_CASE_METHOD(sent_fixture, "a server that cannot be reached is a failure", "[sent_search]") {
  connector.fault = failure{errc::connect_failed, "nobody listens"};
  CHECK(look() == "connect_failed: nobody listens");
}
