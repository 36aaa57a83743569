#include "protocols/imap/capabilities.hpp"
#include "protocols/imap/commands.hpp"
#include "protocols/imap/dates.hpp"
#include "protocols/imap/folder_names.hpp"
#include "protocols/imap/limits.hpp"
#include "protocols/imap/refusal.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace std::chrono_literals;

namespace {

imap::refusal judged(imap::status answered, std::string_view text,
                     imap::stage at = imap::stage::selected) {
  return imap::judge(answered, imap::read_response_text(text), at, "FETCH");
}

std::string mailbox(std::string_view name) {
  auto quoted = imap::quoted_mailbox(name);
  return quoted ? *quoted : std::string{to_string(quoted.error().code)};
}

} // namespace

TEST_CASE("INTERNALDATE is read in every zone and with every day form") {
  auto at = [](std::int64_t seconds) { return wall_time{std::chrono::seconds{seconds}}; };
  CHECK(imap::read_date_time("17-Jul-1996 02:44:25 -0700") == at(837'596'665));
  CHECK(imap::read_date_time(" 1-Jan-1970 00:00:00 +0000") == at(0));
  CHECK(imap::read_date_time("1-jan-1970 01:00:00 +0100") == at(0));
  CHECK(imap::read_date_time("29-Feb-2024 23:59:60 +0000") == at(1'709'251'200));
}

TEST_CASE("Rubbish in place of a date is no date") {
  for (auto text :
       {"", "x", "30-Feb-2024 00:00:00 +0000", "00-Jan-2024 00:00:00 +0000",
        "1-Foo-2024 00:00:00 +0000", "1-Jan-24 00:00:00 +0000", "1-Jan-2024 24:00:00 +0000",
        "1-Jan-2024 00:60:00 +0000", "1-Jan-2024 00:00:00 GMT", "1-Jan-2024 00:00:00",
        "1-Jan-2024 00:00:00 +2400", "-1-Jan-2024 00:00:00 +0000", "1-Jan-2024 00:00:00 +0000 x"})
    CHECK_FALSE(imap::read_date_time(text));
}

TEST_CASE("SEARCH dates have the form of RFC 9051") {
  CHECK(imap::write_date(wall_time{0s}) == "1-Jan-1970");
  CHECK(imap::write_date(wall_time{1'709'251'199s}) == "29-Feb-2024");
}

TEST_CASE("UID ranges are written as short as they are") {
  CHECK(imap::list_command({7, 0}) == "UID FETCH 7:* (UID RFC822.SIZE)");
  CHECK(imap::list_command({7, 9}) == "UID FETCH 7:9 (UID RFC822.SIZE)");
  CHECK(imap::fetch_command({7, 7})
        == "UID FETCH 7 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
}

TEST_CASE("Folder names are quoted in modified UTF-7") {
  CHECK(mailbox("Done") == R"("Done")");
  CHECK(mailbox(R"(a "b" \c)") == R"("a \"b\" \\c")");
  CHECK(mailbox("A&B") == R"("A&-B")");
  CHECK(mailbox("Entw\u00FCrfe") == R"("Entw&APw-rfe")");
  CHECK(mailbox("~peter/mail/\u53F0\u5317/\u65E5\u672C\u8A9E")
        == R"("~peter/mail/&U,BTFw-/&ZeVnLIqe-")");
  CHECK(mailbox("\U0001F4E8") == R"("&2D3c6A-")");
}

TEST_CASE("Folder names that could break out of the command are refused") {
  for (auto name : {"", "a\r\nA1 LOGOUT", "a\nb", "a\x7f", "a\xC2\x85", "\xFF", "\xC3", "\xC0\xAF",
                    "\xED\xA0\x80", "\xF4\x90\x80\x80"})
    CHECK(mailbox(name) == "invalid_argument");
}

TEST_CASE("Capabilities are found in any case, mechanisms without their mark") {
  imap::capabilities able{"IMAP4rev1  AUTH=PLAIN auth=XOAUTH2 Idle"};
  CHECK(able.has("IDLE"));
  CHECK_FALSE(able.has("MOVE"));
  CHECK(able.mechanisms() == std::vector<std::string_view>{"PLAIN", "XOAUTH2"});
}

TEST_CASE("Capabilities past the limit are not kept") {
  std::string list;
  for (std::size_t count = 1; count < imap::max_capabilities; ++count)
    list += "x ";
  CHECK(imap::capabilities{list + "IDLE MOVE"}.has("IDLE"));
  CHECK_FALSE(imap::capabilities{list + "IDLE MOVE"}.has("MOVE"));
}

TEST_CASE("Exchange's throttling is busy, with the wait that it names") {
  auto what =
      judged(imap::status::bad, "Request is throttled. Suggested Backoff Time: 92415 milliseconds");
  CHECK(what.reason.code == errc::server_busy);
  CHECK(what.retry_after == 92415ms);
  CHECK(imap::ends_session(what));
}

TEST_CASE("A wait that a server names is cut at our limit") {
  auto waits = [](const std::string& words) {
    return judged(imap::status::bad, "throttled. Suggested Backoff Time: " + words).retry_after;
  };
  CHECK(waits("599999 milliseconds") == 599'999ms);
  CHECK(waits("99999999999 milliseconds") == imap::max_retry_after);
  CHECK_FALSE(waits("-5 milliseconds"));
  CHECK_FALSE(waits("99999999999999999999999 milliseconds"));
}

TEST_CASE("Response codes decide before words do") {
  CHECK(judged(imap::status::no, "[UNAVAILABLE] Temporary authentication failure.",
               imap::stage::signing_in)
            .reason.code
        == errc::server_busy);
  CHECK(judged(imap::status::no, "[AUTHENTICATIONFAILED] Authentication failed.",
               imap::stage::signing_in)
            .reason.code
        == errc::authentication_failed);
  CHECK(judged(imap::status::no, "AUTHENTICATE failed.", imap::stage::signing_in).reason.code
        == errc::authentication_failed);
  CHECK(judged(imap::status::no, "[ALERT] Too many simultaneous connections. (Failure)",
               imap::stage::signing_in)
            .reason.code
        == errc::server_busy);
}

TEST_CASE("Authenticated but not connected is a refused log-in with these words") {
  auto what = judged(imap::status::bad, "User is authenticated but not connected.");
  CHECK(what.reason.code == errc::authentication_failed);
  CHECK(what.reason.detail == "the server refused FETCH: User is authenticated but not connected.");
}

TEST_CASE("BYE because of an expired token says so") {
  auto what = judged(imap::status::bye, "Session invalidated - AccessTokenExpired");
  CHECK(what.token_expired);
  CHECK_FALSE(judged(imap::status::bye, "Connection is closed. 13").token_expired);
}

TEST_CASE("BYE is busy at log-in and a lost connection later") {
  CHECK(judged(imap::status::bye, "Connection is closed. 13", imap::stage::signing_in).reason.code
        == errc::server_busy);
  CHECK(judged(imap::status::bye, "Connection is closed. 13").reason.code == errc::connection_lost);
}

TEST_CASE("A refusal of one command does not end the session") {
  auto what = judged(imap::status::no, "Some of the requested messages no longer exist");
  CHECK(what.reason.code == errc::server_refused);
  CHECK_FALSE(imap::ends_session(what));
}

TEST_CASE("A server's words are told with its code") {
  auto what = judged(imap::status::no, "[NOPERM] Access denied", imap::stage::selecting);
  CHECK(what.reason.code == errc::authentication_failed);
  CHECK(what.reason.detail == "the server refused FETCH: [NOPERM] Access denied");
  CHECK(judged(imap::status::no, "[NOPERM] Access denied").reason.code == errc::server_refused);
}

TEST_CASE("A server's words are made printable") {
  CHECK(judged(imap::status::no, "\x1b[2Jx").reason.detail == "the server refused FETCH: ?[2Jx");
}
