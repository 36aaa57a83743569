// Goal: the engine reports what servers say, however the network cuts it, and
// stops at everything that is not IMAP. Method: hand-written transcripts in
// which %1 stands for the tag of the first command, and so on.
#include "protocols/imap/engine.hpp"
#include "protocols/imap/limits.hpp"
#include "tests/protocols/imap_transcript.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace mailfleet;
using mailfleet::testing::transcript;

namespace {

imap::engine::random_bytes seeded() {
  return [source = std::mt19937{7}](std::size_t count) mutable {
    std::string bytes;
    for (std::size_t at = 0; at < count; ++at)
      bytes.push_back(static_cast<char>(source()));
    return bytes;
  };
}

/// An engine with commands under way, and their tags.
struct fixture {
  explicit fixture(int commands) {
    for (int number = 1; number <= commands; ++number) {
      auto line = engine.start("NOOP").bytes;
      tags.push_back(line.substr(0, line.find(' ')));
    }
  }

  std::string with_tags(std::string text) const {
    for (std::size_t number = tags.size(); number > 0; --number) {
      auto mark = "%" + std::to_string(number);
      for (auto at = text.find(mark); at != text.npos; at = text.find(mark))
        text.replace(at, mark.size(), tags[number - 1]);
    }
    return text;
  }

  imap::engine engine{seeded()};
  std::vector<std::string> tags;
};

/// What an engine with `commands` under way reports of a server's text.
std::string said(const std::string& text, int commands = 1, std::size_t step = 0) {
  fixture with{commands};
  auto bytes = with.with_tags(text);
  transcript heard;
  if (step == 0)
    step = std::max<std::size_t>(bytes.size(), 1);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    // A copy of its own size: the address sanitizer sees any byte read past it.
    std::string part{bytes, at, step};
    if (!heard.feed(with.engine, part))
      break;
  }
  return heard.text;
}

std::string fetch_of(const std::string& items) {
  return "* 1 FETCH (" + items + ")\r\n";
}

bool breaks(const std::string& text) {
  return said(text).find("broken: ") != std::string::npos;
}

const std::string dovecot =
    "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE AUTH=XOAUTH2\r\n"
    "%1 OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] Logged in\r\n"
    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
    "* OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] Flags permitted.\r\n"
    "* 2 EXISTS\r\n* 0 RECENT\r\n"
    "* OK [UNSEEN 1] First unseen.\r\n"
    "* OK [UIDVALIDITY 1700000000] UIDs valid\r\n"
    "* OK [UIDNEXT 3] Predicted next UID\r\n"
    "%2 OK [READ-WRITE] Select completed (0.001 + 0.000 secs).\r\n"
    "* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
    "RFC822.SIZE 12 BODY[] {12}\r\nHello\r\n{5}\r\n)\r\n"
    "* 2 FETCH (UID 2 FLAGS () INTERNALDATE \" 7-Jul-1996 09:44:25 +0000\" "
    "RFC822.SIZE 0 BODY[] {0}\r\n)\r\n"
    "%3 OK Fetch completed (0.002 + 0.000 secs).\r\n";

} // namespace

TEST_CASE("A session in Dovecot's manner is reported event by event") {
  CHECK(said(dovecot, 3)
        == "capability IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE AUTH=XOAUTH2\n"
           "done 1 OK 5 [IMAP4rev1 IDLE MOVE UIDPLUS] Logged in\n"
           "other\n"
           "OK 1 [(\\Answered \\Seen \\*)] Flags permitted.\n"
           "exists 2\nother\n"
           "OK 1 [1] First unseen.\n"
           "OK 18 [1700000000] UIDs valid\n"
           "OK 17 [3] Predicted next UID\n"
           "done 2 OK 1 [] Select completed (0.001 + 0.000 secs).\n"
           "body of 1 uid 1 bytes 12\nHello\r\n{5}\r\n|\n"
           "fetched 1 uid 1 \\Seen at 837596665 size 12 body\n"
           "body of 2 uid 2 bytes 0\n|\n"
           "fetched 2 uid 2 at 836732665 size 0 body\n"
           "done 3 OK 0 [] Fetch completed (0.002 + 0.000 secs).\n");
}

TEST_CASE("Events are the same however the bytes are cut") {
  auto whole = said(dovecot, 3);
  for (std::size_t step = 1; step < dovecot.size(); ++step)
    CHECK(said(dovecot, 3, step) == whole);
}

TEST_CASE("Exchange's refusal of a mailbox is reported with its words") {
  CHECK(said("%1 BAD User is authenticated but not connected.\r\n* BYE Connection closed. 14\r\n")
        == "done 1 BAD 0 [] User is authenticated but not connected.\n"
           "BYE 0 [] Connection closed. 14\n");
}

TEST_CASE("EXISTS before the continuation of IDLE is legal, as Exchange does") {
  CHECK(said("* 5 EXISTS\r\n+ IDLE accepted, awaiting DONE command.\r\n* 5 EXPUNGE\r\n")
        == "exists 5\ncontinue IDLE accepted, awaiting DONE command.\nexpunged 5\n");
  CHECK(said("+\r\n+ \r\n") == "continue \ncontinue \n");
}

