// Goal: what servers say of folders and of searches is read whole, however it is cut, and no
// answer of theirs costs more than its limit. Method: lines in, events out as text.
#include "protocols/imap/commands.hpp"
#include "protocols/imap/engine.hpp"
#include "protocols/imap/folder_names.hpp"
#include "protocols/imap/limits.hpp"
#include "tests/protocols/imap_transcript.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::transcript;

namespace {

/// What an engine with one command under way (its tag is MAAAAAAAAAAAA) reports.
std::string said(std::string_view bytes, std::size_t step = SIZE_MAX) {
  imap::engine engine{[](std::size_t count) { return std::string(count, '\0'); }};
  static_cast<void>(engine.start("NOOP"));
  transcript heard;
  while (!bytes.empty()) {
    std::string part{bytes.substr(0, step)};
    bytes.remove_prefix(part.size());
    if (!heard.feed(engine, part))
      break;
  }
  return heard.text;
}

bool breaks(const std::string& bytes) {
  return said(bytes).find("broken: ") != std::string::npos;
}

std::string spelled(std::string_view name) {
  auto quoted = imap::quoted_spelling(name);
  return quoted ? *quoted : std::string{to_string(quoted.error().code)};
}

std::string searched(std::string_view text) {
  auto command = imap::header_search_command("X-Id", text);
  return command ? *command : std::string{to_string(command.error().code)};
}

const std::string folders =
    "* LIST (\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Sent Mail\"\r\n"
    "* LIST () NIL INBOX\r\n"
    "* XLIST (\\HasChildren) \".\" [draft\r\n"
    "* LIST (\\Marked) \"\\\\\" {10}\r\na \"b\"\r\n c}\r\n"
    "* LIST () \"/\" \"a \\\"b\\\"\" (\"CHILDINFO\" (\"SUBSCRIBED\")) {3}\r\nx)y\r\n"
    "MAAAAAAAAAAAA OK done\r\n";

} // namespace

TEST_CASE("Folders are listed with their attributes, in quotes, as atoms and as literals") {
  CHECK(said(folders)
        == "folder [Gmail]/Sent Mail by / \\HasNoChildren \\Sent\n"
           "folder INBOX\n"
           "folder [draft by . \\HasChildren\n"
           "folder a \"b\"\r\n c} by \\ \\Marked\n"
           "folder a \"b\" by /\n"
           "done 1 OK 0 [] done\n");
}

TEST_CASE("A list of folders is the same however the bytes are cut") {
  for (std::size_t step = 1; step < 40; ++step)
    CHECK(said(folders, step) == said(folders));
}

TEST_CASE("A list of folders that is cut off is never taken for whole") {
  auto end = folders.find("MAAA");
  for (std::size_t length = 0; length < end; ++length)
    CHECK(said(folders.substr(0, length)).find("done") == std::string::npos);
}

TEST_CASE("What is no list of folders breaks the session") {
  for (auto line :
       {"* LIST\r\n", "* LIST \"/\" a\r\n", "* LIST (\\Sent \"/\" a\r\n", "* LIST () a\r\n",
        "* LIST () \"//\" a\r\n", "* LIST () \"\" a\r\n", "* LIST () \"/\"\r\n",
        "* LIST () \"/\" \"a\r\n", "* LIST () \"/\" {x}\r\n", "* LIST () \"/\" a \"\r\n",
        "* LIST () \"/\" {65537}\r\n", "* LIST () \"/\" {-1}\r\n", "* LIST (()) \"/\" a\r\n"}) {
    CAPTURE(line);
    CHECK(breaks(line));
  }
}

TEST_CASE("A folder's line, its attributes and what follows its name are bounded") {
  auto named = [](std::size_t bytes) { return "* LIST () \"/\" " + std::string(bytes, 'a'); };
  auto rest = named(0).size() + 2;
  CHECK_FALSE(breaks(named(imap::max_line_bytes - rest) + "\r\n"));
  CHECK(breaks(named(imap::max_line_bytes) + "\r\n"));
  CHECK(breaks(named(2 * imap::max_line_bytes)));
  auto with = [](std::size_t count, std::string_view what) {
    std::string text;
    for (std::size_t at = 0; at < count; ++at)
      text += what;
    return text;
  };
  CHECK_FALSE(breaks("* LIST (" + with(imap::max_folder_attributes, "\\a ") + ") \"/\" a\r\n"));
  CHECK(breaks("* LIST (" + with(imap::max_folder_attributes + 1, "\\a ") + ") \"/\" a\r\n"));
  CHECK(breaks("* LIST () \"/\" a " + with(imap::max_list_tokens, "x ") + "\r\n"));
}

TEST_CASE("ESEARCH gives its numbers, and none where it names none") {
  CHECK(said("* ESEARCH (TAG \"MAAAAAAAAAAAA\") UID ALL 2,4:6,9:8\r\n") == "found 2 4 5 6 8 9\n");
  CHECK(said("* ESEARCH (TAG \"MAAAAAAAAAAAA\") UID\r\n") == "found\n");
  CHECK(said("* ESEARCH UID COUNT 2 ALL 2:3\r\n") == "found 2 3\n");
}

