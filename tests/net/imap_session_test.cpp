// Goal: a session does what its port promises against a well-behaved server.
// Method: a server in memory; the test polls the context, so that every await
// ends exactly when the test lets it.
#include "net/imap_limits.hpp"
#include "tests/net/imap_memory_server.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::session_fixture;
namespace limits = net::imap_limits;

namespace {

struct loaded : session_fixture {
  explicit loaded(int count, std::size_t size = 100) {
    add_mails(count, size);
  }
};

} // namespace

TEST_CASE("A session signs in, asks again what the server can do, and selects INBOX") {
  loaded with{2};
  with.open();
  CHECK(with.server.heard
        == std::vector<std::string>{"CAPABILITY",
                                    "AUTHENTICATE XOAUTH2 " + with.server.initial_response,
                                    "CAPABILITY", "SELECT INBOX"});
  REQUIRE(with.story() == "opened");
  auto folder = with.all<folder_opened>().front();
  CHECK(folder.folder == inbox_folder);
  CHECK(folder.validity == 14);
  CHECK(folder.next_number == 3);
  CHECK(folder.exists == 2);
}

TEST_CASE("Capabilities in the completion of the sign-in are not asked for again") {
  loaded with{0};
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command.starts_with("AUTHENTICATE"))
      return "TAG OK [CAPABILITY IMAP4rev1 IDLE] in\r\n";
    return std::nullopt;
  };
  with.open();
  CHECK(with.heard("CAPABILITY") == 1);
  CHECK(with.story() == "opened");
}

TEST_CASE("Without SASL-IR the token goes out only when the server asks for it") {
  loaded with{0};
  with.server.offers = "IMAP4rev1 AUTH=XOAUTH2";
  with.server.instead = [&](const std::string& command) -> std::optional<std::string> {
    if (command == "AUTHENTICATE XOAUTH2")
      return "+ \r\n";
    if (command == with.server.initial_response)
      return "TAG OK in\r\n";
    return std::nullopt;
  };
  with.open();
  CHECK(with.story() == "opened");
}

TEST_CASE("A password mailbox signs in with PLAIN") {
  loaded with{0};
  with.auth = mailbox_auth::password;
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command == "AUTHENTICATE PLAIN AHUAdG9rZW4=")
      return "TAG OK in\r\n";
    return std::nullopt;
  };
  with.open();
  CHECK(with.story() == "opened");
}

TEST_CASE("All mail comes in ascending order with digest, date, flags and size") {
  loaded with{3};
  with.server.mails[2].flags = "\\Seen $Work";
  with.open();
  with.session->fetch(0);
  with.run();
  REQUIRE(with.story() == "opened batch(1 2 3) fetched(3)");
  const auto second = with.all<mail_batch>().front().pieces[1];
  REQUIRE(second.last);
  CHECK(second.bytes->bytes == with.server.mails[2].body);
  CHECK(second.last->size == 100);
  CHECK(second.last->flags == std::vector<std::string>{"\\Seen", "$Work"});
  CHECK(second.last->internal_date == wall_time{std::chrono::seconds{837'596'665}});
  // sha256 of 100 times 'c'.
  CHECK(to_hex(second.last->sha256)
        == "bdcdc9e9204fe2099666b438af288629b1fa7f89797341bf7d435ce4ca2b706b");
}

TEST_CASE("The last message is not fetched again although n:* names it") {
  loaded with{3};
  with.open();
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command.starts_with("SELECT"))
      return "* 3 EXISTS\r\n* OK [UIDVALIDITY 14] x\r\nTAG OK done\r\n";
    return std::nullopt;
  };
  with.on.say("* 4 EXISTS\r\n");
  with.run();
  with.session->fetch(3);
  with.run();
  CHECK(with.heard("UID FETCH 4:* (UID RFC822.SIZE)") == 1);
  CHECK(with.story() == "opened fetched(3)");
}

TEST_CASE("Nothing is asked of the server when nothing can be new") {
  loaded with{3};
  with.open();
  with.session->fetch(3);
  with.run();
  CHECK(with.heard("UID FETCH") == 0);
  CHECK(with.story() == "opened fetched(3)");
}

