#include "storage/known_versions.hpp"
#include "storage/limits.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::storage;

namespace {

record_key key_of_mail(std::uint32_t number, std::uint64_t mailbox = 7) {
  return key_in(family::outbox, {entity_id{mailbox}, outbox_folder, 0, number});
}

/// Writes a mail, and an event about it.
batch_plan a_plan(std::uint32_t number, std::uint64_t version) {
  outbox_record mail;
  mail.key = {entity_id{7}, outbox_folder, 0, number};
  mail.header.version = version;
  planned_request request;
  request.puts.emplace_back(mail);
  request.puts.emplace_back(event_record{});
  batch_plan plan;
  plan.requests.push_back(std::move(request));
  return plan;
}

} // namespace

TEST_CASE("what was written has its version, and what was deleted has none", "[known_versions]") {
  known_versions known;
  CHECK_FALSE(known.find(key_of_mail(1)));
  known.note(a_plan(1, 3));
  CHECK(known.find(key_of_mail(1)) == 3);
  known.note(a_plan(1, 4));
  CHECK(known.find(key_of_mail(1)) == 4);
  batch_plan gone;
  gone.requests.push_back({{}, {key_of_mail(1)}, {}});
  known.note(gone);
  CHECK(known.find(key_of_mail(1)) == 0);
}

TEST_CASE("a request's erasing comes before its writing", "[known_versions]") {
  known_versions known;
  known.note(key_of_mail(1), 3);
  known.note(key_of_mail(2), 3);
  known.note(key_of_mail(1, 8), 5);
  auto plan = a_plan(2, 1);
  plan.requests.front().erased_owners.push_back(entity_id{7});
  known.note(plan);
  CHECK_FALSE(known.find(key_of_mail(1)));
  CHECK(known.find(key_of_mail(2)) == 1);
  CHECK(known.find(key_of_mail(1, 8)) == 5);
}

TEST_CASE("the youngest versions are known, however many were written", "[known_versions]") {
  known_versions known;
  constexpr std::uint32_t last = 3 * max_known_versions;
  for (std::uint32_t number = 1; number <= last; ++number)
    known.note(key_of_mail(number), number);
  CHECK_FALSE(known.find(key_of_mail(1)));
  for (auto number = last - max_known_versions / 2 + 1; number <= last; ++number)
    REQUIRE(known.find(key_of_mail(static_cast<std::uint32_t>(number))) == number);
}
