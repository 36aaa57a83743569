#include "protocols/smtp/log_in.hpp"
#include "tests/protocols/log_in_transcript.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::smtp;
using mailfleet::test::log_in_transcript;
using mailfleet::test::play;

namespace {

constexpr std::string_view token = "canary-token";
// "user=ann@example.com" 1 "auth=Bearer canary-token" 1 1
constexpr std::string_view proof =
    "dXNlcj1hbm5AZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgY2FuYXJ5LXRva2VuAQE=";
constexpr std::string_view exchange_list =
    "250-AM0PR02.outlook.office365.com Hello [192.0.2.1]\r\n250-SIZE 157286400\r\n250-DSN\r\n"
    "250-ENHANCEDSTATUSCODES\r\n250-AUTH LOGIN XOAUTH2\r\n250 SMTPUTF8\r\n";

sasl::identity ann(std::string_view credential = token) {
  return {"ann@example.com", secret{std::string{credential}}, "smtp.example.com", 587};
}

log_in_transcript by_token(std::initializer_list<std::string_view> answers,
                           std::string_view credential = token) {
  return play(log_in_engine{ann(credential), mailbox_auth::oauth2}, answers);
}

log_in_transcript by_password(std::initializer_list<std::string_view> answers) {
  return play(log_in_engine{ann("pass-word"), mailbox_auth::password}, answers);
}

/// The replies in some bytes, and the failure that ended them, if one did.
std::pair<std::vector<smtp_reply>, std::optional<failure>> replies_in(std::string_view bytes) {
  reply_reader reader;
  std::vector<smtp_reply> found;
  for (char byte : bytes) {
    reader.feed({&byte, 1});
    for (;;) {
      auto reply = reader.next();
      if (!reply)
        return {found, reply.error()};
      if (!*reply)
        break;
      found.push_back(**std::move(reply));
    }
  }
  return {found, std::nullopt};
}

} // namespace

TEST_CASE("a reply has a code, an enhanced status and texts", "[smtp]") {
  auto [found, fault] = replies_in("220 ready\r\n250-one\r\n250-two three\r\n250 four\r\n"
                                   "535-5.7.8 no\r\n535 5.7.8 at all\r\n354\r\n250 2.0.0\r\n");
  CHECK_FALSE(fault);
  REQUIRE(found.size() == 5);
  CHECK(found[0].code == 220);
  CHECK_FALSE(found[0].enhanced);
  CHECK(found[1].lines == std::vector<std::string>{"one", "two three", "four"});
  CHECK(found[2].enhanced == enhanced_status{5, 7, 8});
  CHECK(found[2].lines == std::vector<std::string>{"no", "at all"});
  CHECK(to_string(found[2]) == "535 5.7.8 no at all");
  CHECK(found[3].is_intermediate());
  CHECK(found[3].lines == std::vector<std::string>{""});
  CHECK(found[4].enhanced == enhanced_status{2, 0, 0});
}

TEST_CASE("an enhanced status of another kind than the code's is a text", "[smtp]") {
  auto [found, fault] = replies_in("250 5.7.8 x\r\n550 5.7.1234 x\r\n550 5.7 x\r\n550 3.0.0 x\r\n");
  REQUIRE(found.size() == 4);
  for (const auto& reply : found)
    CHECK_FALSE(reply.enhanced);
  CHECK(found[0].lines.front() == "5.7.8 x");
}

TEST_CASE("what is no reply ends the conversation", "[smtp]") {
  for (std::string_view bytes : {"hello\r\n", "99 x\r\n", "600 x\r\n", "199 x\r\n", "25x x\r\n",
                                 "250+x\r\n", "\r\n", "* OK ready\r\n", "250-a\r\n251 b\r\n"}) {
    CAPTURE(bytes);
    auto [found, fault] = replies_in(bytes);
    CHECK(found.empty());
    REQUIRE(fault);
    CHECK(fault->code == errc::protocol_violation);
  }
}

TEST_CASE("a reply has bounds", "[smtp]") {
  auto longest = "250 " + std::string(max_reply_line_bytes - 4, 'x');
  CHECK(replies_in(longest + "\r\n").first.size() == 1);
  CHECK(replies_in(longest + "x\r\n").second);
  CHECK(replies_in(longest + "xx").second);
  std::string most;
  for (std::size_t line = 1; line < max_reply_lines; ++line)
    most += "250-x\r\n";
  CHECK(replies_in(most + "250 x\r\n").first.size() == 1);
  CHECK(replies_in(most + "250-x\r\n250 x\r\n").second);
}

TEST_CASE("mechanisms are those of the answer to EHLO", "[smtp]") {
  auto [found, fault] = replies_in("250-AUTH=LOGIN\r\n250-auth LOGIN  XOAUTH2\r\n250-AUTHX A\r\n"
                                   "250 AUTH\r\n");
  REQUIRE(found.size() == 1);
  CHECK(auth_mechanisms(found[0]) == std::vector<std::string>{"LOGIN", "XOAUTH2"});
}

