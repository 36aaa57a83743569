#include "tests/web/route_checks.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::web;
using namespace mailfleet::testing;

namespace {

const std::string key_text = "0000000000cd-4294967295-0-42";

constexpr std::string_view small_mail =
    R"({"mail":{"from":"a@b","to":["c@d"],"text":"hi"},"idempotency_key":"k1"})";
constexpr std::string_view mail_without_key = R"({"mail":{"from":"a@b","to":["c@d"],"text":"hi"}})";

} // namespace

TEST_CASE("a mail is handed in for a mailbox, and is answered with 201") {
  auto command = command_of<submit_mail>("POST", "/api/v1/mailboxes/ann%40b/outbox", small_mail);
  CHECK(command.mailbox.text == "ann@b");
  CHECK(command.wishes.idempotency_key == "k1");
  CHECK(std::get<outgoing_mail>(command.content).to.at(0).address == "c@d");
  CHECK(std::get<routed>(route("POST", "/api/v1/mailboxes/a@b/outbox", small_mail)).status == 201);
  CHECK(refusal_of("POST", "/api/v1/mailboxes/a@b/outbox", "").status == 400);
  CHECK(refusal_of("GET", "/api/v1/mailboxes/a@b/outbox").allow == "POST");
}

TEST_CASE("an idempotency key may stand in the header, with quotes or without") {
  auto key_of_header = [](std::string_view header, std::string_view body = mail_without_key) {
    auto found = route("POST", "/api/v1/mailboxes/a@b/outbox", body, header);
    REQUIRE(std::holds_alternative<routed>(found));
    return std::get<submit_mail>(std::get<routed>(found).command).wishes.idempotency_key;
  };
  CHECK(key_of_header("order-7") == "order-7");
  CHECK(key_of_header("\"order-7\"") == "order-7");
  CHECK(key_of_header("k1", small_mail) == "k1");
  CHECK(key_of_header("").empty());
  auto found = route("POST", "/api/v1/mailboxes/a@b/outbox", small_mail, "k2");
  REQUIRE(std::holds_alternative<route_refusal>(found));
  CHECK(std::get<route_refusal>(found).what.detail.find("idempotency_key differs") == 0);
}

TEST_CASE("an upload is begun for a mailbox, without a body") {
  CHECK(command_of<open_upload>("POST", "/api/v1/mailboxes/a@b/uploads").mailbox.text == "a@b");
  CHECK(std::get<routed>(route("POST", "/api/v1/mailboxes/a@b/uploads", "")).status == 201);
  CHECK(refusal_of("POST", "/api/v1/mailboxes/a@b/uploads", R"({"x":1})").status == 400);
}

TEST_CASE("a part of an upload is its bytes as they are") {
  auto target = "/api/v1/uploads/" + key_text + "/parts/3";
  std::string bytes("\0{\xff\r\n", 5);
  auto command = command_of<append_upload>("PUT", target, bytes);
  CHECK(to_string(command.upload) == key_text);
  CHECK(command.part == 3);
  CHECK(command.bytes->bytes == bytes);
  CHECK(command_of<append_upload>("PUT", target, std::string(max_chunk_bytes, 'x'))
            .bytes->bytes.size()
        == max_chunk_bytes);
  CHECK(std::get<routed>(route("PUT", target, "x")).status == 200);
  CHECK(refusal_of("PUT", target, "").what.detail.find("body is empty") == 0);
  CHECK(refusal_of("PUT", target, std::string(max_chunk_bytes + 1, 'x')).status == 400);
  for (auto part : {"-1", "x", "1x", "4294967296"})
    CHECK(refusal_of("PUT", "/api/v1/uploads/" + key_text + "/parts/" + part, "x")
              .what.detail.find("part is not a number")
          == 0);
  CHECK(refusal_of("PUT", "/api/v1/uploads/nonsense/parts/0", "x").what.detail.find("upload ")
        == 0);
}

