#include "actors/fresh_mails.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet;

namespace {

message_key key(std::uint32_t number) {
  return {entity_id{7}, outbox_folder, 0, number};
}

fresh_mail a_mail(std::uint32_t number, std::size_t bytes) {
  fresh_mail mail;
  mail.record.key = key(number);
  mail.content.push_back(make_body(std::string(bytes, 'x')));
  return mail;
}

} // namespace

TEST_CASE("a mail that is kept is taken once, with its content", "[fresh_mails]") {
  fresh_mails kept;
  kept.keep(a_mail(1, 100));
  auto taken = kept.take(key(1));
  REQUIRE(taken);
  CHECK(taken->content.size() == 1);
  CHECK_FALSE(kept.take(key(1)));
}

TEST_CASE("of a large mail the record is kept", "[fresh_mails]") {
  fresh_mails kept;
  kept.keep(a_mail(1, max_fresh_content_bytes + 1));
  auto pieces = a_mail(2, 10);
  pieces.content.push_back(make_body("more"));
  kept.keep(std::move(pieces));
  CHECK(kept.take(key(1)).value().content.empty());
  CHECK(kept.take(key(2)).value().content.empty());
}

TEST_CASE("a record with many recipients counts for more", "[fresh_mails]") {
  auto many = a_mail(1, 10);
  many.record.progress.recipients.resize(1'000);
  CHECK(many.bytes() >= a_mail(1, 10).bytes() + 1'000 * fresh_recipient_bytes);
}

TEST_CASE("no more is kept than there is room for, and what goes makes room", "[fresh_mails]") {
  fresh_mails kept;
  auto each = max_fresh_content_bytes;
  auto most = static_cast<std::uint32_t>(max_fresh_bytes / (each + fresh_record_bytes));
  for (std::uint32_t number = 0; number <= most; ++number)
    kept.keep(a_mail(number, each));
  CHECK_FALSE(kept.take(key(most)));
  kept.drop(key(0));
  // Twice the same is one.
  kept.keep(a_mail(most, each));
  kept.keep(a_mail(most, each));
  CHECK(kept.take(key(most)));
  CHECK_FALSE(kept.take(key(most)));
}