TEST_CASE("a short token goes into the AUTH line", "[smtp]") {
  auto played = by_token({exchange_list, "235 2.7.0 Authentication successful\r\n"});
  CHECK(played.sent == "EHLO [127.0.0.1]\r\nAUTH XOAUTH2 " + std::string{proof} + "\r\n");
  CHECK_FALSE(played.end.trouble);
  CHECK(played.end.reply == "235 2.7.0 Authentication successful");
}

TEST_CASE("a token for which an AUTH line of 512 octets is too short waits for a 334", "[smtp]") {
  // AUTH XOAUTH2, blank, initial response, CRLF: 496 base64 bytes fit, which are 372 bytes,
  // 35 of them around the token.
  constexpr std::size_t fitting = 372 - 35;
  auto fits = by_token({exchange_list, "235 ok\r\n"}, std::string(fitting, 't'));
  auto line = fits.sent.substr(fits.sent.find("AUTH"));
  CHECK(line.size() == 511);
  CHECK(line.find("AUTH XOAUTH2 ") == 0);
  auto longer = by_token({exchange_list, "334 \r\n", "235 ok\r\n"}, std::string(fitting + 1, 't'));
  CHECK(longer.sent.find("AUTH XOAUTH2\r\n") != std::string::npos);
  CHECK_FALSE(longer.end.trouble);
}

TEST_CASE("a refusal keeps the server's words", "[smtp]") {
  auto played = by_token({exchange_list, "535 5.7.139 Authentication unsuccessful, "
                                         "SmtpClientAuthentication is disabled for the Tenant. "
                                         "[AM0PR02]\r\n"});
  REQUIRE(played.end.trouble);
  CHECK(played.end.trouble->code == errc::authentication_failed);
  CHECK(played.end.reply.starts_with("535 5.7.139 Authentication unsuccessful, SmtpClient"));
  CHECK_FALSE(played.end.challenged);
}

TEST_CASE("a challenge before the refusal is answered with an empty line", "[smtp]") {
  auto played = by_token({"250 AUTH XOAUTH2\r\n",
                          "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoi"
                          "aHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K\r\n",
                          "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 see x\r\n"});
  CHECK(played.sent.ends_with("\r\n\r\n"));
  CHECK(played.end.challenged);
  CHECK(played.end.reply == "535 5.7.8 Username and Password not accepted. see x");
}

TEST_CASE("a server that repeats the credential is not quoted", "[smtp]") {
  for (auto words : {std::string{proof}, std::string{token}}) {
    auto played = by_token({"250 AUTH XOAUTH2\r\n", "501 what is " + words + "\r\n"});
    CHECK(played.end.reply == "501 (the server repeats what it was sent)");
    CHECK(played.end.trouble->detail.find(words) == std::string::npos);
  }
}

TEST_CASE("a server that repeats a line without a code is not quoted", "[smtp]") {
  constexpr std::string_view plain = "AGFubkBleGFtcGxlLmNvbQBwYXNzLXdvcmQ=";
  for (const auto& answer : {"AUTH PLAIN " + std::string{plain}, std::string{plain},
                             "535" + std::string{plain}, std::string{"pass-word"}}) {
    CAPTURE(answer);
    auto played = by_password({"250 AUTH PLAIN\r\n", answer + "\r\n"});
    REQUIRE(played.end.trouble);
    CHECK(played.end.trouble->detail
          == "the server sent what is no SMTP reply, a line of " + std::to_string(answer.size())
                 + " bytes");
    CHECK(played.end.reply == "250 AUTH PLAIN");
  }
}

TEST_CASE("a password goes by PLAIN, or by LOGIN in its two steps", "[smtp]") {
  auto plain = by_password({"250-AUTH LOGIN PLAIN\r\n250 x\r\n", "235 ok\r\n"});
  CHECK(plain.sent.find("AUTH PLAIN AGFubkBleGFtcGxlLmNvbQBwYXNzLXdvcmQ=\r\n")
        != std::string::npos);
  auto login = by_password(
      {"250 AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"});
  CHECK(login.sent.ends_with("AUTH LOGIN\r\nYW5uQGV4YW1wbGUuY29t\r\ncGFzcy13b3Jk\r\n"));
  CHECK_FALSE(login.end.trouble);
}

TEST_CASE("no credential is sent to a server that has no mechanism for it", "[smtp]") {
  for (std::string_view list : {"250 x\r\n", "250 AUTH PLAIN LOGIN\r\n"}) {
    auto played = by_token({list});
    CHECK(played.sent == "EHLO [127.0.0.1]\r\n");
    REQUIRE(played.end.trouble);
    CHECK(played.end.trouble->code == errc::no_common_mechanism);
  }
}

TEST_CASE("a server that is busy, or ends the session, is named so", "[smtp]") {
  CHECK(
      by_token({exchange_list, "454 4.7.0 Temporary authentication failure\r\n"}).end.trouble->code
      == errc::server_busy);
  CHECK(by_token({"421 4.3.2 closing\r\n"}).end.trouble->code == errc::server_busy);
  CHECK(by_token({"554 no\r\n"}).end.trouble->code == errc::server_refused);
  CHECK(by_token({exchange_list, "334 \r\n", "334 \r\n", "334 \r\n", "334 \r\n"}).end.trouble->code
        == errc::protocol_violation);
  CHECK(by_token({}).unfinished);
}
