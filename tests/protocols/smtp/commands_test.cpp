#include "protocols/smtp/commands.hpp"
#include "protocols/smtp/limits.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::smtp;

TEST_CASE("Commands name what the server offers", "[smtp]") {
  CHECK(*mail_command("a@b.test", {}) == "MAIL FROM:<a@b.test>\r\n");
  CHECK(*mail_command("", {}) == "MAIL FROM:<>\r\n");
  CHECK(*mail_command("a@b.test", {.bytes = 7,
                                   .eight_bit = true,
                                   .smtputf8 = true,
                                   .returned = returned_part::full,
                                   .envelope_id = "id=1"})
        == "MAIL FROM:<a@b.test> SIZE=7 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=id+3D1\r\n");
  CHECK(*recipient_command("a@b.test", {.notify = notify_when{}, .original_recipient = false})
        == "RCPT TO:<a@b.test> NOTIFY=NEVER\r\n");
  CHECK(*ehlo_command("[IPv6:2001:db8::1]") == "EHLO [IPv6:2001:db8::1]\r\n");
}

TEST_CASE("Nothing that ends a line or a path gets into a command", "[smtp]") {
  for (std::string_view bad :
       {"a\r\nRSET@b.test", "a@b.test\n", "a\0@b.test", "a@b.test> SIZE=1", "<a@b.test",
        "a b@c.test", "\"a b\"@c.test", "a\\@b.test", "a\x7f@b.test", "a\t@b.test"}) {
    auto text = bad == "a" ? std::string_view{"a\0@b.test", 9} : bad;
    CHECK_FALSE(mail_command(text, {}));
    CHECK_FALSE(recipient_command(text, {}));
  }
  CHECK_FALSE(recipient_command("", {}));
  CHECK_FALSE(recipient_command(std::string(300, 'a'), {}));
  CHECK_FALSE(ehlo_command("a\r\nb"));
  CHECK_FALSE(ehlo_command(""));
  mail_options with;
  with.envelope_id = "a b";
  CHECK_FALSE(mail_command("a@b.test", with));
  with.envelope_id = std::string(101, 'a');
  CHECK_FALSE(mail_command("a@b.test", with));
  CHECK_FALSE(auth_command("PLAIN\r\n", std::nullopt));
  CHECK_FALSE(auth_command("PLAIN", secret{"a\r\nb"}));
  CHECK_FALSE(auth_answer(secret{"a\r\nb"}));
}

TEST_CASE("An AUTH line has at most 512 octets", "[smtp]") {
  // `AUTH XOAUTH2 ` and CRLF are 15.
  auto fits = auth_command("XOAUTH2", secret{std::string(497, 'a')});
  REQUIRE(fits);
  CHECK(fits->has_response);
  CHECK(fits->bytes.reveal().size() == max_command_line_bytes);
  auto passes = auth_command("XOAUTH2", secret{std::string(498, 'a')});
  REQUIRE(passes);
  CHECK_FALSE(passes->has_response);
  CHECK(passes->bytes.reveal() == "AUTH XOAUTH2\r\n");
  CHECK(auth_command("PLAIN", secret{""})->bytes.reveal() == "AUTH PLAIN =\r\n");
  CHECK(auth_command("LOGIN", std::nullopt)->bytes.reveal() == "AUTH LOGIN\r\n");
}

TEST_CASE("An original recipient is written for reports", "[smtp]") {
  CHECK(original_recipient("a+b=c@d.test") == "rfc822;a+2Bb+3Dc@d.test");
  CHECK(original_recipient("\xc3\xa4@d.test") == "utf-8;\xc3\xa4@d.test");
}
