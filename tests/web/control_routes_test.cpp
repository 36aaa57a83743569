#include "tests/web/route_checks.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::web;
using namespace mailfleet::testing;

namespace {

constexpr std::string_view key_text = "0000000000cd-1-7-42";

} // namespace

TEST_CASE("each address stands for its command") {
  command_of<report_status>("GET", "/api/v1/status");
  command_of<list_providers>("GET", "/api/v1/providers");
  CHECK(command_of<add_provider>("POST", "/api/v1/providers", R"({"name":"x"})").wanted.name
        == "x");
  CHECK(command_of<show_provider>("GET", "/api/v1/providers/office").which.text == "office");
  CHECK(command_of<remove_provider>("DELETE", "/api/v1/providers/office").which.text == "office");
  CHECK_FALSE(command_of<list_mailboxes>("GET", "/api/v1/mailboxes").state);
  CHECK(command_of<list_mailboxes>("GET", "/api/v1/mailboxes?state=parked").state
        == mailbox_state::parked);
  command_of<add_mailbox>("POST", "/api/v1/mailboxes", R"({"address":"a@b"})");
  command_of<show_mailbox>("GET", "/api/v1/mailboxes/a@b");
  CHECK_FALSE(command_of<remove_mailbox>("DELETE", "/api/v1/mailboxes/a@b").discards_mail);
  CHECK(command_of<remove_mailbox>("DELETE", "/api/v1/mailboxes/a@b?discard_mail=true")
            .discards_mail);
  CHECK(refusal_of("DELETE", "/api/v1/mailboxes/a@b?discard_mail=yes").status == 400);
  command_of<pause_mailbox>("POST", "/api/v1/mailboxes/a@b/pause");
  command_of<resume_mailbox>("POST", "/api/v1/mailboxes/a@b/resume", "{}");
  command_of<fetch_now>("POST", "/api/v1/mailboxes/a@b/fetch");
  CHECK(
      command_of<read_secret_expiry>("POST", "/api/v1/providers/office/secret-expiry").provider.text
      == "office");
  CHECK_FALSE(command_of<begin_sign_in>("POST", "/api/v1/mailboxes/a@b/sign-in").prompt);
  CHECK(command_of<begin_sign_in>("POST", "/api/v1/mailboxes/a@b/sign-in",
                                  R"({"prompt":"select_account"})")
            .prompt
        == sign_in_prompt::select_account);
}

TEST_CASE("what is added is answered with 201") {
  CHECK(std::get<routed>(route("POST", "/api/v1/providers", "{}")).status == 201);
  CHECK(std::get<routed>(route("GET", "/api/v1/providers", "")).status == 200);
}

TEST_CASE("a reference is decoded once") {
  CHECK(command_of<show_mailbox>("GET", "/api/v1/mailboxes/a%2Bb%2Fc%2541@x").which.text
        == "a+b/c%41@x");
}

TEST_CASE("messages are paged and found by key") {
  auto list = command_of<list_messages>("GET", "/api/v1/mailboxes/a@b/messages?limit=1000&after="
                                                   + std::string{key_text});
  CHECK(list.limit == 1'000);
  CHECK(to_string(*list.after) == key_text);
  CHECK(to_string(command_of<show_message>("GET", "/api/v1/messages/" + std::string{key_text}).key)
        == key_text);
  auto body = command_of<read_body>("GET", "/api/v1/messages/" + std::string{key_text} + "/body");
  CHECK(to_string(body.key) == key_text);
  CHECK(body.part == 0);
  CHECK(refusal_of("GET", "/api/v1/messages/nonsense").status == 400);
}

TEST_CASE("events take their parameters") {
  auto events =
      command_of<list_events>("GET", "/api/v1/events?after=7&limit=5&wait_s=60&about=a%40b");
  CHECK(events.after == 7);
  CHECK(events.limit == 5);
  CHECK(events.wait == std::chrono::seconds{60});
  CHECK(events.about->text == "a@b");
}

TEST_CASE("the audit log takes its parameters") {
  auto audit = command_of<list_audit>("GET", "/api/v1/audit?after=7&limit=5");
  CHECK(audit.after == 7);
  CHECK(audit.limit == 5);
}

TEST_CASE("parameters keep their limits") {
  for (auto query : {"limit=0", "limit=1001", "limit=x", "limit=", "wait_s=61", "after=-1",
                     "after=18446744073709551616", "limit=1&limit=2", "since=1"}) {
    auto refusal = refusal_of("GET", std::string{"/api/v1/events?"} + query);
    CAPTURE(query);
    CHECK(refusal.status == 400);
    CHECK(refusal.what.code == errc::invalid_argument);
  }
  CHECK(refusal_of("GET", "/api/v1/mailboxes?state=asleep").status == 400);
}

TEST_CASE("an unknown address is named so") {
  for (auto target :
       {"/", "/api", "/api/v1", "/api/v2/status", "/api/v1/nothing", "/api/v1/providers/a/b",
        "/api/v1/mailboxes/", "/api/v1/status/x", "/api/v1/../../etc"}) {
    auto refusal = refusal_of("GET", target);
    CAPTURE(target);
    CHECK(refusal.status == 404);
    CHECK(refusal.what.code == errc::not_found);
  }
  CHECK(refusal_of("GET", "http://host/api/v1/status").status == 400);
  CHECK(refusal_of("GET", "/api/v1/%zz").status == 400);
}

TEST_CASE("a wrong method is told the right ones") {
  auto refusal = refusal_of("PUT", "/api/v1/providers");
  CHECK(refusal.status == 405);
  CHECK(refusal.allow == "GET, POST");
  CHECK(refusal_of("GET", "/api/v1/mailboxes/a@b/pause").allow == "POST");
}

TEST_CASE("a body where none belongs is refused") {
  CHECK(refusal_of("POST", "/api/v1/mailboxes/a@b/pause", R"({"hard":true})").status == 400);
}

TEST_CASE("servers of a mailbox are changed one by one") {
  auto target = "/api/v1/mailboxes/a@b/servers";
  auto command = command_of<set_servers>("PUT", target, R"({
    "smtp": {"host": "smtp.example", "port": 587, "tls": "starttls"}, "pop3": {}})");
  CHECK(command.which.text == "a@b");
  CHECK_FALSE(command.wanted.imap);
  CHECK(command.wanted.smtp->host == "smtp.example");
  CHECK(command.wanted.smtp->tls == tls_mode::starttls);
  CHECK(command.wanted.pop3 == endpoint{});
  for (auto body : {"", "{}", R"({"smtp":"host"})", R"({"smtp":{"host":"x"},"user":"y"})"}) {
    CAPTURE(body);
    CHECK(refusal_of("PUT", target, body).status == 400);
  }
}
