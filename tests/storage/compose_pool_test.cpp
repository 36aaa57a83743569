#include "protocols/mime/compose.hpp"
#include "storage/compose_pool.hpp"
#include "storage/limits.hpp"
#include "tests/storage/support.hpp"
#include "tests/storage/watched_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

constexpr message_key mail_key{ann, outbox_folder, 0, 7};
constexpr message_key upload_key{ann, outbox_folder, 0, 5};
constexpr wall_time now{std::chrono::seconds{1'772'366'400}};

outgoing_mail small_mail() {
  outgoing_mail mail;
  mail.from = {"Ann", "ann@example.com"};
  mail.to = {{"", "bob@example.net"}};
  mail.subject = "Hello";
  mail.text = "How are you?\n";
  return mail;
}

compose_order order_of(std::variant<outgoing_mail, raw_mail> content) {
  compose_order order;
  order.key = mail_key;
  order.content = std::move(content);
  order.now = now;
  order.max_recipients = 500;
  return order;
}

result<written_mail> compose(mail_composer& composer, compose_order order) {
  std::promise<result<written_mail>> answered;
  composer.compose(std::move(order),
                   [&](result<written_mail> made) { answered.set_value(std::move(made)); });
  return answered.get_future().get();
}

/// Puts bytes there as parts of an upload; says how many these are.
std::uint32_t upload(commit_log& log, std::string_view bytes) {
  std::uint32_t part = 0;
  for (; !bytes.empty(); ++part) {
    commit_request request;
    request.puts.push_back(body_chunk{
        .header = {},
        .key = upload_key,
        .part = part,
        .bytes = make_body(std::string{bytes.substr(0, max_chunk_bytes)}),
    });
    REQUIRE(commit(log, request));
    bytes.remove_prefix(std::min(max_chunk_bytes, bytes.size()));
  }
  return part;
}

std::string noise(std::size_t size) {
  return seeded_random{3}.bytes(size);
}

/// The bytes of a mail, wherever they are; all chunks but the last must be full.
std::string bytes_of(commit_log& log, const written_mail& mail) {
  std::string bytes;
  for (std::uint32_t part = 0; part < mail.chunks; ++part) {
    if (mail.pieces.empty()) {
      auto found = read(log, key_in(family::bodies, mail_key, part));
      REQUIRE(found);
      REQUIRE(*found);
      bytes += std::get<body_chunk>(**found).bytes->bytes;
    } else {
      bytes += mail.pieces.at(part)->bytes;
    }
    if (part + 1 < mail.chunks)
      REQUIRE(bytes.size() == (part + 1) * max_chunk_bytes);
  }
  return bytes;
}

/// The same mail as protocols/mime makes it from memory.
std::string made_in_memory(const outgoing_mail& mail) {
  std::string bytes;
  REQUIRE(mime::compose(mail, {.mailfleet_id = to_string(mail_key), .now = now},
                        [&](std::string_view piece) {
                          bytes.append(piece);
                          return result<void>{};
                        }));
  return bytes;
}

std::size_t chunks_left(commit_log& log, std::uint32_t most) {
  std::size_t left = 0;
  for (std::uint32_t part = 0; part < most; ++part) {
    auto found = read(log, key_in(family::bodies, mail_key, part));
    REQUIRE(found);
    left += *found ? 1u : 0u;
  }
  return left;
}

raw_mail raw_of(std::vector<std::string> pieces) {
  raw_mail mail;
  for (auto& piece : pieces)
    mail.content.push_back(make_body(std::move(piece)));
  return mail;
}

outgoing_mail mail_with_upload() {
  auto mail = small_mail();
  mail.files.push_back({.name = "photo.raw",
                        .content_type = "",
                        .content_id = "",
                        .content = {},
                        .upload = upload_key});
  return mail;
}

} // namespace

TEST_CASE("a small mail is held, and nothing of it is durable", "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto composer = make_mail_composer(log);
  auto made = compose(*composer, order_of(small_mail()));
  REQUIRE(made);
  CHECK(made->chunks == 1);
  REQUIRE(made->pieces.size() == 1);
  CHECK(bytes_of(*log, *made) == made_in_memory(small_mail()));
  CHECK(made->mail.envelope.bytes == made->pieces[0]->bytes.size());
  CHECK(made->mail.envelope.recipients == std::vector<std::string>{"bob@example.net"});
  CHECK(made->mail.facts.subject == "Hello");
  CHECK(made->pieces[0]->bytes.find("X-Mailfleet-Id: " + to_string(mail_key)) != std::string::npos);
  CHECK(log->statistics().requests == 0);
}

TEST_CASE("a mail is held up to its limit, and is durable past it", "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto composer = make_mail_composer(log);
  auto raw_with = [](std::size_t size) {
    std::string line(98, 'x');
    std::string bytes = "From: a@example.com\r\nTo: b@example.com\r\n\r\n";
    while (bytes.size() < size)
      bytes += line + "\r\n";
    bytes.resize(size - 2);
    return raw_of({bytes + "\r\n"});
  };
  auto probe = compose(*composer, order_of(raw_with(10'000)));
  REQUIRE(probe);
  auto added = probe->mail.envelope.bytes - 10'000;
  auto held = compose(*composer, order_of(raw_with(max_held_mail_bytes - added)));
  REQUIRE(held);
  CHECK(held->mail.envelope.bytes == max_held_mail_bytes);
  CHECK(held->pieces.size() == max_held_mail_bytes / max_chunk_bytes);
  auto durable = compose(*composer, order_of(raw_with(max_held_mail_bytes - added + 3)));
  REQUIRE(durable);
  CHECK(durable->pieces.empty());
  CHECK(durable->chunks == max_held_mail_bytes / max_chunk_bytes + 1);
  CHECK(bytes_of(*log, *durable).size() == durable->mail.envelope.bytes);
}

TEST_CASE("a large uploaded file goes through a few chunks of memory", "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto file = noise(25 * mebibyte + 100);
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, file);
  log->peak = 0;
  auto composer = make_mail_composer(log);
  auto made = compose(*composer, order);
  REQUIRE(made);
  CHECK(made->pieces.empty());
  CHECK(made->chunks > 100);
  // One part that is read, and what is held before the first commit.
  CHECK(log->peak <= max_held_mail_bytes / max_chunk_bytes + 3);
  auto whole = small_mail();
  whole.files.push_back({.name = "photo.raw",
                         .content_type = "",
                         .content_id = "",
                         .content = {make_body(file)},
                         .upload = std::nullopt});
  CHECK((bytes_of(*log, *made) == made_in_memory(whole)));
}

TEST_CASE("files that came with the mail stand beside uploaded ones", "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, "uploaded");
  auto& mail = std::get<outgoing_mail>(order.content);
  auto inline_file = mail.files[0];
  inline_file.upload.reset();
  inline_file.name = "b";
  inline_file.content = {make_body("given "), make_body("with it")};
  mail.files.push_back(inline_file);
  auto composer = make_mail_composer(log);
  auto made = compose(*composer, order);
  REQUIRE(made);
  auto bytes = bytes_of(*log, *made);
  CHECK(bytes.find("dXBsb2FkZWQ=") != std::string::npos);
  CHECK(bytes.find("Z2l2ZW4gd2l0aCBpdA==") != std::string::npos);
}

TEST_CASE("a raw mail is taken as it is, or with its line ends mended if it asks",
          "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto composer = make_mail_composer(log);
  auto crlf = raw_of({"From: a@example.com\r\nTo: b@example.com\r", "\n\r\nhello\r\n"});
  auto made = compose(*composer, order_of(crlf));
  REQUIRE(made);
  CHECK(bytes_of(*log, *made).ends_with("\r\n\r\nhello\r\n"));
  auto lf = raw_of({"From: a@example.com\nTo: b@example.com\n\nhello\n"});
  auto refused = compose(*composer, order_of(lf));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("line 1 has an LF without CR") == 0);
  lf.convert_lf = true;
  lf.sender = "bounces@example.com";
  lf.recipients = {"c@example.com"};
  made = compose(*composer, order_of(lf));
  REQUIRE(made);
  CHECK(bytes_of(*log, *made).ends_with("\r\n\r\nhello\r\n"));
  CHECK(made->mail.envelope.sender == "bounces@example.com");
  CHECK(made->mail.envelope.recipients == std::vector<std::string>{"c@example.com"});
}

TEST_CASE("a raw mail may be uploaded", "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  raw_mail mail;
  mail.upload = upload_key;
  auto order = order_of(mail);
  std::string text = "From: a@example.com\r\nTo: b@example.com\r\n\r\n";
  while (text.size() < 2 * max_chunk_bytes)
    text += std::string(900, 'x') + "\r\n";
  order.uploads[upload_key] = upload(*log, text);
  auto composer = make_mail_composer(log);
  auto made = compose(*composer, order);
  REQUIRE(made);
  CHECK(bytes_of(*log, *made).ends_with(text.substr(text.find("\r\n\r\n"))));
}

TEST_CASE("a refused field is named", "[compose_pool]") {
  auto composer = make_mail_composer(std::make_shared<watched_log>());
  auto detail_of = [&](const outgoing_mail& mail) {
    auto refused = compose(*composer, order_of(mail));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
    return refused.error().detail;
  };
  auto mail = small_mail();
  mail.to = {{"", "nobody"}};
  CHECK(detail_of(mail).find("to") == 0);
  mail = small_mail();
  mail.subject = "a\r\nBcc: evil@example.com";
  CHECK(detail_of(mail).find("subject") == 0);
  CHECK(detail_of(mail_with_upload()).find("files[0].upload is no upload") == 0);
  auto order = order_of(small_mail());
  order.max_recipients = 1;
  std::get<outgoing_mail>(order.content).cc = {{"", "carl@example.net"}};
  CHECK_FALSE(compose(*composer, order));
}

TEST_CASE("a part of an upload that is not there is named, and the mail leaves nothing",
          "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, noise(3 * mebibyte));
  commit_request gone;
  gone.deletes = {key_in(family::bodies, upload_key, 10)};
  REQUIRE(commit(*log, gone));
  auto composer = make_mail_composer(log);
  auto before = log->statistics().requests;
  auto refused = compose(*composer, order);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().detail == "files[0].upload has lost its part 10; upload it again");
  CHECK(log->statistics().requests > before + 4);
  CHECK(chunks_left(*log, 20) == 0);
}

TEST_CASE("a store that refuses a chunk ends the mail, and what was written before is deleted",
          "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, noise(3 * mebibyte));
  auto composer = make_mail_composer(log);
  SECTION("by a failure") {
    log->refuse_chunk = 8;
    auto refused = compose(*composer, order);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == failure{errc::overloaded, "the chunk was refused"});
  }
  SECTION("by an exception, whose words stay inside") {
    log->throw_at_chunk = 8;
    auto refused = compose(*composer, order);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::internal);
    CHECK(refused.error().detail.find("library") == std::string::npos);
  }
  CHECK(log->statistics().requests > 12);
  CHECK(chunks_left(*log, 20) == 0);
}