TEST_CASE("Many messages are fetched, the next command sent before the one under way is done") {
  loaded with{600};
  std::vector<std::size_t> taken_at;
  with.server.instead = [&](const std::string& command) -> std::optional<std::string> {
    if (command.find("BODY.PEEK[]") != command.npos)
      taken_at.push_back(with.bodies().size());
    return std::nullopt;
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.heard("UID FETCH 1:256 (UID FLAGS") == 1);
  CHECK(taken_at.size() == 3);
  CHECK(taken_at[1] < 256);
  auto bodies = with.bodies();
  REQUIRE(bodies.size() == 600);
  for (const auto& [uid, mail] : with.server.mails)
    CHECK(bodies[uid] == mail.body);
  CHECK(with.all<fetch_finished>().front().through == 600);
}

TEST_CASE("Mail is the same however the network cuts it") {
  for (std::size_t step : {1u, 2u, 3u, 7u, 50u}) {
    loaded with{5, 61};
    with.on.step = step;
    with.open();
    with.session->fetch(0);
    with.run();
    auto bodies = with.bodies();
    REQUIRE(bodies.size() == 5);
    for (const auto& [uid, mail] : with.server.mails)
      CHECK(bodies[uid] == mail.body);
    CHECK(with.all<fetch_finished>().size() == 1);
  }
}

TEST_CASE("A large mail comes in pieces of the chunk size and the last one closes it") {
  loaded with{0};
  with.server.add(std::string(2 * max_chunk_bytes + 1, 'x'));
  with.server.add(std::string(2 * max_chunk_bytes, 'y'));
  with.open();
  with.session->fetch(0);
  with.run();
  std::vector<mail_piece> pieces;
  for (const auto& batch : with.all<mail_batch>())
    for (const auto& piece : batch.pieces)
      pieces.push_back(piece);
  REQUIRE(pieces.size() == 5);
  for (std::size_t at : {0u, 1u, 3u})
    CHECK((pieces[at].bytes->bytes.size() == max_chunk_bytes && !pieces[at].last));
  CHECK((pieces[2].part == 2 && pieces[2].bytes->bytes.size() == 1 && pieces[2].last));
  CHECK(
      (pieces[4].part == 1 && pieces[4].bytes->bytes.size() == max_chunk_bytes && pieces[4].last));
}