TEST_CASE("Gmail's extra items and a UID behind the body are understood") {
  CHECK(said(fetch_of("X-GM-LABELS (\"\\\\Inbox\" \"a b)\") BODY[] {3}\r\nabc FLAGS "
                      "(\\Seen $Forwarded) UID 42"))
        == "body of 1 uid 0 bytes 3\nabc|\nfetched 1 uid 42 \\Seen $Forwarded body\n");
}

TEST_CASE("A body may be a quoted string, empty, NIL or missing") {
  CHECK(said(fetch_of(R"(UID 4 BODY[] "a \"b\" \\")"))
        == "body of 1 uid 4 bytes 7\na \"b\" \\|\nfetched 1 uid 4 body\n");
  CHECK(said(fetch_of(R"(UID 4 BODY[] "")"))
        == "body of 1 uid 4 bytes 0\n|\nfetched 1 uid 4 body\n");
  CHECK(said(fetch_of("UID 4 BODY[] NIL")) == "fetched 1 uid 4 no body\n");
  CHECK(said(fetch_of("UID 4")) == "fetched 1 uid 4 no body\n");
}

TEST_CASE("Bodies that look like IMAP stay bodies") {
  const std::string nasty = ")\r\n%1 OK done\r\n* BYE\r\n* 1 FETCH (UID 9 BODY[] {9999}\r\n+ x\r\n";
  fixture with{1};
  auto body = with.with_tags(nasty);
  auto heard = said("* 1 FETCH (UID 4 BODY[] {" + std::to_string(body.size()) + "}\r\n" + nasty
                    + ")\r\n%1 OK real\r\n");
  CHECK(heard
        == "body of 1 uid 4 bytes " + std::to_string(body.size()) + "\n" + body
               + "|\nfetched 1 uid 4 body\ndone 1 OK 0 [] real\n");
}

TEST_CASE("Literals in other items are read or skipped, never taken for lines") {
  CHECK(said(fetch_of("ENVELOPE ({5}\r\n) OK\r ~{3}\r\n\r\n) NIL) INTERNALDATE {26}\r\n17-Jul-1996 "
                      "02:44:25 -0700 UID 3"))
        == "fetched 1 uid 3 at 837596665 no body\n");
  CHECK(said("* STATUS {9}\r\n* BYE x\r\n ()\r\n%1 OK done\r\n") == "other\ndone 1 OK 0 [] done\n");
}

TEST_CASE("Lines that end with a bare LF are understood") {
  CHECK(
      said("* 3 EXISTS\n* 1 FETCH (UID 4 BODY[] {3}\na\r\n)\n%1 OK done\n")
      == "exists 3\nbody of 1 uid 4 bytes 3\na\r\n|\nfetched 1 uid 4 body\ndone 1 OK 0 [] done\n");
}

TEST_CASE("Only a tag that is under way completes a command, and only once") {
  CHECK(said("%2 OK b\r\n%1 NO a\r\n", 2) == "done 2 OK 0 [] b\ndone 1 NO 0 [] a\n");
  CHECK(breaks("A004 OK done\r\n"));
  CHECK(breaks("%1 OK a\r\n%1 OK a\r\n"));
  CHECK(breaks("%1 BYE a\r\n"));
  CHECK(breaks("%1\r\n"));
  CHECK(breaks("\r\n"));
}

TEST_CASE("Tags of two commands or two engines are never the same") {
  fixture with{200};
  std::sort(with.tags.begin(), with.tags.end());
  CHECK(std::adjacent_find(with.tags.begin(), with.tags.end()) == with.tags.end());
  CHECK(with.tags.front().size() == 13);
}

TEST_CASE("A literal's size must be a number within its limit") {
  for (auto size : {"{}", "{-1}", "{5+}", "{ 5}", "{0x5}", "{99999999999999999999}",
                    "{18446744073709551615}", "{5} "})
    CHECK(breaks(fetch_of(std::string{"UID 1 BODY[] "} + size + "\r\nabcde")));
  auto announced = [](std::uint64_t bytes) {
    return "* 1 FETCH (UID 1 BODY[] {" + std::to_string(bytes) + "}\r\n";
  };
  CHECK_FALSE(breaks(announced(imap::max_body_bytes)));
  CHECK(breaks(announced(imap::max_body_bytes + 1)));
}

TEST_CASE("A literal that is no body is bounded before it is collected") {
  for (std::string before : {"* 1 FETCH (ENVELOPE (", "* LIST () \"/\" "}) {
    auto most = std::to_string(imap::max_value_literal_bytes);
    auto more = std::to_string(imap::max_value_literal_bytes + 1);
    CHECK_FALSE(breaks(before + "{" + most + "}\r\n"));
    CHECK(breaks(before + "{" + more + "}\r\n"));
  }
}

TEST_CASE("Numbers of messages must be numbers") {
  for (auto text :
       {"* 0 EXPUNGE\r\n", "* 0 FETCH (UID 1)\r\n", "* 4294967296 EXISTS\r\n",
        "* 1 FETCH (UID 0)\r\n", "* 1 FETCH (UID -1)\r\n", "* 1 FETCH (UID 4294967296)\r\n",
        "* 1 FETCH (RFC822.SIZE x)\r\n", "* 1 FETCH (UID 1 UID 2)\r\n", "* SEARCH 1 x\r\n",
        "* SEARCH 0\r\n", "* 1x EXISTS\r\n"})
    CHECK(breaks(text));
  CHECK(said("* 4294967295 EXISTS\r\n* 0 EXISTS\r\n") == "exists 4294967295\nexists 0\n");
}

TEST_CASE("SEARCH gives its numbers, none for an empty answer") {
  CHECK(said("* SEARCH 2 84 882\r\n* SEARCH\r\n* SEARCH 5 (MODSEQ 917)\r\n")
        == "found 2 84 882\nfound\nfound 5\n");
}

TEST_CASE("FETCH responses that are no list break the session") {
  for (auto text :
       {"* 1 FETCH\r\n", "* 1 FETCH UID 1\r\n", "* 1 FETCH (UID 1\r\n", "* 1 FETCH (UID)\r\n",
        "* 1 FETCH (UID 1) x\r\n", "* 1 FETCH (UID (1))\r\n", "* 1 FETCH (FLAGS (\\Seen)\r\n",
        "* 1 FETCH (BODY[] x)\r\n", "* 1 FETCH (BODY[] \"open)\r\n",
        "* 1 FETCH (BODY[] \"a\"\r\n)\r\n", "* 1 FETCH (BODY[] \"a\" BODY[] \"b\")\r\n"})
    CHECK(breaks(text));
}

TEST_CASE("Nesting is bounded") {
  auto nested = [](std::size_t depth) {
    return fetch_of("X " + std::string(depth, '(') + std::string(depth, ')'));
  };
  CHECK_FALSE(breaks(nested(imap::max_list_depth)));
  CHECK(breaks(nested(imap::max_list_depth + 1)));
}

TEST_CASE("Flags of a message are bounded") {
  auto flagged = [](std::size_t count) {
    std::string flags;
    for (std::size_t at = 0; at < count; ++at)
      flags += "f ";
    return fetch_of("FLAGS (" + flags + ")");
  };
  CHECK_FALSE(breaks(flagged(imap::max_flags)));
  CHECK(breaks(flagged(imap::max_flags + 1)));
}

TEST_CASE("A line is bounded, whole or in parts") {
  auto line = [](std::size_t bytes) { return "* OK " + std::string(bytes - 6, 'x') + "\r\n"; };
  auto search = [](std::size_t bytes) { return "* SEARCH" + std::string(bytes - 9, ' ') + "\r\n"; };
  for (std::size_t step : {0u, 7u, 60'000u}) {
    CHECK(said(line(imap::max_line_bytes), 1, step).starts_with("OK "));
    CHECK(said(line(imap::max_line_bytes + 1), 1, step).starts_with("broken: "));
    CHECK(said(search(imap::max_search_line_bytes), 1, step) == "found\n");
    CHECK(said(search(imap::max_search_line_bytes + 1), 1, step).starts_with("broken: "));
  }
}

TEST_CASE("An endless line is not collected past its limit") {
  fixture with{1};
  transcript heard;
  std::string part(1000, 'x');
  int fed = 0;
  while (heard.feed(with.engine, part))
    ++fed;
  CHECK(fed == static_cast<int>(imap::max_line_bytes / part.size()));
}

TEST_CASE("A NUL outside a literal breaks the session, inside it does not") {
  using namespace std::string_literals;
  CHECK(breaks("* OK a\0b\r\n"s));
  CHECK(said("* 1 FETCH (UID 4 BODY[] {3}\r\na\0b)\r\n"s)
        == "body of 1 uid 4 bytes 3\na\0b|\nfetched 1 uid 4 body\n"s);
}

TEST_CASE("Nothing is reported after the session broke") {
  fixture with{1};
  transcript heard;
  CHECK_FALSE(heard.feed(with.engine, "x\r\n* 1 EXISTS\r\n"));
  CHECK(std::holds_alternative<imap::broken>(with.engine.next()));
  with.engine.feed("* 1 EXISTS\r\n");
  CHECK(std::holds_alternative<imap::broken>(with.engine.next()));
}

TEST_CASE("AUTHENTICATE carries an initial response when there is one") {
  imap::engine engine{seeded()};
  auto bytes = [&](std::optional<secret> initial) {
    auto line = std::string{engine.start_authenticate("XOAUTH2", initial).bytes.reveal()};
    return line.substr(line.find(' '));
  };
  CHECK(bytes(secret{"abc="}) == " AUTHENTICATE XOAUTH2 abc=\r\n");
  CHECK(bytes(secret{}) == " AUTHENTICATE XOAUTH2 =\r\n");
  CHECK(bytes(std::nullopt) == " AUTHENTICATE XOAUTH2\r\n");
  CHECK(engine.outstanding() == 3);
}
