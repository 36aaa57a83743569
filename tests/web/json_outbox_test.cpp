#include "tests/web/sample_views.hpp"
#include "web/json.hpp"
#include "web/json_outbox.hpp"
#include "web/limits.hpp"
#include "web/times.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using namespace mailfleet::web;
using nlohmann::json;

namespace {

json written(const control_answer& answer) {
  return json::parse(write_answer(answer));
}

/// The detail of the refusal of a submission.
std::string refusal_of(std::string_view body) {
  CAPTURE(body);
  auto command = read_submit_mail(body);
  REQUIRE_FALSE(command);
  CHECK(command.error().code == errc::invalid_argument);
  return command.error().detail;
}

/// The same of one whose `mail` has these members.
std::string refusal_of_mail(const std::string& members) {
  return refusal_of(R"({"mail":{)" + members + "}}");
}

std::string bytes_of(const std::vector<body_handle>& pieces) {
  std::string bytes;
  for (const auto& piece : pieces)
    bytes += piece->bytes;
  return bytes;
}

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

const std::string upload_text = "0000000000cd-4294967295-0-7";

} // namespace

TEST_CASE("a submission fills a whole mail") {
  auto command = read_submit_mail(R"({
    "due": "2026-03-01T12:00:00Z", "priority": "bulk", "idempotency_key": "k",
    "mail": {
      "from": {"name": "Ann", "address": "ann@example.com"}, "sender": "office@example.com",
      "reply_to": ["r@example.com"], "to": ["a@example.com", {"address": "b@example.com"}],
      "cc": ["c@example.com"], "bcc": ["d@example.com"],
      "subject": "Hi", "text": "one\ntwo", "html": "<p>\tone</p>",
      "files": [
        {"name": "a.txt", "content_type": "text/plain", "content": "YWJj"},
        {"name": "b.png", "content_id": "b", "place": "shown", "upload": ")"
                                  + upload_text + R"("}],
      "headers": [{"name": "X-A", "value": "v"}],
      "in_reply_to": "<1@x>", "references": ["<0@x>", "<1@x>"], "date": "2026-02-28",
      "message_id": "2@x"}})");
  REQUIRE(command);
  CHECK(command->wishes.due == parse_iso8601("2026-03-01T12:00:00Z"));
  CHECK(command->wishes.priority == send_priority::bulk);
  CHECK(command->wishes.idempotency_key == "k");
  const auto& mail = std::get<outgoing_mail>(command->content);
  CHECK(mail.from == mail_address{"Ann", "ann@example.com"});
  CHECK(mail.sender == mail_address{"", "office@example.com"});
  CHECK(mail.reply_to == std::vector<mail_address>{{"", "r@example.com"}});
  CHECK(mail.to == std::vector<mail_address>{{"", "a@example.com"}, {"", "b@example.com"}});
  CHECK(mail.cc.size() == 1);
  CHECK(mail.bcc.size() == 1);
  CHECK(mail.subject == "Hi");
  CHECK(mail.text == "one\ntwo");
  CHECK(mail.html == "<p>\tone</p>");
  REQUIRE(mail.files.size() == 2);
  CHECK(mail.files[0].name == "a.txt");
  CHECK(mail.files[0].content_type == "text/plain");
  CHECK(mail.files[0].place == file_place::attached);
  CHECK(bytes_of(mail.files[0].content) == "abc");
  CHECK_FALSE(mail.files[0].upload);
  CHECK(mail.files[1].content_id == "b");
  CHECK(mail.files[1].place == file_place::shown);
  CHECK(mail.files[1].upload == parse_message_key(upload_text));
  CHECK(mail.headers == std::vector<extra_header>{{"X-A", "v"}});
  CHECK(mail.in_reply_to == "<1@x>");
  CHECK(mail.references == std::vector<std::string>{"<0@x>", "<1@x>"});
  CHECK(mail.date == parse_iso8601("2026-02-28"));
  CHECK(mail.message_id == "2@x");
}

