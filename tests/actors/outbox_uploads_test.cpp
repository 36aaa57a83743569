#include "actors/limits.hpp"
#include "tests/actors/outbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct uploads_fixture : outbox_fixture {
  upload_view open() {
    auto response = ask(aut, begin_upload{some_mailbox});
    return answer<upload_view>(response);
  }
  auto give(const message_key& key, std::uint32_t part, std::string bytes) {
    return ask(aut, append_upload{key, part, make_body(std::move(bytes))});
  }
};

} // namespace

TEST_CASE_METHOD(uploads_fixture, "bytes that came ahead are used by one mail",
                 "[outbox_uploads]") {
  start();
  auto upload = open();
  auto first = give(upload.key, 0, std::string(max_chunk_bytes, 'a'));
  CHECK(answer<upload_view>(first).parts == 1);
  auto second = give(upload.key, 1, "the end");
  CHECK(answer<upload_view>(second).bytes == max_chunk_bytes + 7);
  auto what = a_submission();
  outgoing_file file;
  file.name = "report.pdf";
  file.upload = upload.key;
  std::get<outgoing_mail>(what.content).files.push_back(file);
  auto mail = submit(what);
  CHECK(world.composer->orders.front().uploads.at(upload.key) == 2);
  // The upload's pieces are gone, the mail's is there.
  CHECK(world.log->count(family::bodies) == 1);
  auto again = ask(aut, accept_mail{a_mailbox(), what});
  CHECK(refusal<outbox_view>(again).code == errc::not_found);
  CHECK(mail.key != upload.key);
}

TEST_CASE_METHOD(uploads_fixture, "pieces come in order, and all but the last are full",
                 "[outbox_uploads]") {
  start();
  auto upload = open();
  auto early = give(upload.key, 1, "x");
  CHECK(refusal<upload_view>(early).code == errc::invalid_argument);
  auto empty = give(upload.key, 0, "");
  CHECK(refusal<upload_view>(empty).code == errc::invalid_argument);
  auto large = give(upload.key, 0, std::string(max_chunk_bytes + 1, 'x'));
  CHECK(refusal<upload_view>(large).code == errc::invalid_argument);
  auto small = give(upload.key, 0, "short");
  CHECK(answer<upload_view>(small).bytes == 5);
  auto behind = give(upload.key, 1, "x");
  CHECK(refusal<upload_view>(behind).code == errc::invalid_argument);
  // Whoever did not get the answer gives the piece once more.
  auto again = give(upload.key, 0, "shorter");
  CHECK(answer<upload_view>(again).bytes == 7);
  auto unknown = give({some_mailbox, outbox_folder, 0, 3}, 0, "x");
  CHECK(refusal<upload_view>(unknown).code == errc::not_found);
}

TEST_CASE_METHOD(uploads_fixture, "an upload of another mailbox is not there", "[outbox_uploads]") {
  start();
  auto upload = open();
  auto piece = give(upload.key, 0, "x");
  CHECK(answer<upload_view>(piece).parts == 1);
  auto other = a_mailbox(entity_id{0xb2}, "eve@example.com");
  put(other);
  auto what = a_submission();
  raw_mail raw;
  raw.upload = upload.key;
  what.content = raw;
  auto refused = ask(aut, accept_mail{other, what});
  CHECK(refusal<outbox_view>(refused).code == errc::not_found);
}

TEST_CASE_METHOD(uploads_fixture, "an upload that nobody uses is thrown away", "[outbox_uploads]") {
  start();
  auto upload = open();
  auto piece = give(upload.key, 0, "x");
  CHECK(answer<upload_view>(piece).parts == 1);
  live(upload_life + std::chrono::seconds{1});
  auto late = give(upload.key, 1, "x");
  CHECK(refusal<upload_view>(late).code == errc::not_found);
  open();
  settle();
  CHECK(world.log->count(family::bodies) == 0);
}

TEST_CASE_METHOD(uploads_fixture, "two mails that name one upload at once: one has it",
                 "[outbox_uploads]") {
  start();
  auto upload = open();
  auto piece = give(upload.key, 0, "x");
  CHECK(answer<upload_view>(piece).parts == 1);
  auto what = a_submission();
  raw_mail raw;
  raw.upload = upload.key;
  raw.sender = "ann@example.com";
  raw.recipients = {"bob@example.org"};
  what.content = raw;
  world.composer->hold = true;
  auto one = ask(aut, accept_mail{a_mailbox(), what});
  auto two = ask(aut, accept_mail{a_mailbox(), what});
  CHECK(refusal<outbox_view>(two).code == errc::in_use);
  world.composer->refusals.push_back(bad_field("to", "is empty", "name a recipient"));
  world.composer->release();
  settle();
  CHECK(refusal<outbox_view>(one).code == errc::invalid_argument);
  // The first came to nothing: it is free again.
  auto three = ask(aut, accept_mail{a_mailbox(), what});
  CHECK(answer<outbox_view>(three).record.progress.status == outbox_status::accepted);
}
