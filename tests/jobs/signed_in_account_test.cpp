#include "jobs/signed_in_account.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using jobs::other_account;

namespace {

constexpr std::string_view tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
constexpr std::string_view elsewhere = "ffffbbbb-0000-cccc-1111-dddd2222eeee";

mailbox_record ann() {
  mailbox_record mailbox;
  mailbox.address = "ann@example.com";
  return mailbox;
}

} // namespace

TEST_CASE("the mailbox's own account may sign in, however it is written", "[signed_in_account]") {
  CHECK_FALSE(other_account({"Ann@Example.com", "", tenant, "x"}, ann(), ""));
  CHECK_FALSE(other_account({"", "ANN@example.com", "", "x"}, ann(), ""));
}

TEST_CASE("a delegate may sign in for its mailbox, and others are named", "[signed_in_account]") {
  auto shared = ann();
  shared.delegate = "bob@example.com";
  CHECK_FALSE(other_account({"bob@example.com", "", tenant, "x"}, shared, ""));
  CHECK_FALSE(other_account({"ann@example.com", "", tenant, "x"}, shared, ""));
  CHECK(other_account({"boss@example.com", "", tenant, "boss@example.com"}, shared, "")
        == "'boss@example.com' signed in, but 'bob@example.com' is wanted");
}

TEST_CASE("where the token names no address the mail server decides", "[signed_in_account]") {
  CHECK_FALSE(other_account({"", "", tenant, "oid"}, ann(), ""));
  CHECK_FALSE(other_account({"+49 30 1234", "", tenant, "oid"}, ann(), ""));
}

TEST_CASE("Microsoft's email claim admits nobody where several tenants may sign in",
          "[signed_in_account]") {
  auto why = other_account({"eve@evil.example", "ann@example.com", elsewhere, "eve@evil.example"},
                           ann(), "");
  REQUIRE(why);
  CHECK(why->find("'eve@evil.example' signed in") != std::string::npos);
  CHECK(why->find("email claim alone") != std::string::npos);
  CHECK(other_account({"", "ann@example.com", elsewhere, "ann@example.com"}, ann(), ""));
  CHECK(other_account({"", "ann@example.com", elsewhere, "ann@example.com"}, ann(), tenant));
}

TEST_CASE("an email claim counts in the provider's only tenant, and where there are none",
          "[signed_in_account]") {
  CHECK_FALSE(other_account({"a1@corp.example", "ann@example.com", tenant, "a1@corp.example"},
                            ann(), tenant));
  CHECK_FALSE(other_account({"", "ann@example.com", "AAAABBBB-0000-CCCC-1111-DDDD2222EEEE", "x"},
                            ann(), tenant));
  CHECK_FALSE(other_account({"ann", "ann@example.com", "", "ann"}, ann(), ""));
}
