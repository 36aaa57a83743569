#include "protocols/pop3/log_in.hpp"
#include "tests/protocols/log_in_transcript.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::pop3;
using mailfleet::test::log_in_transcript;
using mailfleet::test::play;

namespace {

constexpr std::string_view token = "canary-token";
constexpr std::string_view proof =
    "dXNlcj1hbm5AZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgY2FuYXJ5LXRva2VuAQE=";
constexpr std::string_view exchange_list =
    "+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN XOAUTH2\r\nUSER\r\n.\r\n";

log_in_transcript by_token(std::initializer_list<std::string_view> answers) {
  return play(log_in_engine{{"ann@example.com", secret{std::string{token}}, "pop3.example", 995},
                            mailbox_auth::oauth2},
              answers);
}

log_in_transcript by_password(std::initializer_list<std::string_view> answers) {
  return play(log_in_engine{{"ann@example.com", secret{"pass-word"}, "pop3.example", 995},
                            mailbox_auth::password},
              answers);
}

} // namespace

TEST_CASE("a POP3 reply has a status, a code and words", "[pop3]") {
  CHECK(read_reply("+OK ready [x]")->text == "ready [x]");
  CHECK(read_reply("+OK")->status == reply_status::ok);
  CHECK(read_reply("-ERR [SYS/TEMP] later")->code == "SYS/TEMP");
  CHECK(read_reply("-ERR [SYS/TEMP] later")->text == "later");
  CHECK(read_reply("+ ")->status == reply_status::go_on);
  CHECK(read_reply("+")->status == reply_status::go_on);
  CHECK(read_reply("+ YQ==")->text == "YQ==");
  for (auto line : {"", "OK", "+OKAY", "* OK", "-ERROR"})
    CHECK(read_reply(line).error().code == errc::protocol_violation);
}

TEST_CASE("a token goes in two steps, and STAT proves that the mailbox opens", "[pop3]") {
  auto played = by_token(
      {exchange_list, "+ \r\n", "+OK User successfully authenticated.\r\n", "+OK 3 120\r\n"});
  CHECK(played.sent == "CAPA\r\nAUTH XOAUTH2\r\n" + std::string{proof} + "\r\nSTAT\r\n");
  CHECK_FALSE(played.end.trouble);
  CHECK(played.end.reply == "+OK 3 120");
}

TEST_CASE("a refusal of POP3 keeps the server's words", "[pop3]") {
  auto played =
      by_token({exchange_list, "+ \r\n", "-ERR Protocol error. Connection is closed. 10\r\n"});
  REQUIRE(played.end.trouble);
  CHECK(played.end.trouble->code == errc::authentication_failed);
  CHECK(played.end.reply == "-ERR Protocol error. Connection is closed. 10");
  CHECK_FALSE(played.end.challenged);
}

TEST_CASE("a challenge of POP3 before the refusal is answered with an empty line", "[pop3]") {
  auto played = by_token({exchange_list, "+ \r\n", "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n",
                          "-ERR [AUTH] Authentication failed.\r\n"});
  CHECK(played.sent.ends_with(std::string{proof} + "\r\n\r\n"));
  CHECK(played.end.challenged);
  CHECK(played.end.trouble->code == errc::authentication_failed);
}

TEST_CASE("passing trouble of POP3 is told from a refusal", "[pop3]") {
  for (auto code : {"SYS/TEMP", "IN-USE", "LOGIN-DELAY"}) {
    auto played = by_token({exchange_list, "+ \r\n", "-ERR [" + std::string{code} + "] x\r\n"});
    CHECK(played.end.trouble->code == errc::server_busy);
  }
  auto unopened = by_token({exchange_list, "+ \r\n", "+OK\r\n", "-ERR not connected\r\n"});
  CHECK(unopened.end.trouble->code == errc::server_refused);
  CHECK(unopened.end.trouble->detail == "the server refused STAT: -ERR not connected");
}

TEST_CASE("a server without CAPA is tried all the same", "[pop3]") {
  auto played = by_token({"-ERR what\r\n", "+ \r\n", "+OK\r\n", "+OK 0 0\r\n"});
  CHECK(played.sent.starts_with("CAPA\r\nAUTH XOAUTH2\r\n"));
  CHECK_FALSE(played.end.trouble);
  auto user = by_password({"-ERR what\r\n", "+OK\r\n", "+OK\r\n", "+OK 0 0\r\n"});
  CHECK(user.sent == "CAPA\r\nUSER ann@example.com\r\nPASS pass-word\r\nSTAT\r\n");
}

TEST_CASE("a password goes by PLAIN where it is offered, or by USER", "[pop3]") {
  auto plain = by_password({exchange_list, "+ \r\n", "+OK\r\n", "+OK 0 0\r\n"});
  CHECK(plain.sent.find("AUTH PLAIN\r\nAGFubkBleGFtcGxlLmNvbQBwYXNzLXdvcmQ=\r\n")
        != std::string::npos);
  auto user = by_password({"+OK\r\nUSER\r\n.\r\n", "+OK\r\n", "-ERR pass-word is wrong\r\n"});
  CHECK(user.end.reply == "-ERR (the server repeats what it was sent)");
  CHECK(user.end.trouble->detail.find("pass-word") == std::string::npos);
}

TEST_CASE("no credential is sent to a POP3 server that has no mechanism for it", "[pop3]") {
  auto played = by_token({"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"});
  CHECK(played.sent == "CAPA\r\n");
  CHECK(played.end.trouble->code == errc::no_common_mechanism);
  CHECK(by_password({"+OK\r\nUIDL\r\n.\r\n"}).end.trouble->code == errc::no_common_mechanism);
}

TEST_CASE("a POP3 server that breaks the protocol is named so", "[pop3]") {
  CHECK(by_token({"* OK IMAP\r\n"}).end.trouble->code == errc::protocol_violation);
  CHECK(by_token({exchange_list, std::string(max_reply_line_bytes + 2, 'x')}).end.trouble->code
        == errc::protocol_violation);
  std::string endless = "+OK\r\n";
  for (std::size_t count = 0; count <= max_capabilities; ++count)
    endless += "X\r\n";
  CHECK(by_token({endless}).end.trouble->code == errc::protocol_violation);
  CHECK(by_password({"+OK\r\nUSER\r\n.\r\n", "+ \r\n"}).end.trouble->code
        == errc::protocol_violation);
}

TEST_CASE("a POP3 server that repeats a line without a reply's status is not quoted", "[pop3]") {
  for (auto answer : {"PASS pass-word\r\n", "pass-word\r\n", "-ERRpass-word\r\n",
                      "+OKpass-word\r\n", "-ERR\tpass-word\r\n"}) {
    CAPTURE(answer);
    auto played = by_password({"+OK\r\nUSER\r\n.\r\n", "+OK\r\n", answer});
    REQUIRE(played.end.trouble);
    CHECK(played.end.trouble->code == errc::protocol_violation);
    CHECK(played.end.trouble->detail.find("pass-word") == std::string::npos);
    CHECK(played.end.reply == "+OK");
  }
  auto proved = by_token({exchange_list, "+ \r\n", std::string{proof} + "\r\n"});
  CHECK(proved.end.trouble->detail
        == "the server sent what is no POP3 reply, a line of " + std::to_string(proof.size())
               + " bytes");
  CHECK(proved.end.reply == "+ ");
}
