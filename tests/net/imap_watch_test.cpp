#include "net/imap_limits.hpp"
#include "tests/net/imap_memory_server.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::session_fixture;
namespace limits = net::imap_limits;

namespace {

struct loaded : session_fixture {
  explicit loaded(int count) {
    add_mails(count);
  }
};

} // namespace

TEST_CASE("IDLE tells of new mail, and a command ends it") {
  loaded with{1};
  with.open();
  with.session->watch();
  with.run();
  CHECK(with.story() == "opened watching");
  with.server.add("new");
  with.on.say("* 2 EXISTS\r\n");
  with.run();
  CHECK(with.story() == "opened watching news");
  with.session->fetch(1);
  with.run();
  CHECK(with.heard("DONE") == 1);
  CHECK(with.story() == "opened watching news batch(2) fetched(2)");
}

TEST_CASE("An EXISTS that tells of nothing new is no news") {
  loaded with{2};
  with.open();
  with.session->watch();
  with.run();
  with.on.say("* 2 EXISTS\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n* OK Still here\r\n");
  with.run();
  CHECK(with.story() == "opened watching");
}

TEST_CASE("Mail that came before the watch is told when it begins") {
  loaded with{1};
  with.open();
  with.on.say("* 2 EXISTS\r\n");
  with.run();
  with.session->watch();
  with.run();
  CHECK(with.story() == "opened watching news");
}

TEST_CASE("IDLE is renewed at its deadline without a new report") {
  loaded with{0};
  with.open();
  with.session->watch();
  with.run();
  CHECK(with.on.deadline <= limits::idle_renewal);
  CHECK(with.on.deadline > limits::idle_renewal - std::chrono::minutes{1});
  with.on.expire();
  with.run();
  CHECK(with.heard("IDLE") == 2);
  CHECK(with.heard("DONE") == 1);
  CHECK(with.story() == "opened watching");
}

TEST_CASE("A command given before IDLE is taken waits for the continuation") {
  loaded with{1};
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    return command == "IDLE" ? std::optional<std::string>{""} : std::nullopt;
  };
  with.open();
  with.session->watch();
  with.run();
  with.session->fetch(0);
  with.run();
  CHECK(with.heard("DONE") == 0);
  with.server.idling = true;
  with.on.say("* 1 EXISTS\r\n+ idling\r\n");
  with.run();
  CHECK(with.heard("DONE") == 1);
  CHECK(with.story() == "opened batch(1) fetched(1)");
}

TEST_CASE("Where IDLE is missing NOOP asks once a minute") {
  loaded with{1};
  with.server.offers = "IMAP4rev1 SASL-IR AUTH=XOAUTH2";
  with.open();
  with.session->watch();
  with.run();
  CHECK(with.story() == "opened watching");
  CHECK(with.on.deadline <= limits::poll_interval);
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    if (command == "NOOP")
      return "* 2 EXISTS\r\nTAG OK done\r\n";
    return std::nullopt;
  };
  with.on.expire();
  with.run();
  CHECK(with.heard("NOOP") == 1);
  CHECK(with.story() == "opened watching news");
}

TEST_CASE("A server that refuses IDLE is polled") {
  loaded with{0};
  with.server.instead = [](const std::string& command) -> std::optional<std::string> {
    return command == "IDLE" ? std::optional<std::string>{"TAG NO not here\r\n"} : std::nullopt;
  };
  with.open();
  with.session->watch();
  with.run();
  with.on.expire();
  with.run();
  CHECK(with.heard("IDLE") == 1);
  CHECK(with.heard("NOOP") == 1);
  CHECK(with.story() == "opened watching");
}

TEST_CASE("An idle session keeps a small buffer") {
  loaded with{1};
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.on.largest_read == limits::fetch_buffer_bytes);
  with.session->watch();
  with.run();
  with.on.largest_read = 0;
  with.on.say("* OK Still here\r\n");
  with.run();
  CHECK(with.on.largest_read == limits::idle_buffer_bytes);
}
