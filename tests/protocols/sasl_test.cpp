#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/error_challenge.hpp"
#include "protocols/sasl/exchange.hpp"
#include "protocols/sasl/limits.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace mailfleet;
using namespace mailfleet::sasl;

namespace {

const std::string token = "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA";

identity contoso() {
  return {"test@contoso.onmicrosoft.com", secret{token}, "outlook.office365.com", 993};
}

std::string first(mechanism which, identity who) {
  exchange talk{which, std::move(who)};
  return std::string{talk.initial_response()->reveal()};
}

std::string answered(exchange& talk, std::string_view challenge) {
  auto answer = talk.answer(challenge);
  REQUIRE(answer);
  return std::string{answer->reveal()};
}

} // namespace

TEST_CASE("XOAUTH2 sends the initial response of Microsoft's example") {
  CHECK(first(mechanism::xoauth2, contoso())
        == "dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0"
           "ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ==");
}

TEST_CASE("OAUTHBEARER names host and port as RFC 7628 says") {
  CHECK(first(mechanism::oauthbearer, contoso())
        == "bixhPXRlc3RAY29udG9zby5vbm1pY3Jvc29mdC5jb20sAWhvc3Q9b3V0bG9vay5vZmZpY2UzNjUuY29tAXBvcn"
           "Q9OTkzAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ==");
}

TEST_CASE("OAUTHBEARER escapes comma and equals sign in the user's name") {
  auto who = contoso();
  who.user = "a=b,c";
  auto message = decode_base64(first(mechanism::oauthbearer, who));
  REQUIRE(message);
  CHECK(message->starts_with("n,a=a=3Db=2Cc,\1host="));
}

TEST_CASE("PLAIN sends an empty authorization identity, user and password") {
  CHECK(first(mechanism::plain, {"tim", secret{"tanstaaftanstaaf"}, "", 0})
        == "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
}

TEST_CASE("LOGIN lets the server ask for user and password") {
  exchange talk{mechanism::login, {"tim", secret{"open"}, "", 0}};
  CHECK_FALSE(talk.initial_response());
  CHECK(answered(talk, "VXNlcm5hbWU6") == "dGlt");
  CHECK(answered(talk, "UGFzc3dvcmQ6") == "b3Blbg==");
  auto more = talk.answer("");
  REQUIRE_FALSE(more);
  CHECK(more.error().code == errc::protocol_violation);
}

TEST_CASE("Without an initial response the first challenge gets the message") {
  exchange talk{mechanism::xoauth2, contoso()};
  CHECK(answered(talk, "") == first(mechanism::xoauth2, contoso()));
}

TEST_CASE("XOAUTH2 answers an error challenge with an empty line and keeps the reason") {
  exchange talk{mechanism::xoauth2, contoso()};
  auto sent = talk.initial_response();
  REQUIRE(sent);
  CHECK(answered(talk, "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly"
                       "9tYWlsLmdvb2dsZS5jb20vIn0K")
        == "");
  REQUIRE(talk.refusal());
  CHECK(talk.refusal()->status == "401");
  CHECK(talk.refusal()->scope == "https://mail.google.com/");
}

TEST_CASE("OAUTHBEARER answers an error challenge with one 0x01") {
  exchange talk{mechanism::oauthbearer, contoso()};
  auto sent = talk.initial_response();
  REQUIRE(sent);
  CHECK(answered(talk, encode_base64(R"({"status":"invalid_token"})")) == "AQ==");
  REQUIRE(talk.refusal());
  CHECK(talk.refusal()->status == "invalid_token");
}

TEST_CASE("An exchange ends after the named number of challenges") {
  exchange talk{mechanism::xoauth2, contoso()};
  for (int count = 0; count < max_challenges; ++count)
    CHECK(talk.answer(""));
  CHECK_FALSE(talk.answer(""));
}

TEST_CASE("A user with a separator in it is refused before anything is sent") {
  auto who = contoso();
  CHECK(exchange{mechanism::xoauth2, who}.check());
  who.user = "x\1auth=Bearer y";
  auto checked = exchange{mechanism::xoauth2, who}.check();
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == errc::invalid_argument);
}

TEST_CASE("A credential with a line end in it is refused and not repeated in the error") {
  auto who = contoso();
  who.credential = secret{"hidden\r\nA1 LOGOUT"};
  auto checked = exchange{mechanism::xoauth2, who}.check();
  REQUIRE_FALSE(checked);
  CHECK(checked.error().detail.find("hidden") == std::string::npos);
}

TEST_CASE("An error challenge beyond its limits is not read") {
  auto padded = [](std::size_t spaces) {
    return encode_base64(std::string(spaces, ' ') + R"({"status":"401"})");
  };
  auto most = max_challenge_bytes / 4 * 3 - std::string{R"({"status":"401"})"}.size();
  CHECK(read_error_challenge(padded(most)));
  CHECK_FALSE(read_error_challenge(padded(most + 3)));
  CHECK_FALSE(read_error_challenge(encode_base64(R"({"status":[[[[[[1]]]]]]})")));
  CHECK_FALSE(read_error_challenge(encode_base64("[]")));
  CHECK_FALSE(read_error_challenge("not base64"));
}

TEST_CASE("A server's reason is made printable and cut") {
  auto read = read_error_challenge(
      encode_base64("{\"status\":\"\\u001b[2J" + std::string(2000, 'x') + "\"}"));
  REQUIRE(read);
  CHECK(read->status.find('\x1b') == std::string::npos);
  CHECK(read->status.size() <= max_challenge_field_bytes + 3);
}

TEST_CASE("Base64 reads only what it writes") {
  for (std::string bytes : {"", "f", "fo", "foo", "foob"})
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
  for (auto bad : {"Zg", "Zg=", "Z===", "Zm9v\n", " Zm9v", "=m9v", "Zm=v", "Zm9*"})
    CHECK_FALSE(decode_base64(bad));
}

TEST_CASE("A token takes XOAUTH2 before OAUTHBEARER and never a password mechanism") {
  auto chosen = [](std::vector<std::string_view> offered, mailbox_auth auth) {
    return choose_mechanism(offered, auth);
  };
  CHECK(*chosen({"PLAIN", "OAUTHBEARER", "xoauth2"}, mailbox_auth::oauth2) == mechanism::xoauth2);
  CHECK(*chosen({"PLAIN", "OAUTHBEARER"}, mailbox_auth::oauth2) == mechanism::oauthbearer);
  CHECK(chosen({"PLAIN", "LOGIN"}, mailbox_auth::oauth2).error().code == errc::no_common_mechanism);
  CHECK(*chosen({"XOAUTH2", "LOGIN", "PLAIN"}, mailbox_auth::password) == mechanism::plain);
  CHECK(*chosen({"XOAUTH2", "LOGIN"}, mailbox_auth::password) == mechanism::login);
  CHECK(chosen({"XOAUTH2", "OAUTHBEARER"}, mailbox_auth::password).error().code
        == errc::no_common_mechanism);
}