TEST_CASE("the outbox is listed by mailbox, state and page") {
  auto all = command_of<list_outbox>("GET", "/api/v1/outbox");
  CHECK_FALSE(all.mailbox);
  CHECK_FALSE(all.status);
  CHECK_FALSE(all.after);
  CHECK(all.limit == 100);
  auto some = command_of<list_outbox>(
      "GET", "/api/v1/outbox?mailbox=a%40b&status=in_doubt&limit=7&after=" + key_text);
  CHECK(some.mailbox->text == "a@b");
  CHECK(some.status == outbox_status::in_doubt);
  CHECK(to_string(*some.after) == key_text);
  CHECK(some.limit == 7);
  for (auto query : {"status=lost", "status=", "limit=0", "limit=1001", "after=7", "state=sent"}) {
    CAPTURE(query);
    CHECK(refusal_of("GET", std::string{"/api/v1/outbox?"} + query).status == 400);
  }
}

TEST_CASE("each state of a mail can be asked for") {
  for (auto word :
       {"accepted", "sending", "dot_sent", "sent", "deferred", "failed", "in_doubt", "cancelled"}) {
    auto command = command_of<list_outbox>("GET", std::string{"/api/v1/outbox?status="} + word);
    REQUIRE(command.status);
    CHECK(to_string(*command.status) == word);
  }
}

TEST_CASE("one mail is shown, tried again and taken back by its key") {
  CHECK(to_string(command_of<show_outbox>("GET", "/api/v1/outbox/" + key_text).key) == key_text);
  CHECK(to_string(command_of<retry_mail>("POST", "/api/v1/outbox/" + key_text + "/retry").key)
        == key_text);
  CHECK(to_string(command_of<cancel_mail>("POST", "/api/v1/outbox/" + key_text + "/cancel").key)
        == key_text);
  CHECK(refusal_of("POST", "/api/v1/outbox/" + key_text + "/retry", R"({"now":1})").status == 400);
  CHECK(refusal_of("GET", "/api/v1/outbox/nonsense").what.detail.find("key ") == 0);
  CHECK(refusal_of("GET", "/api/v1/outbox/" + key_text + "/cancel").allow == "POST");
}

TEST_CASE("a doubt is resolved in one of three ways") {
  auto target = "/api/v1/outbox/" + key_text + "/resolve";
  auto how = [&](std::string_view body) {
    return command_of<resolve_doubt>("POST", target, body).how;
  };
  CHECK(how(R"({"how":"sent"})") == doubt_end::was_sent);
  CHECK(how(R"({"how":"send-again"})") == doubt_end::send_again);
  CHECK(how(R"({"how":"give-up"})") == doubt_end::give_up);
  for (auto body : {"", "{}", R"({"how":"maybe"})", R"({"how":1})", R"({"how":"sent","x":1})"}) {
    CAPTURE(body);
    CHECK(refusal_of("POST", target, body).status == 400);
  }
}

TEST_CASE("how a mailbox sends is set as a whole") {
  auto command = command_of<set_sending>("PUT", "/api/v1/mailboxes/a@b/sending", R"({
    "in_doubt": "at_most_once", "send_as": ["@b"], "sent_folder": "Sent", "connections": 2,
    "messages_per_minute": 30, "messages_per_day": 0, "recipients_per_day": 4294967295,
    "recipients_per_message": 50})");
  CHECK(command.which.text == "a@b");
  CHECK(command.wanted
        == sending_settings{.in_doubt = doubt_policy::at_most_once,
                            .send_as = {"@b"},
                            .sent_folder = "Sent",
                            .connections = 2,
                            .messages_per_minute = 30,
                            .messages_per_day = 0,
                            .recipients_per_day = 4'294'967'295,
                            .recipients_per_message = 50});
  CHECK(command_of<set_sending>("PUT", "/api/v1/mailboxes/a@b/sending", "{}").wanted
        == sending_settings{});
  for (auto body :
       {"", R"({"in_doubt":"never"})", R"({"connections":-1})", R"({"connections":4294967296})",
        R"({"connections":"2"})", R"({"connections":1.5})", R"({"per_hour":1})"}) {
    CAPTURE(body);
    CHECK(refusal_of("PUT", "/api/v1/mailboxes/a@b/sending", body).status == 400);
  }
}
