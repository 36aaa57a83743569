// Goal: reports about our mail are told from people's mail, and name the mail they are about.
// Method: mails in the form of the servers that write them.
#include "protocols/mime/limits.hpp"
#include "protocols/mime/report.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::mime;

namespace {

const std::string postfix = R"(Return-Path: <>
From: MAILER-DAEMON@mail.x.test (Mail Delivery System)
To: ann@x.test
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="B"
Message-Id: <20260101.B@mail.x.test>

--B
Content-Type: text/plain

I'm sorry.
--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.x.test
Original-Envelope-Id: m-17
X-Postfix-Queue-ID: 1

Final-Recipient: rfc822; bob2@y.test
Original-Recipient: rfc822;bob@y.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.y.test
Diagnostic-Code: smtp; 550 5.1.1 <bob2@y.test>: Recipient address
    rejected: User unknown

Final-Recipient: rfc822; carl@y.test
Action: delayed
Status: 4.4.1 (no answer)

--B
Content-Type: message/rfc822

From: ann@x.test
Message-ID: <m-17@x.test>
X-Mailfleet-Id: m-17
Subject: Hello

body
--B--
)";

const std::string complaint = R"(From: <abuse@provider.test>
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

An abuse report.
--B
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1
Version: 1
Original-Rcpt-To: <bob@y.test>

--B
Content-Type: text/rfc822-headers

From: ann@x.test
Message-ID: <m-18@x.test>
X-Mailfleet-Id: m-18

--B--
)";

std::string with_crlf(const std::string& text) {
  std::string out;
  for (auto c : text)
    out.append(c == '\n' ? "\r\n" : std::string(1, c));
  return out;
}

mail_kind kind_of(const std::string& headers) {
  return read_meaning("From: a@b.test\nMessage-ID: <x@y>\n" + headers + "\nHello\n").kind;
}

} // namespace

TEST_CASE("A bounce names each recipient and the mail it is about", "[mime]") {
  for (const auto& mail : {postfix, with_crlf(postfix)}) {
    auto read = read_meaning(mail);
    CHECK(read.kind == mail_kind::delivery_report);
    CHECK(read.about_mailfleet_id == "m-17");
    CHECK(read.about_message_id == "<m-17@x.test>");
    CHECK(read.about_envelope_id == "m-17");
    CHECK(read.message_id == "<20260101.B@mail.x.test>");
    CHECK(read.own_id.empty());
    REQUIRE(read.recipients.size() == 2);
    CHECK(read.recipients[0]
          == reported_recipient{"bob@y.test", delivery_action::failed, "5.1.1",
                                "550 5.1.1 <bob2@y.test>: Recipient address rejected: User "
                                "unknown"});
    CHECK(read.recipients[1]
          == reported_recipient{"carl@y.test", delivery_action::delayed, "4.4.1", ""});
  }
}

TEST_CASE("A complaint is told from a bounce", "[mime]") {
  auto read = read_meaning(complaint);
  CHECK(read.kind == mail_kind::complaint);
  CHECK(read.reason == "abuse");
  CHECK(read.about_mailfleet_id == "m-18");
  CHECK(read.about_message_id == "<m-18@x.test>");
  REQUIRE(read.recipients.size() == 1);
  CHECK(read.recipients[0].address == "bob@y.test");
}

TEST_CASE("A read receipt names the mail it is about", "[mime]") {
  auto read = read_meaning(R"(From: bob@y.test
Content-Type: multipart/report; report-type=disposition-notification; boundary="B"

--B
Content-Type: text/plain

Read.
--B
Content-Type: message/disposition-notification

Final-Recipient: rfc822; bob@y.test
Original-Message-ID: <m-17@x.test>
Disposition: manual-action/MDN-sent-manually; displayed

--B--
)");
  CHECK(read.kind == mail_kind::receipt);
  CHECK(read.reason == "displayed");
  CHECK(read.about_message_id == "<m-17@x.test>");
}

TEST_CASE("A bounce in no standard form is known by what it quotes", "[mime]") {
  auto read = read_meaning("From: mailer-daemon@y.test\nX-Failed-Recipients: bob@y.test,\n"
                           " carl@y.test\nAuto-Submitted: auto-replied\n\nThis message was created "
                           "automatically.\n\nFrom: ann@x.test\nmessage-id: <m-17@x.test>\n"
                           "x-mailfleet-id: m-17\nSubject: x\n");
  CHECK(read.kind == mail_kind::delivery_report);
  CHECK(read.about_mailfleet_id == "m-17");
  CHECK(read.about_message_id == "<m-17@x.test>");
  REQUIRE(read.recipients.size() == 2);
  CHECK(read.recipients[1].address == "carl@y.test");
  CHECK(read.recipients[1].action == delivery_action::failed);
}

