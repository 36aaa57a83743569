#include "messages/values/outgoing.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace mailfleet;

TEST_CASE("every state of a mail on its way out has a name of its own", "[outgoing]") {
  std::set<std::string_view> names;
  for (int number = 1; number <= 8; ++number)
    names.insert(to_string(static_cast<outbox_status>(number)));
  CHECK(names.size() == 8);
  CHECK_FALSE(names.contains("unknown"));
  CHECK(to_string(outbox_status::in_doubt) == "in_doubt");
  CHECK(to_string(recipient_status::refused) == "refused");
  CHECK(to_string(send_phase::dot) == "dot");
}

TEST_CASE("a server's words are shown as it said them", "[outgoing]") {
  CHECK(to_string(server_words{535, "5.7.3", "no"}) == "535 5.7.3 no");
  CHECK(to_string(server_words{250, "", ""}) == "250");
}
