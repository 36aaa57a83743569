// Goal: no message is passed by, whatever a server leaves out, refuses or adds.
#include "messages/values/mail.hpp"
#include "tests/net/imap_memory_server.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::memory_server;
using mailfleet::testing::session_fixture;

namespace {

using answer = std::optional<std::string>;

struct troubled : session_fixture {
  explicit troubled(int count) {
    add_mails(count);
  }
};

bool asks_for_one(const std::string& command, std::uint32_t uid) {
  return command.starts_with("UID FETCH " + std::to_string(uid) + " (UID FLAGS");
}

bool asks_for_group(const std::string& command) {
  return command.find(':') != command.npos && command.find("BODY.PEEK") != command.npos;
}

} // namespace

TEST_CASE("A message that the server refuses is named before any above it is taken") {
  troubled with{4};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (asks_for_group(heard) && heard.starts_with("UID FETCH 1:4"))
      return with.server.one(1, 1, with.server.mails[1], true)
             + with.server.one(3, 3, with.server.mails[3], true)
             + "TAG NO Some messages could not be FETCHed\r\n";
    return asks_for_one(heard, 2) ? answer{"TAG NO corrupt\r\n"} : std::nullopt;
  };
  with.open();
  with.session->fetch(0);
  with.run();
  REQUIRE(with.story() == "opened batch(1) fetched(2 refused 2)");
  with.session->watch();
  with.run();
  // It is for the owner to go on: news of it would come again without end.
  REQUIRE(with.story() == "opened batch(1) fetched(2 refused 2) watching");
  auto heard = with.server.heard.size();
  with.session->fetch(2);
  with.run();
  CHECK(with.story() == "opened batch(1) fetched(2 refused 2) watching batch(3 4) fetched(4)");
  // What was listed is not listed again.
  CHECK(with.server.heard[heard + 1].find("BODY.PEEK") != std::string::npos);
}

TEST_CASE("A stand-in for a message that went is not taken for it") {
  troubled with{3};
  const auto words = memory_server::mail{"no longer available", ""};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (asks_for_one(heard, 2))
      return with.server.one(2, 2, words, true) + "TAG OK done\r\n";
    if (asks_for_group(heard) && heard.starts_with("UID FETCH 1:3"))
      return with.server.one(1, 1, with.server.mails[1], true) + with.server.one(2, 2, words, true)
             + with.server.one(3, 3, with.server.mails[3], true) + "TAG OK done\r\n";
    if (heard == "NOOP") {
      with.server.mails.erase(2);
      return "* 2 EXPUNGE\r\nTAG OK done\r\n";
    }
    return std::nullopt;
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.story() == "opened batch(1 3) fetched(3)");
}

TEST_CASE("A server that does not keep to the sizes it lists is read all the same") {
  troubled with{3};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (!heard.starts_with("UID FETCH ") || heard.find("BODY.PEEK") == heard.npos)
      return std::nullopt;
    auto text = with.server.usual(heard);
    for (auto at = text.find("RFC822.SIZE "); at != text.npos;
         at = text.find("RFC822.SIZE ", at + 1))
      text.insert(at + 12, "1");
    return text;
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.story() == "opened batch(1 2 3) fetched(3)");
  // One message is looked for; after that the sizes are known to say nothing.
  CHECK(with.heard("NOOP") == 1);
}

TEST_CASE("A message without a body is refused, one that vanished is passed") {
  for (bool named : {true, false}) {
    troubled with{3};
    with.server.instead = [&](const std::string& heard) -> answer {
      auto missing = named ? std::string{"* 2 FETCH (UID 2 BODY[] NIL)\r\n"} : std::string{};
      if (asks_for_one(heard, 2))
        return missing + "TAG OK done\r\n";
      if (!asks_for_group(heard) || !heard.starts_with("UID FETCH 1:3"))
        return std::nullopt;
      return with.server.one(1, 1, with.server.mails[1], true) + missing
             + with.server.one(3, 3, with.server.mails[3], true) + "TAG OK done\r\n";
    };
    with.open();
    with.session->fetch(0);
    with.run();
    CHECK(with.story()
          == (named ? "opened batch(1) fetched(2 refused 2)" : "opened batch(1 3) fetched(3)"));
  }
}

TEST_CASE("One message asked for is reported, refused, or gone") {
  auto story = [](std::string text) {
    troubled with{2};
    with.instead("UID FETCH 2 ", std::move(text));
    with.open();
    with.session->fetch_one(2);
    with.run();
    return with.story();
  };
  CHECK(story("* 2 FETCH (UID 2 BODY[] \"x\")\r\nTAG OK done\r\n") == "opened batch(2) fetched(2)");
  CHECK(story("TAG NO corrupt\r\n") == "opened fetched(2 refused 2)");
  CHECK(story("TAG OK done\r\n") == "opened fetched(2)");
}

TEST_CASE("UIDs behind the bodies are understood, however large the bodies") {
  troubled with{1};
  with.server.add(std::string(3 * max_chunk_bytes, 'x'));
  with.server.add("mail 3");
  with.server.instead = [&](const std::string& heard) -> answer {
    if (heard.find("BODY.PEEK") == heard.npos)
      return std::nullopt;
    auto first = std::stoul(heard.substr(10));
    auto colon = heard.find(':');
    auto last = colon == heard.npos ? first : std::stoul(heard.substr(colon + 1));
    std::string text;
    for (auto uid = static_cast<std::uint32_t>(first); uid <= last; ++uid) {
      const auto& body = with.server.mails[uid].body;
      text += "* " + std::to_string(uid) + " FETCH (BODY[] {" + std::to_string(body.size())
              + "}\r\n" + body + " UID " + std::to_string(uid) + ")\r\n";
    }
    return text + "TAG OK done\r\n";
  };
  with.open();
  with.session->fetch(0);
  with.run();
  auto bodies = with.bodies();
  for (const auto& [uid, mail] : with.server.mails)
    CHECK(bodies[uid] == mail.body);
  CHECK(with.all<fetch_finished>().front().through == 3);
}

TEST_CASE("Unsolicited responses and bodies nobody asked for change nothing") {
  troubled with{2};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (!asks_for_group(heard))
      return std::nullopt;
    return "* 9 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 77 BODY[] \"not asked\")\r\n"
           + with.server.one(1, 1, with.server.mails[1], true) + "* 9 EXPUNGE\r\n"
           + with.server.one(1, 1, with.server.mails[1], true) + "* OK [ALERT] \x1b[2J\r\n"
           + with.server.one(2, 2, with.server.mails[2], true) + "TAG OK done\r\n";
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.story() == "opened batch(1 2) fetched(2)");
}

TEST_CASE("UIDNEXT said in mid-session does not move what is covered") {
  troubled with{2};
  with.open();
  with.on.say("* OK [UIDNEXT 1000] x\r\n");
  with.run();
  with.session->fetch(0);
  with.run();
  CHECK(with.all<fetch_finished>().front().through == 2);
}