TEST_CASE("ESEARCH to another command, without UIDs or without the messages is no answer") {
  CHECK(said("* ESEARCH (TAG \"A1\") UID ALL 2\r\n") == "other\n");
  CHECK(said("* ESEARCH (TAG \"MAAAAAAAAAAAA\") ALL 2\r\n") == "other\n");
  CHECK(said("* ESEARCH UID COUNT 2\r\n") == "other\n");
}

TEST_CASE("ESEARCH with numbers that are none or too many breaks the session") {
  for (auto set : {"0", "1:0", "x", "1,", "1:", ":1", "1:4294967295", "1:500001",
                   "1:300000,1:300000", "4294967296", "1:*", "\"1\"", "(1)"}) {
    CAPTURE(set);
    CHECK(breaks("* ESEARCH UID ALL " + std::string{set} + "\r\n"));
  }
  for (auto line : {"* ESEARCH (\r\n", "* ESEARCH (TAG)\r\n", "* ESEARCH (TAG x UID\r\n",
                    "* ESEARCH UID ALL\r\n"})
    CHECK(breaks(line));
  CHECK_FALSE(breaks("* ESEARCH UID ALL 4294967295,1:499999\r\n"));
}

TEST_CASE("Header fields come with the message, as a literal, a string or not at all") {
  auto start = std::string{"* 3 FETCH (UID 7 BODY[HEADER.FIELDS "};
  CHECK(said(start + "(X-ID DATE)] {11}\r\nX-ID: a\r\n\r\n)\r\n")
        == "fetched 3 uid 7 fields X-ID: a\r\n\r\n no body\n");
  CHECK(said(start + "(\"X-ID\")] \"X-ID: \\\"\")\r\n")
        == "fetched 3 uid 7 fields X-ID: \" no body\n");
  CHECK(said(start + "(X-ID)] NIL)\r\n") == "fetched 3 uid 7 no body\n");
  CHECK(breaks(start + "(X-ID)] {65537}\r\n"));
}

TEST_CASE("Folder names are decoded from modified UTF-7") {
  CHECK(imap::folder_name("Sent") == "Sent");
  CHECK(imap::folder_name("A&-B") == "A&B");
  CHECK(imap::folder_name("&AMk-l&AOk-ments envoy&AOk-s") == "\u00C9l\u00E9ments envoy\u00E9s");
  CHECK(imap::folder_name("~peter/mail/&U,BTFw-/&ZeVnLIqe-")
        == "~peter/mail/\u53F0\u5317/\u65E5\u672C\u8A9E");
  CHECK(imap::folder_name("&2D3c6A-") == "\U0001F4E8");
}

TEST_CASE("What is no modified UTF-7 is shown as it is, without control bytes") {
  for (auto name : {"R&D", "&", "&AGE", "&!!!-", "&2D0-", "&3Og-", "&2D3YPQ-", "&AAo-", "&AGF-",
                    "&AGEAY-", "\u00C9l\u00E9ments"})
    CHECK(imap::folder_name(name) == name);
  CHECK(imap::folder_name("a\r\n\xFF\x7F") == "a????");
}

TEST_CASE("A name's spelling is quoted byte by byte") {
  CHECK(spelled("&AGE- \"b\"") == R"("&AGE- \"b\"")");
  CHECK(spelled("\xFF") == "\"\xFF\"");
  for (std::string_view name : {std::string_view{}, std::string_view{"a\nb"},
                                std::string_view{"a\rb"}, std::string_view{"a\0b", 3}})
    CHECK(spelled(name) == "protocol_violation");
}

TEST_CASE("A text that could break out of the search is refused") {
  CHECK(searched("<a@b>") == R"(UID SEARCH HEADER X-Id "<a@b>")");
  CHECK(searched(R"(a"b\c)") == R"(UID SEARCH HEADER X-Id "a\"b\\c")");
  for (auto text : {"", "a\r\nM1 LOGOUT", "a\nb", "\x7f", "\u00E9", "\t"})
    CHECK(searched(text) == "invalid_argument");
}

TEST_CASE("Special uses are asked for only where the server knows them") {
  using imap::capabilities;
  CHECK(imap::folders_command(capabilities{"IMAP4rev1"}) == R"(LIST "" "*")");
  CHECK(imap::folders_command(capabilities{"XLIST"}) == R"(XLIST "" "*")");
  CHECK(imap::folders_command(capabilities{"XLIST SPECIAL-USE"})
        == R"(LIST "" "*" RETURN (SPECIAL-USE))");
}

TEST_CASE("Header fields of several messages are fetched in one command") {
  const std::vector<std::uint32_t> uids{7, 9};
  CHECK(imap::fetch_fields_command(uids, "X-ID MESSAGE-ID")
        == "UID FETCH 7,9 (UID BODY.PEEK[HEADER.FIELDS (X-ID MESSAGE-ID)])");
  CHECK(imap::fetch_last_fields_command(3, 9, "X-ID")
        == "FETCH 3:9 (UID BODY.PEEK[HEADER.FIELDS (X-ID)])");
}
