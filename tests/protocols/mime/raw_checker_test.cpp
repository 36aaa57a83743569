// Goal: what is accepted is one mail in CRLF form whatever reads it, and nobody gets it or is
// named in it who was not meant to. Method: hand-written mails and their canonical form; every
// case is fed whole and in small pieces, and must end the same.
#include "protocols/mime/raw_checker.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace std::chrono_literals;
using mime::raw_checker;
using mime::raw_options;

namespace {

raw_options options() {
  raw_options made;
  made.mailfleet_id = "m-17";
  made.now = wall_time{1'700'000'000s};
  return made;
}

struct checked {
  std::string bytes;
  composed_mail mail;
  std::string fault;
};

checked check(const std::string& raw, const raw_options& with, std::size_t step) {
  checked out;
  raw_checker checker{with, [&](std::string_view piece) -> result<void> {
                        out.bytes.append(piece);
                        return {};
                      }};
  for (std::size_t at = 0; at < raw.size(); at += step)
    // A copy of its own size: the address sanitizer sees any byte read past it.
    if (auto taken = checker.append(std::string{raw, at, step}); !taken)
      break;
  auto made = checker.finish();
  if (made)
    out.mail = *std::move(made);
  else
    out.fault = made.error().detail;
  return out;
}

checked check(const std::string& raw, const raw_options& with = options()) {
  auto whole = check(raw, with, std::max<std::size_t>(raw.size(), 1));
  for (auto step : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    auto cut = check(raw, with, step);
    CHECK(cut.fault == whole.fault);
    CHECK(cut.mail == whole.mail);
    if (whole.fault.empty())
      CHECK(cut.bytes == whole.bytes);
  }
  return whole;
}

std::string fault_of(const std::string& raw) {
  return check(raw).fault;
}

const std::string least = "From: ann@x.test\r\nTo: bob@y.test\r\n";

} // namespace

TEST_CASE("A mail is given our id, a date and a Message-ID", "[mime]") {
  auto made = check(least + "Subject: =?utf-8?q?H=C3=A4?=\r\n\r\nbody\r\n");
  CHECK(made.fault.empty());
  CHECK(made.bytes
        == "X-Mailfleet-Id: m-17\r\nFrom: ann@x.test\r\nTo: bob@y.test\r\n"
           "Subject: =?utf-8?q?H=C3=A4?=\r\nMessage-ID: <m-17@x.test>\r\n"
           "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nbody\r\n");
  CHECK(made.mail.envelope.sender == "ann@x.test");
  CHECK(made.mail.envelope.recipients == std::vector<std::string>{"bob@y.test"});
  CHECK(made.mail.envelope.bytes == made.bytes.size());
  CHECK_FALSE(made.mail.envelope.needs_smtputf8);
  CHECK_FALSE(made.mail.envelope.needs_8bitmime);
  CHECK(made.mail.facts.subject == "Hä");
  CHECK(made.mail.facts.from == std::vector<std::string>{"ann@x.test"});
  CHECK(made.mail.facts.message_id == "<m-17@x.test>");
}

TEST_CASE("A sound Message-ID and Date are kept, others are replaced", "[mime]") {
  auto kept = check(least + "message-id: <a.b@c>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0100\r\n\r\n");
  CHECK(kept.mail.facts.message_id == "<a.b@c>");
  CHECK(kept.bytes.find("m-17@") == std::string::npos);
  CHECK(kept.bytes.find("2023") == std::string::npos);
  auto made = check(least + "Message-ID: a b\r\nDate: soon\r\n\r\n");
  CHECK(made.mail.facts.message_id == "<m-17@x.test>");
  CHECK(made.bytes.find("soon") == std::string::npos);
  CHECK(made.bytes.find("a b") == std::string::npos);
}

TEST_CASE("Bcc gets the mail and is not in it", "[mime]") {
  auto made = check(least
                    + "Bcc: secret@z.test,\r\n other@z.test\r\nCc: bob@y.test\r\n"
                      "X-Mailfleet-Id: forged\r\nReturn-Path: <x@y.test>\r\n\r\nb\r\n");
  CHECK(made.mail.envelope.recipients
        == std::vector<std::string>{"bob@y.test", "secret@z.test", "other@z.test"});
  CHECK(made.bytes.find("z.test") == std::string::npos);
  CHECK(made.bytes.find("forged") == std::string::npos);
  CHECK(made.bytes.find("Return-Path") == std::string::npos);
}

TEST_CASE("A given envelope goes before the headers", "[mime]") {
  auto with = options();
  with.sender = "box@x.test";
  with.recipients = {"c@bücher.example", "c@xn--bcher-kva.example"};
  auto made = check(least + "\r\n", with);
  CHECK(made.mail.envelope.sender == "box@x.test");
  CHECK(made.mail.envelope.recipients == std::vector<std::string>{"c@xn--bcher-kva.example"});
  with.recipients = {"a\r\nb@x.test"};
  CHECK_FALSE(check(least + "\r\n", with).fault.empty());
}

TEST_CASE("A Sender that nobody would check beside a given envelope is refused", "[mime]") {
  auto with = options();
  with.sender = "box@x.test";
  auto fault = check(least + "Sender: eve@z.test\r\n\r\n", with).fault;
  CHECK(fault.find("Sender names neither an author nor the sender of the envelope; ") == 0);
  CHECK(check(least + "sender: Eve <eve@z.test>\r\n\r\n", with).fault == fault);
  for (const auto* good : {"box@X.test", "Ann <ann@x.test>"}) {
    auto made = check(least + "Sender: " + good + "\r\n\r\n", with);
    CHECK(made.fault.empty());
    CHECK(made.mail.envelope.sender == "box@x.test");
  }
  // Without a given one it is the envelope's, and is checked there.
  CHECK(check(least + "Sender: eve@z.test\r\n\r\n").mail.envelope.sender == "eve@z.test");
}

TEST_CASE("Bare line ends and NUL are refused wherever they are", "[mime]") {
  for (std::string body : {"\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "a\nb", "a\rb", "\r"})
    CHECK(fault_of(least + "\r\n" + body + "\r\n").find("without") != std::string::npos);
  CHECK(fault_of(least + "\r\n" + std::string("a\0b", 3)).find("NUL") != std::string::npos);
  CHECK(fault_of("From: ann@x.test\nTo: bob@y.test\n\nb\n").find("LF") != std::string::npos);
  CHECK(fault_of(least + "\r\nbody\r").find("CR without LF") != std::string::npos);
}

TEST_CASE("LF is made CRLF only where that is asked for", "[mime]") {
  auto with = options();
  with.convert_lf = true;
  auto made = check("From: ann@x.test\nTo: bob@y.test\n\na\r\n.\n\nb", with);
  CHECK(made.fault.empty());
  CHECK(made.bytes.ends_with("\r\n\r\na\r\n.\r\n\r\nb\r\n"));
  CHECK(check(least + "\r\na\rb\r\n", with).fault.find("CR without LF") != std::string::npos);
}

TEST_CASE("Lines have at most 998 bytes", "[mime]") {
  CHECK(fault_of(least + "\r\n" + std::string(998, 'x') + "\r\n").empty());
  CHECK(fault_of(least + "\r\n" + std::string(999, 'x') + "\r\n").find("998") != std::string::npos);
  CHECK(fault_of(least + "X: " + std::string(996, 'x') + "\r\n\r\n").find("998")
        != std::string::npos);
}

TEST_CASE("Header sections that can be read in two ways are refused", "[mime]") {
  CHECK(fault_of(least + "no field\r\n\r\n").find("header line 3 is no field") == 0);
  CHECK(fault_of(" x\r\n" + least + "\r\n").find("header line 1 continues no field") == 0);
  CHECK(fault_of(least + " \t\r\nBcc: c@z.test\r\n\r\n").find("header line 3 is blank") == 0);
  CHECK(fault_of(least + "X : y\r\n\r\n").find("header line 3 is no field") == 0);
  CHECK(fault_of("From ann Mon\r\n" + least + "\r\n").find("header line 1 is no field") == 0);
  CHECK(fault_of(least + "X: a\x1b[31m\r\n\r\n").find("control character") != std::string::npos);
  CHECK(fault_of(least + "X: \xff\r\n\r\n").find("not UTF-8") != std::string::npos);
  CHECK(fault_of(least + "From: eve@z.test\r\n\r\n")
        == "From is there twice; write one field of "
           "that name");
  CHECK(fault_of(least + "bcc: c@z.test\r\nBCC: d@z.test\r\n\r\n").find("twice")
        != std::string::npos);
}

TEST_CASE("Somebody must send it, and somebody get it", "[mime]") {
  CHECK(fault_of("To: bob@y.test\r\n\r\n").find("From is not there") == 0);
  CHECK(fault_of("From: \r\nTo: bob@y.test\r\n\r\n").find("From ") == 0);
  CHECK(fault_of("From: ann\r\nTo: bob@y.test\r\n\r\n").find("From ") == 0);
  CHECK(fault_of("From: ann@x.test\r\n\r\n").find("recipients are none") == 0);
  CHECK(fault_of("From: ann@x.test\r\nTo: undisclosed-recipients:;\r\n\r\n").find("recipients")
        == 0);
  CHECK(fault_of("From: a@x.test, b@x.test\r\nTo: bob@y.test\r\n\r\n").find("Sender") == 0);
  auto two = check("From: a@x.test, b@x.test\r\nSender: c@x.test\r\nTo: bob@y.test\r\n\r\n");
  CHECK(two.mail.envelope.sender == "c@x.test");
  CHECK(two.mail.facts.from == std::vector<std::string>{"a@x.test", "b@x.test"});
  CHECK(fault_of("").find("From is not there") == 0);
}

TEST_CASE("Recipients are counted", "[mime]") {
  auto with = options();
  with.max_recipients = 2;
  CHECK(check("From: a@x.test\r\nTo: g: b@y.test, c@y.test;\r\n\r\n", with).fault.empty());
  CHECK(check("From: a@x.test\r\nTo: b@y.test, c@y.test, d@y.test\r\n\r\n", with)
            .fault.find("too many")
        != std::string::npos);
}

TEST_CASE("What the server must be able to do is known", "[mime]") {
  auto body = check(least + "\r\nH\xc3\xa4\r\n");
  CHECK(body.mail.envelope.needs_8bitmime);
  CHECK_FALSE(body.mail.envelope.needs_smtputf8);
  CHECK(check(least + "Subject: Hä\r\n\r\nx\r\n").mail.envelope.needs_smtputf8);
  CHECK(check("From: änn@x.test\r\nTo: bob@y.test\r\n\r\nx\r\n").mail.envelope.needs_smtputf8);
}

TEST_CASE("A mail has a largest size, and a header section too", "[mime]") {
  auto with = options();
  with.max_bytes = 400;
  CHECK(check(least + "\r\n" + std::string(100, 'x') + "\r\n", with).fault.empty());
  CHECK(check(least + "\r\n" + std::string(500, 'x') + "\r\n", with).fault.find("400 bytes")
        != std::string::npos);
  std::string endless = least;
  while (endless.size() <= mime::max_header_section_bytes)
    endless += "X-Endless: " + std::string(900, 'x') + "\r\n";
  CHECK(check(endless, options(), 4'096).fault.find("the mail's headers have no end") == 0);
}

TEST_CASE("Without a line end or an empty line the mail is ended for it", "[mime]") {
  CHECK(check("From: ann@x.test\r\nTo: bob@y.test").bytes.ends_with("+0000\r\n\r\n"));
  CHECK(check(least + "\r\nbody").bytes.ends_with("\r\n\r\nbody\r\n"));
}

TEST_CASE("Its thread is known", "[mime]") {
  auto made = check(least + "References: <a@x> <b@x>\r\n <c@x>\r\nIn-Reply-To: <c@x>\r\n\r\n");
  CHECK(made.mail.facts.thread == std::vector<std::string>{"<a@x>", "<b@x>", "<c@x>"});
}

TEST_CASE("What the sink fails with ends the check", "[mime]") {
  raw_checker checker{options(), [](std::string_view) -> result<void> {
                        return failure{errc::overloaded, "no room"};
                      }};
  REQUIRE(checker.append(least + "\r\n"));
  CHECK(checker.finish().error().code == errc::overloaded);
  CHECK(checker.append("x").error().code == errc::overloaded);
}