TEST_CASE("what a submission leaves out is as usual") {
  auto command = read_submit_mail(R"({"mail":{"from":"a@b","to":["c@d"],"text":"x"}})");
  REQUIRE(command);
  CHECK_FALSE(command->wishes.due);
  CHECK(command->wishes.priority == send_priority::interactive);
  CHECK(command->wishes.idempotency_key.empty());
  const auto& mail = std::get<outgoing_mail>(command->content);
  CHECK_FALSE(mail.sender);
  CHECK_FALSE(mail.date);
}

TEST_CASE("a raw mail is given as text, as base64, or as an upload") {
  auto raw = [](const std::string& members) {
    auto command = read_submit_mail(R"({"raw":{)" + members + "}}");
    REQUIRE(command);
    return std::get<raw_mail>(command->content);
  };
  auto text = raw(R"("text":"From: a@b\r\n\r\nhi\r\n","sender":"a@b","recipients":["c@d"],
                     "convert_lf":true)");
  CHECK(bytes_of(text.content) == "From: a@b\r\n\r\nhi\r\n");
  CHECK(text.sender == "a@b");
  CHECK(text.recipients == std::vector<std::string>{"c@d"});
  CHECK(text.convert_lf);
  auto content = raw(R"("content":"RnJvbTogYQ==")");
  CHECK(bytes_of(content.content) == "From: a");
  CHECK_FALSE(content.convert_lf);
  CHECK(raw(R"("upload":")" + upload_text + "\"").upload == parse_message_key(upload_text));
}

TEST_CASE("content is cut into pieces that the store takes") {
  auto command =
      read_submit_mail(R"({"raw":{"text":")" + std::string(max_chunk_bytes + 1, 'x') + R"("}})");
  REQUIRE(command);
  const auto& mail = std::get<raw_mail>(command->content);
  REQUIRE(mail.content.size() == 2);
  CHECK(mail.content[0]->bytes.size() == max_chunk_bytes);
  CHECK(mail.content[1]->bytes == "x");
}

