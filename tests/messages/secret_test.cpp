#include "messages/values/secret.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("a moved secret leaves nothing behind", "[secret]") {
  secret first{"token-0123456789-0123456789-0123456789"};
  secret second{std::move(first)};
  CHECK(first.empty()); // NOLINT(bugprone-use-after-move): that is the point
  CHECK(second.reveal() == "token-0123456789-0123456789-0123456789");
}

TEST_CASE("short secrets, kept inside the string, move away too", "[secret]") {
  secret first{"short"};
  secret second;
  second = std::move(first);
  CHECK(first.empty()); // NOLINT(bugprone-use-after-move): that is the point
  CHECK(second.reveal() == "short");
}