TEST_CASE("a store that fails for good fails the mail", "[compose_pool]") {
  auto disk = make_memory_disk();
  auto log = std::make_shared<watched_log>(disk);
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, noise(3 * mebibyte));
  fail_write_after(*disk, 6);
  auto composer = make_mail_composer(log);
  auto refused = compose(*composer, order);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::storage_failed);
}

TEST_CASE("what waits and what is under way is answered when the composer stops",
          "[compose_pool]") {
  auto log = std::make_shared<watched_log>();
  auto order = order_of(mail_with_upload());
  order.uploads[upload_key] = upload(*log, noise(max_chunk_bytes + 1));
  log->hold_reads();
  auto composer = std::make_shared<compose_pool>(log);
  std::atomic<int> stopped = 0;
  std::atomic<int> full = 0;
  std::atomic<int> others = 0;
  auto submit = [&](const compose_order& one) {
    composer->compose(one, [&](result<written_mail> made) {
      auto code = made ? errc{} : made.error().code;
      ++(code == errc::shutting_down ? stopped : code == errc::overloaded ? full : others);
    });
  };
  for (std::size_t count = 0; count < compose_threads; ++count)
    submit(order);
  while (log->held() < compose_threads)
    std::this_thread::yield();
  for (std::size_t count = 0; count < max_waiting_mails; ++count)
    submit(order_of(small_mail()));
  submit(order_of(small_mail()));
  CHECK(full == 1);
  CHECK(stopped + others == 0);
  std::thread stopper{[&] { composer->stop(); }};
  // The pool says so when it stops: from then on the flag is up.
  while (stopped == 0) {
    submit(order_of(small_mail()));
    std::this_thread::yield();
  }
  auto at_once = stopped.load();
  log->release_reads();
  stopper.join();
  CHECK(stopped == at_once + static_cast<int>(compose_threads + max_waiting_mails));
  CHECK(others == 0);
  submit(order_of(small_mail()));
  CHECK(others == 0);
}