TEST_CASE("Answers by no person are told from people's", "[mime]") {
  CHECK(kind_of("Auto-Submitted: auto-replied\n") == mail_kind::auto_reply);
  CHECK(kind_of("auto-submitted: auto-generated (vacation)\n") == mail_kind::auto_reply);
  CHECK(kind_of("Auto-Submitted: no\n") == mail_kind::ordinary);
  CHECK(kind_of("Precedence: bulk\n") == mail_kind::auto_reply);
  CHECK(kind_of("Precedence: list\n") == mail_kind::ordinary);
  CHECK(kind_of("X-Autoreply: yes\n") == mail_kind::auto_reply);
  CHECK(kind_of("X-Auto-Response-Suppress: All\n") == mail_kind::auto_reply);
  CHECK(kind_of("X-Auto-Response-Suppress: None\n") == mail_kind::ordinary);
  CHECK(kind_of("Subject: Re: Out of office\n") == mail_kind::ordinary);
  CHECK(read_meaning("Auto-Submitted: auto-replied\n\n").reason == "auto-replied");
}

TEST_CASE("A reply is threaded, and its quotes are no report", "[mime]") {
  auto read = read_meaning("References: <a@x> <m-17@x.test>\nIn-Reply-To: <m-17@x.test>\n"
                           "Message-ID: <r@y>\n\n> X-Mailfleet-Id: m-9\nX-Mailfleet-Id: m-9\n");
  CHECK(read.kind == mail_kind::ordinary);
  CHECK(read.thread == std::vector<std::string>{"<a@x>", "<m-17@x.test>"});
  CHECK(read.about_mailfleet_id.empty());
}

TEST_CASE("Attachments are no reports, and reports may be encoded and nested", "[mime]") {
  auto with = [](const std::string& headers, const std::string& content) {
    return read_meaning("Content-Type: Multipart/Mixed; boundary=M\n\n--M\n\nsee\n--M\n"
                        "Content-Type: multipart/related; boundary=N\n\n--N\n"
                        + headers + "\n" + content + "\n--N--\n--M--\n")
        .kind;
  };
  const std::string status = "Final-Recipient: rfc822; bob@y.test\nAction: failed\n";
  CHECK(with("Content-Type: MESSAGE/Delivery-Status\n", status) == mail_kind::delivery_report);
  // "Action: failed"
  CHECK(with("Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n",
             "QWN0aW9uOiBmYWlsZWQK")
        == mail_kind::delivery_report);
  CHECK(with("Content-Type: application/pdf\n", status) == mail_kind::ordinary);
  CHECK(with("Content-Type: messages/delivery-status\n", status) == mail_kind::ordinary);
  CHECK(with("", status) == mail_kind::ordinary);
  CHECK(with("Content-Type: mess\n", status) == mail_kind::ordinary);
}

TEST_CASE("A mail forwarded in a mail is no report", "[mime]") {
  auto read = read_meaning("From: bob@y.test\nContent-Type: multipart/mixed; boundary=M\n\n--M\n"
                           "Content-Type: text/plain\n\nsee\n--M\nContent-Type: message/rfc822\n\n"
                           + postfix + "\n--M--\n");
  CHECK(read.kind == mail_kind::ordinary);
  CHECK(read.about_message_id.empty());
}

TEST_CASE("Our own copy in Sent is known by its header", "[mime]") {
  CHECK(read_meaning("X-Mailfleet-Id: m-17\nMessage-ID: <m-17@x.test>\n\nx").own_id == "m-17");
  CHECK(read_meaning("X-Mailfleet-Id: a b\n\nx").own_id.empty());
}

TEST_CASE("Rubbish is an ordinary mail, and reports are bounded", "[mime]") {
  CHECK(read_meaning("") == mail_meaning{});
  CHECK(read_meaning(std::string(5'000, '\0')).kind == mail_kind::ordinary);
  std::string deep;
  while (deep.size() < max_report_bytes)
    deep += "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
  CHECK(read_meaning(deep).kind == mail_kind::ordinary);
  std::string own;
  for (int depth = 0; own.size() < max_report_bytes; ++depth)
    own += "Content-Type: multipart/mixed; boundary=b" + std::to_string(depth) + "\n\n--b"
           + std::to_string(depth) + "\n";
  CHECK(read_meaning(own).kind == mail_kind::ordinary);
  auto many = postfix;
  std::string groups;
  for (int count = 0; count < 2'000; ++count)
    groups += "Final-Recipient: rfc822; x@y.test\nAction: failed\n\n";
  many.insert(many.find("Final-Recipient: rfc822; carl"), groups);
  CHECK(read_meaning(many).recipients.size() == max_reported_recipients);
  auto escape = postfix;
  escape.replace(escape.find("User unknown"), 4, "\x1b[2J");
  CHECK(read_meaning(escape).recipients[0].diagnostic.find('\x1b') == std::string::npos);
}