TEST_CASE("a text of a mail and a list of its recipients pass the limits of other requests") {
  json addresses = json::array();
  for (int count = 0; count < 1'000; ++count)
    addresses.push_back("a" + std::to_string(count) + "@example.com");
  json request = {{"mail",
                   {{"from", "a@b"},
                    {"to", addresses},
                    {"html", std::string(10 * max_text_bytes, 'x')},
                    {"headers", {{{"name", "X-A"}, {"value", std::string(5'000, 'v')}}}}}}};
  auto command = read_submit_mail(request.dump());
  REQUIRE(command);
  const auto& mail = std::get<outgoing_mail>(command->content);
  CHECK(mail.to.size() == 1'000);
  CHECK(mail.html.size() == 10 * max_text_bytes);
  request["mail"]["to"] = json(std::vector<std::string>(max_mail_items + 1, "a@b"));
  CHECK(begins(refusal_of(request.dump()), "mail.to has too many items"));
}

TEST_CASE("a submission is either a mail of fields or a raw one") {
  CHECK(begins(refusal_of("{}"), "mail is missing; give mail or raw"));
  CHECK(begins(refusal_of(R"({"mail":{},"raw":{"text":"x"}})"), "mail is given together with"));
  CHECK(begins(refusal_of(R"({"mial":{}})"), "mial is not a field"));
  CHECK(begins(refusal_of(R"({"raw":{}})"), "raw.content is missing; give content or text"));
  CHECK(begins(refusal_of(R"({"raw":{"content":"","text":""}})"), "raw.content is given together"));
  CHECK(begins(refusal_of_mail(R"("files":[{"name":"a"}])"), "mail.files[0].content is missing"));
  CHECK(begins(refusal_of_mail(R"("files":[{"content":"","upload":")" + upload_text + R"("}])"),
               "mail.files[0].content is given together with"));
}

TEST_CASE("a refused member of a mail is named with its path") {
  CHECK(begins(refusal_of_mail(R"("form":"a@b")"), "mail.form is not a field"));
  CHECK(begins(refusal_of_mail(R"("from":7)"), "mail.from is of type number"));
  CHECK(begins(refusal_of_mail(R"("from":{"mail":"a@b"})"), "mail.from.mail is not a field"));
  CHECK(begins(refusal_of_mail(R"("to":"a@b")"), "mail.to is of type string"));
  CHECK(begins(refusal_of_mail(R"("to":["a@b",null])"), "mail.to[1] is of type null"));
  CHECK(begins(refusal_of_mail(R"("to":[{"name":1}])"), "mail.to[0].name is of type number"));
  CHECK(begins(refusal_of_mail(R"("cc":["a@b\r\nBcc: x"])"), "mail.cc[0].address holds a control"));
  CHECK(begins(refusal_of_mail(R"("subject":"a\nb")"), "mail.subject holds a control"));
  CHECK(begins(refusal_of_mail(R"("text":["x"])"), "mail.text is of type array"));
  CHECK(begins(refusal_of_mail(R"("date":"yesterday")"), "mail.date is not a time"));
  CHECK(begins(refusal_of_mail(R"("files":["x"])"), "mail.files[0] is of type string"));
  CHECK(begins(refusal_of_mail(R"("files":[{"content":"YQ==","size":1}])"),
               "mail.files[0].size is not a field"));
  CHECK(begins(refusal_of_mail(R"("files":[{"content":"YQ==","place":"below"}])"),
               "mail.files[0].place has an unknown value; give one of: attached, shown"));
  CHECK(begins(refusal_of_mail(R"("headers":[{"key":"X-A"}])"),
               "mail.headers[0].key is not a field"));
  CHECK(begins(refusal_of_mail(R"("references":[1])"), "mail.references holds something"));
  CHECK(begins(refusal_of(R"({"priority":"high","mail":{}})"), "priority has an unknown value"));
  CHECK(begins(refusal_of(R"({"due":"soon","mail":{}})"), "due is not a time"));
  CHECK(begins(refusal_of(R"({"raw":{"text":"x","convert_lf":1}})"), "raw.convert_lf is of type"));
}

TEST_CASE("content that is not base64 is named, and an upload that is no key") {
  for (auto wrong : {"YQ", "YQ=", "Y===", "YW Jj", "YWJj\\n", "YW-_", "YQ==YQ=="}) {
    auto content = std::string{R"("content":")"} + wrong + "\"";
    CHECK(begins(refusal_of_mail(R"("files":[{)" + content + "}]"),
                 "mail.files[0].content is not base64"));
    CHECK(begins(refusal_of(R"({"raw":{)" + content + "}}"), "raw.content is not base64"));
  }
  CHECK(begins(refusal_of(R"({"raw":{"upload":"7"}})"), "raw.upload is not a key"));
}

TEST_CASE("a mail on its way out is written with its recipients") {
  auto shown = testing::sample_outgoing();
  CHECK(written(shown) == json::parse(R"({
    "key": "0000000000cd-4294967295-0-42", "mailbox": "0000000000cd", "status": "deferred",
    "since": "2026-03-01T12:00:00Z", "due": "2026-03-01T12:00:00Z",
    "accepted_at": "2026-03-01T12:00:00Z", "attempts": 2, "priority": "bulk",
    "idempotency_key": "order-7", "message_id": "<1@example.org>", "subject": "Hello",
    "from": ["ann@example.org"], "thread": ["<0@example.net>"], "sender": "ann@example.org",
    "recipients": [{"address": "bob@example.net", "status": "taken", "said": "250 2.0.0 ok"},
                   {"address": "carl@example.net", "status": "waiting", "said": null}],
    "bytes": 1234, "said": null, "reason": "smtp.greylisted", "detail": "", "dot_sent_at": null,
    "trouble": null, "repeated": false, "doubt": null})"));
  shown.record.progress.said = server_words{.code = 451, .enhanced = "4.7.1", .words = "later"};
  shown.record.progress.dot_sent_at = wall_time{};
  shown.trouble = testing::sample_trouble();
  auto view = written(shown);
  CHECK(view["said"] == "451 4.7.1 later");
  CHECK(view["dot_sent_at"] == "1970-01-01T00:00:00Z");
  CHECK(view["trouble"]["code"] == "token.invalid_grant");
  CHECK(view["trouble"]["retry_at"].is_null());
  shown.is_repeated = true;
  shown.doubt = doubt_outlook{doubt_policy::at_most_once, wall_time{}, {}};
  view = written(shown);
  CHECK(view["repeated"] == true);
  CHECK(view["doubt"]
        == json{{"policy", "at_most_once"},
                {"next_look", "1970-01-01T00:00:00Z"},
                {"trouble", nullptr}});
  shown.doubt->trouble = "no IMAP server is known";
  CHECK(written(shown)["doubt"]["trouble"] == "no IMAP server is known");
  shown.doubt->next_look.reset();
  CHECK(written(shown)["doubt"]["next_look"].is_null());
}

TEST_CASE("a list of mails says where it goes on") {
  auto view = written(outbox_list{{testing::sample_outgoing()}, parse_message_key(upload_text)});
  CHECK(view["mails"].size() == 1);
  CHECK(view["next"] == upload_text);
  view = written(outbox_list{});
  CHECK(view["mails"] == json::array());
  CHECK(view["next"].is_null());
}

TEST_CASE("an upload is written with what it has") {
  CHECK(written(upload_view{*parse_message_key(upload_text), 2, 300'000, wall_time{}})
        == json{{"key", upload_text},
                {"parts", 2},
                {"bytes", 300'000},
                {"expires_at", "1970-01-01T00:00:00Z"}});
}

TEST_CASE("status says how much waits to be sent, and who sends nothing") {
  status_report report;
  auto view = written(report)["outbox"];
  CHECK(view == json::parse(R"({"waiting": 0, "under_way": 0, "in_doubt": 0, "sent": 0,
                           "failed": 0, "oldest": null, "at_rest": []})"));
  report.outbox = {.waiting = 3,
                   .under_way = 2,
                   .in_doubt = 1,
                   .oldest = wall_time{},
                   .at_rest = {{entity_id{0xcd}, testing::sample_trouble()}}};
  view = written(report)["outbox"];
  CHECK(view["waiting"] == 3);
  CHECK(view["under_way"] == 2);
  CHECK(view["in_doubt"] == 1);
  CHECK(view["oldest"] == "1970-01-01T00:00:00Z");
  CHECK(view["at_rest"][0]["mailbox"] == "0000000000cd");
  CHECK(view["at_rest"][0]["trouble"]["who"] == "mailbox_owner");
}

TEST_CASE("a mailbox says how it sends, with the numbers that are its own") {
  auto shown = testing::sample_mailbox();
  CHECK(written(shown)["sending"]
        == json::parse(R"({"in_doubt": "at_least_once", "send_as": [], "sent_folder": ""})"));
  shown.record.sending = {.in_doubt = doubt_policy::at_most_once,
                          .send_as = {"@example.org"},
                          .sent_folder = "Sent",
                          .connections = 0,
                          .messages_per_minute = std::nullopt,
                          .messages_per_day = 100,
                          .recipients_per_day = std::nullopt,
                          .recipients_per_message = std::nullopt};
  auto sending = written(shown)["sending"];
  CHECK(sending == json::parse(R"({"in_doubt": "at_most_once", "send_as": ["@example.org"],
                           "sent_folder": "Sent", "connections": 0, "messages_per_day": 100})"));
  CHECK(*read_sending(sending.dump()) == shown.record.sending);
}
