// Goal: a message's last piece carries what the message says of mail that was sent, however it
// is cut. Method: bodies go through a collector as a session feeds it.
#include "net/imap_body.hpp"
#include "protocols/mime/limits.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::net;

namespace {

const std::string report = "Message-ID: <r@y.test>\r\n"
                           "Content-Type: multipart/report; boundary=B\r\n\r\n"
                           "--B\r\nContent-Type: message/delivery-status\r\n\r\n"
                           "Original-Envelope-Id: m-17\r\n\r\n"
                           "Final-Recipient: rfc822; bob@y.test\r\nAction: failed\r\n"
                           "Status: 5.1.1\r\n\r\n"
                           "--B\r\nContent-Type: message/rfc822\r\n\r\n"
                           "X-Mailfleet-Id: m-17\r\n\r\n";

/// Feeds a body in reads of so many bytes.
void feed(body_collector& collector, std::string_view body, std::size_t read) {
  while (!body.empty()) {
    auto bytes = body.substr(0, read);
    body.remove_prefix(bytes.size());
    while (!bytes.empty()) {
      if (collector.wanted() > 0)
        collector.open_piece({});
      collector.add(bytes);
    }
  }
}

/// The pieces of one body.
std::vector<mail_piece> pieces_of(body_collector& collector, std::string_view body,
                                  std::size_t read = 4'096) {
  collector.begin(7, body.size());
  feed(collector, body, read);
  collector.finish(7, {});
  return collector.take_batch().pieces;
}

const mail_meaning& meaning_of(const std::vector<mail_piece>& pieces) {
  REQUIRE(!pieces.empty());
  REQUIRE(pieces.back().last);
  return pieces.back().last->meaning;
}

} // namespace

TEST_CASE("a report of one piece says what it is about", "[imap][body]") {
  body_collector collector;
  for (std::size_t read : {std::size_t{1}, std::size_t{4'096}}) {
    auto pieces = pieces_of(collector, report, read);
    CHECK(pieces.size() == 1);
    auto meaning = meaning_of(pieces);
    CHECK(meaning.kind == mail_kind::delivery_report);
    CHECK(meaning.message_id == "<r@y.test>");
    CHECK(meaning.about_envelope_id == "m-17");
    CHECK(meaning.about_mailfleet_id == "m-17");
    CHECK(meaning.recipients.size() == 1);
  }
}

TEST_CASE("a report with a large mail in it says so with its last piece", "[imap][body]") {
  body_collector collector;
  auto pieces = pieces_of(collector, report + std::string(3 * max_chunk_bytes, 'x'));
  CHECK(pieces.size() == 4);
  CHECK(std::ranges::none_of(pieces.begin(), pieces.end() - 1,
                             [](const auto& piece) { return piece.last.has_value(); }));
  CHECK(meaning_of(pieces).kind == mail_kind::delivery_report);
  CHECK(meaning_of(pieces).about_mailfleet_id == "m-17");
}

TEST_CASE("what stands behind the first piece of a mail says nothing", "[imap][body]") {
  body_collector collector;
  auto pieces = pieces_of(collector, "Message-ID: <a@b>\r\n\r\n"
                                         + std::string(mime::max_report_bytes, 'x') + report);
  CHECK(meaning_of(pieces).kind == mail_kind::ordinary);
  CHECK(meaning_of(pieces).message_id == "<a@b>");
}

TEST_CASE("a message has nothing of the one before it", "[imap][body]") {
  body_collector collector;
  // Dropped behind its first piece.
  auto large = report + std::string(2 * max_chunk_bytes, 'x');
  collector.begin(6, large.size());
  feed(collector, large.substr(0, max_chunk_bytes + 10), 4'096);
  collector.drop();
  CHECK(collector.take_batch().pieces.size() == 1);
  CHECK(meaning_of(pieces_of(collector, "Subject: x\r\n\r\nHello")) == mail_meaning{});
  CHECK(meaning_of(pieces_of(collector, "")) == mail_meaning{});
  // Begun, and never ended.
  collector.begin(6, large.size());
  feed(collector, large.substr(0, max_chunk_bytes + 10), 4'096);
  CHECK(meaning_of(pieces_of(collector, std::string(max_chunk_bytes + 1, '\0'))).kind
        == mail_kind::ordinary);
}