TEST_CASE("An empty mail is a mail") {
  loaded with{0};
  with.server.add("");
  with.open();
  with.session->fetch(0);
  with.run();
  REQUIRE(with.story() == "opened batch(1) fetched(1)");
  CHECK(to_hex(with.all<mail_batch>().front().pieces.front().last->sha256)
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("A session without budget left reads on when bytes come back") {
  loaded with{8, 100'000};
  auto budget = byte_budget::make(250'000);
  with.open(budget);
  with.session->fetch(0);
  with.run();
  std::size_t seen = 0;
  int rounds = 0;
  while (with.all<fetch_finished>().empty() && rounds++ < 20) {
    CHECK(budget->used() <= budget->limit());
    seen += std::get<mail_batch>(with.events.back()).pieces.size();
    with.events.clear();
    with.run();
  }
  for (const auto& batch : with.all<mail_batch>())
    seen += batch.pieces.size();
  CHECK(seen == 8);
  CHECK(rounds >= 3);
  with.events.clear();
  CHECK(budget->used() == 0);
}

TEST_CASE("A chunk above the whole budget comes when nothing else is out") {
  loaded with{0};
  with.server.add(std::string(3 * max_chunk_bytes, 'x'));
  auto budget = byte_budget::make(1000);
  with.open(budget);
  with.session->fetch(0);
  int pieces = 0;
  for (int round = 0; round < 10; ++round) {
    with.run();
    for (const auto& batch : with.all<mail_batch>())
      pieces += static_cast<int>(batch.pieces.size());
    with.events.clear();
  }
  CHECK(pieces == 3);
  CHECK(budget->used() == 0);
}

TEST_CASE("The first message of a day is searched for") {
  loaded with{3};
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command == "UID SEARCH 1:3 SINCE 1-Jan-2024")
      return "* SEARCH 9 4 5\r\nTAG OK done\r\n";
    return std::nullopt;
  };
  with.open();
  with.session->find_since(wall_time{std::chrono::seconds{1'704'067'200}});
  with.run();
  CHECK(with.story() == "opened start(4)");
}

TEST_CASE("With no message of that day or later the start is UIDNEXT") {
  loaded with{3};
  with.open();
  with.session->find_since(wall_time{std::chrono::seconds{1'704'067'200}});
  with.run();
  CHECK(with.story() == "opened start(4)");
}

TEST_CASE("Without UIDNEXT the start stands behind the last message") {
  loaded with{3};
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command == "SELECT INBOX")
      return "* 3 EXISTS\r\n* OK [UIDVALIDITY 14] x\r\nTAG OK done\r\n";
    return std::nullopt;
  };
  with.open();
  CHECK(with.all<folder_opened>().front().next_number == 4);
  with.session->find_since(wall_time{});
  with.run();
  CHECK(with.story() == "opened start(4)");
}

TEST_CASE("Without UIDNEXT an empty folder starts at 1, a secretive server is not opened") {
  auto opened = [](const std::string& exists) {
    auto with = std::make_unique<loaded>(0);
    with->server.instead = [exists](const std::string& command) -> std::optional<std::string> {
      if (command == "SELECT INBOX")
        return "* " + exists + " EXISTS\r\n* OK [UIDVALIDITY 14] x\r\nTAG OK done\r\n";
      return std::nullopt;
    };
    with->open();
    return with;
  };
  CHECK(opened("0")->all<folder_opened>().front().next_number == 1);
  CHECK(opened("3")->story() == "closed(protocol_violation)");
}

TEST_CASE("A server without SASL is logged in to with LOGIN, unless it is disabled") {
  loaded with{0};
  with.server.offers = "IMAP4rev1 IDLE";
  with.auth = mailbox_auth::password;
  with.open();
  CHECK(with.story() == "opened");
  CHECK(with.heard("LOGIN \"u\" \"token\"") == 1);
  loaded never{0};
  never.server.offers = "IMAP4rev1 LOGINDISABLED";
  never.auth = mailbox_auth::password;
  never.open();
  CHECK(never.story() == "closed(no_common_mechanism)");
}

TEST_CASE("Actions are the commands that name one message by UID") {
  auto said = [](std::string offers, server_action action, std::string target = "") {
    loaded with{3};
    with.server.offers = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 " + offers;
    with.open();
    with.server.heard.clear();
    with.session->act(2, action, std::move(target));
    with.run();
    CHECK(with.story() == "opened acted(2)");
    return with.server.heard;
  };
  using lines = std::vector<std::string>;
  const std::string deleted = "UID STORE 2 +FLAGS.SILENT (\\Deleted)";
  CHECK(said("", server_action::none).empty());
  CHECK(said("", server_action::seen) == lines{"UID STORE 2 +FLAGS.SILENT (\\Seen)"});
  CHECK(said("MOVE UIDPLUS", server_action::move, "Done \u00FC")
        == lines{"UID MOVE 2 \"Done &APw-\""});
  CHECK(said("UIDPLUS", server_action::move, "Done")
        == lines{"UID COPY 2 \"Done\"", deleted, "UID EXPUNGE 2"});
  CHECK(said("UIDPLUS", server_action::remove) == lines{deleted, "UID EXPUNGE 2"});
  CHECK(said("", server_action::remove) == lines{deleted});
}

TEST_CASE("A refused action is reported with the server's words and goes no further") {
  loaded with{1};
  with.server.offers = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 UIDPLUS";
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command.starts_with("UID COPY"))
      return "TAG NO [TRYCREATE] No such folder\r\n";
    return std::nullopt;
  };
  with.open();
  with.session->act(1, server_action::move, "Nowhere");
  with.run();
  REQUIRE(with.story() == "opened acted(1 refused)");
  CHECK(with.all<action_finished>().front().refused->detail
        == "the server refused COPY: [TRYCREATE] No such folder");
  CHECK(with.heard("UID STORE") == 0);
}

TEST_CASE("Commands given at once are carried out one after the other") {
  loaded with{2};
  with.open();
  with.session->fetch(0);
  with.session->act(1, server_action::seen, "");
  with.session->watch();
  with.session->fetch_one(2);
  with.run();
  CHECK(with.story() == "opened batch(1 2) fetched(2) acted(1) batch(2) fetched(2)");
}

TEST_CASE("Close logs out, also from IDLE, and nothing is left") {
  for (bool idle : {false, true}) {
    loaded with{1};
    with.open();
    if (idle)
      with.session->watch();
    with.run();
    auto before = with.story();
    with.session->close();
    with.run();
    CHECK(with.heard("DONE") == (idle ? 1 : 0));
    CHECK(with.heard("LOGOUT") == 1);
    CHECK(with.story() == before);
    CHECK(with.on.streams == 0);
  }
}
