#include "tests/web/sample_views.hpp"
#include "web/json.hpp"
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

/// The detail of the refusal of a mailbox request.
std::string refusal_of_mailbox(std::string_view body) {
  auto command = read_add_mailbox(body);
  REQUIRE_FALSE(command);
  CHECK(command.error().code == errc::invalid_argument);
  return command.error().detail;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("a provider request fills the whole record") {
  auto command = read_add_provider(R"({
    "name": "office", "service": "generic", "type": "T", "tenant_id": "t", "client_id": "c",
    "auth": "basic", "secrets": [{"value": "s1", "expires_at": "2027-01-01"}, {"value": "s2"}],
    "redirect_uri": "https://h/cb", "discovery_url": "https://i/d", "scopes": ["a", "b"],
    "imap": {"host": "i", "port": 143, "tls": "starttls", "ca_file": "/ca", "pin_sha256": "00",
             "proxy": {"url": "direct"}},
    "smtp": {"host": "s", "port": 587, "tls": "starttls"}, "pop3": {"host": "p", "ca_file": "/ca3"},
    "ca_file": "/ca2", "proxy": {"url": "http://p:1", "user": "u", "password": "pw",
                                 "no_proxy": ["x"]}})");
  REQUIRE(command);
  const auto& record = command->wanted;
  CHECK(record.name == "office");
  CHECK(record.auth == client_auth::secret_basic);
  REQUIRE(record.secrets.size() == 2);
  CHECK(record.secrets[0].value.reveal() == "s1");
  CHECK(record.secrets[0].expires_at == parse_iso8601("2027-01-01T00:00:00Z"));
  CHECK_FALSE(record.secrets[1].expires_at);
  CHECK(record.scopes == std::vector<std::string>{"a", "b"});
  CHECK(record.imap.port == 143);
  CHECK(record.imap.tls == tls_mode::starttls);
  CHECK(record.imap.proxy.url == "direct");
  CHECK(record.smtp.host == "s");
  CHECK(record.smtp.port == 587);
  CHECK(record.smtp.tls == tls_mode::starttls);
  CHECK(record.pop3.host == "p");
  CHECK(record.pop3.ca_file == "/ca3");
  CHECK(record.proxy.password.reveal() == "pw");
  CHECK(record.proxy.no_proxy == std::vector<std::string>{"x"});
}

TEST_CASE("a mailbox request fills the whole command") {
  auto command = read_add_mailbox(R"({"address": "a@b", "provider": "office", "user": "u",
    "from": "2026-03-01", "action": "move", "move_target": "Done", "refresh_token": "rt"})");
  REQUIRE(command);
  CHECK(command->wanted.address == "a@b");
  CHECK(command->wanted.auth == mailbox_auth::oauth2);
  CHECK(command->provider.text == "office");
  CHECK(command->wanted.from == fetch_from{fetch_from::kind::date, *parse_iso8601("2026-03-01")});
  CHECK(command->wanted.action == server_action::move);
  CHECK(command->wanted.move_target == "Done");
  CHECK(command->refresh_token.reveal() == "rt");
}

TEST_CASE("a mailbox with a password is an account with a password") {
  auto command = read_add_mailbox(R"({"address": "a@b", "password": "pw", "from": "all"})");
  REQUIRE(command);
  CHECK(command->wanted.auth == mailbox_auth::password);
  CHECK(command->password.reveal() == "pw");
  CHECK(command->wanted.from.what == fetch_from::kind::all);
}

TEST_CASE("a refused field is named with its path") {
  CHECK(holds(refusal_of_mailbox(R"({"adress": "a@b"})"), "adress is not a field"));
  CHECK(holds(refusal_of_mailbox(R"({"imap": {"hots": "h"}})"), "imap.hots is not a field"));
  CHECK(holds(refusal_of_mailbox(R"({"smtp": {"port": 0}})"), "smtp.port is not a port"));
  CHECK(holds(refusal_of_mailbox(R"({"pop3": {"tls": "no"}})"), "pop3.tls has an unknown value"));
  CHECK(holds(refusal_of_mailbox(R"({"address": 7})"), "address is of type number"));
  CHECK(holds(refusal_of_mailbox(R"({"imap": "h"})"), "imap is of type string"));
  CHECK(holds(refusal_of_mailbox(R"({"action": "burn"})"), "none, seen, move, remove"));
  CHECK(holds(refusal_of_mailbox(R"({"action": ""})"), "action has an unknown value"));
  CHECK(holds(refusal_of_mailbox(R"({"from": "2026-02-30"})"), "from has an unknown value"));
  CHECK(holds(refusal_of_mailbox(R"({"from": "2026-02-20T10:00:00Z"})"), "from has an unknown"));
  CHECK(holds(refusal_of_mailbox(R"({"address": "a", "address": "b"})"), "address is given twice"));
  CHECK(holds(refusal_of_mailbox(R"({"address": "a\r\nb"})"), "address holds a control character"));
  CHECK(holds(refusal_of_mailbox(R"({"action": "move"})"), "move_target is empty"));
  CHECK(holds(refusal_of_mailbox(R"({"move_target": "x"})"), "move_target is given"));
  auto provider =
      read_add_provider(R"({"secrets": [{"value": "a"}, {"expires_at": "2027-01-01"}]})");
  REQUIRE_FALSE(provider);
  CHECK(holds(provider.error().detail, "secrets[1].value is empty"));
}

TEST_CASE("a refusal never repeats a secret") {
  auto body = R"({"address": "a@b", "password": ")" + std::string{testing::canary} + R"(\n"})";
  CHECK_FALSE(holds(refusal_of_mailbox(body), testing::canary));
  CHECK_FALSE(holds(refusal_of_mailbox(std::string{testing::canary}), testing::canary));
}

TEST_CASE("a port is a number from 1 to 65535") {
  auto with_port = [](std::string_view port) {
    return read_add_mailbox(R"({"imap": {"port": )" + std::string{port} + "}}");
  };
  CHECK(with_port("1"));
  CHECK(with_port("65535"));
  CHECK_FALSE(with_port("0"));
  CHECK_FALSE(with_port("65536"));
  CHECK_FALSE(with_port("-1"));
  CHECK_FALSE(with_port("1.5"));
}

TEST_CASE("a text keeps its limit") {
  auto with_address = [](std::size_t length) {
    return read_add_mailbox(R"({"address": ")" + std::string(length, 'a') + R"("})");
  };
  CHECK(with_address(max_text_bytes));
  CHECK_FALSE(with_address(max_text_bytes + 1));
}

TEST_CASE("nesting keeps its limit") {
  auto nested = [](int depth) {
    auto lists = static_cast<std::size_t>(depth - 1);
    auto command =
        read_add_mailbox(R"({"x": )" + std::string(lists, '[') + std::string(lists, ']') + "}");
    return command.error().detail;
  };
  CHECK(holds(nested(max_json_depth), "x is not a field"));
  CHECK(holds(nested(max_json_depth + 1), "nests too deeply"));
  CHECK(holds(nested(200'000), "nests too deeply"));
}

TEST_CASE("what is not one JSON object is refused") {
  for (auto text : {"", "[]", "null", "{", "{} {}", "{\"a\":1,}", "\xff", "{\"a\": \"\xff\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(read_add_mailbox(text));
  }
}

TEST_CASE("a request for nothing may be empty") {
  CHECK(read_nothing(""));
  CHECK(read_nothing("{}"));
  CHECK_FALSE(read_nothing(R"({"x": 1})"));
}

TEST_CASE("a provider is written without its secrets") {
  auto text = write_answer(testing::sample_provider());
  CHECK_FALSE(holds(text, testing::canary));
  auto view = json::parse(text);
  CHECK(view["id"] == "0000000000ab");
  CHECK(view["secrets"][0]["expires_at"] == "2026-03-01T12:00:00Z");
  CHECK(view["secrets"][0]["state"] == "in_use");
  CHECK(view["imap"]["tls"] == "implicit");
  CHECK(view["trouble"].is_null());
  CHECK_FALSE(view["proxy"].contains("password"));
}

TEST_CASE("a mailbox is written with its trouble") {
  auto text = write_answer(testing::sample_mailbox());
  CHECK_FALSE(holds(text, testing::canary));
  auto view = json::parse(text);
  CHECK(view["state"] == "parked");
  CHECK(view["from"] == "2026-03-01");
  CHECK(view["move_target"] == "Done");
  CHECK(view["trouble"]["who"] == "mailbox_owner");
  CHECK(view["trouble"]["retry_at"].is_null());
  CHECK(view["last_arrival"].is_null());
}

TEST_CASE("a message is written with its kind, its thread and the mail it is about") {
  auto view = testing::sample_message();
  auto full = written(view);
  CHECK(full["kind"] == "auto_reply");
  CHECK(full["message_id"] == "<r@y.test>");
  CHECK(full["thread"] == json{"<a@x.test>", "<m@x.test>"});
  CHECK(full["about"] == to_string(*view.record.about));
  auto plain = written(message_view{});
  CHECK(plain["kind"] == "ordinary");
  CHECK(plain["message_id"] == "");
  CHECK(plain["thread"] == json::array());
  CHECK(plain["about"].is_null());
}

TEST_CASE("what a browser alone may see is not written") {
  CHECK(write_answer(sign_in_opened{"https://idp", secret{std::string{testing::canary}}}) == "{}");
}

TEST_CASE("an event carries its detail as an object") {
  event_list list{{testing::sample_event(5), testing::sample_event(6)}, true};
  list.events[1].what.detail = "not json";
  auto view = written(list);
  CHECK(view["events"][0]["detail"]["size"] == 10);
  CHECK(view["events"][0]["message"] == "0000000000cd-1-7-42");
  CHECK(view["events"][1]["detail"] == json::object());
  CHECK(view["more"] == true);
}

TEST_CASE("status names the states and the budget") {
  status_report report;
  report.mailboxes = {{mailbox_state::watching, 9}};
  report.budget_limit = 64;
  auto view = written(report);
  CHECK(view["mailboxes"]["watching"] == 9);
  CHECK(view["budget"]["limit"] == 64);
}

TEST_CASE("the server of a certificate is read, and what it showed is written") {
  auto command = *read_show_certificate(R"({"host":"mail.example.net","port":993})");
  CHECK(command.server.host == "mail.example.net");
  CHECK(command.server.port == 993);
  CHECK(read_show_certificate(R"({"hots":"mail.example.net"})").error().code
        == errc::invalid_argument);
  auto view = written(offered_certificate{"ab", "CN=a", "CN=b", {}, "it is self-signed"});
  CHECK(view["sha256"] == "ab");
  CHECK(view["trusted"] == false);
  CHECK(written(offered_certificate{"ab", "CN=a", "CN=b", {}, ""})["trusted"] == true);
}

TEST_CASE("a password is read, and its text is in no fault") {
  CHECK(read_password(R"({"password":"canary"})")->reveal() == "canary");
  auto refused = read_password(R"({"password":"canary","more":1})").error();
  CHECK(refused.code == errc::invalid_argument);
  CHECK(refused.detail.find("canary") == std::string::npos);
}

TEST_CASE("a client secret is one line, a key in PEM has several") {
  auto added = read_client_secret(R"({"value":"s","expires_at":"2028-03-01"})");
  REQUIRE(added);
  CHECK(added->value.reveal() == "s");
  CHECK(added->expires_at);
  auto key = read_client_secret(
      R"({"value":"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n","key_id":"k"})");
  REQUIRE(key);
  CHECK(key->key_id == "k");
  CHECK_FALSE(read_client_secret(R"({"value":"one\ntwo"})"));
  CHECK_FALSE(read_client_secret(R"({"value":""})"));
  CHECK_FALSE(read_client_secret(R"({"value":"s","number":1})"));
}

TEST_CASE("bytes that are not UTF-8 do not break an answer") {
  auto view = testing::sample_mailbox();
  view.trouble->evidence = "bad \xff byte";
  CHECK(written(view)["trouble"]["evidence"] == "bad \xef\xbf\xbd byte");
}

TEST_CASE("a failure has its code and status") {
  CHECK(json::parse(write_failure({errc::in_use, "it has mailboxes"}))
        == json{{"error", {{"code", "in_use"}, {"detail", "it has mailboxes"}}}});
  CHECK(http_status(errc::invalid_argument) == 400);
  CHECK(http_status(errc::not_found) == 404);
  CHECK(http_status(errc::precondition_failed) == 409);
  CHECK(http_status(errc::overloaded) == 429);
  CHECK(http_status(errc::shutting_down) == 503);
  CHECK(http_status(errc::timed_out) == 504);
  CHECK(http_status(errc::dns_failed) == 502);
  CHECK(http_status(errc::tls_untrusted) == 502);
  CHECK(http_status(errc::storage_failed) == 500);
}

TEST_CASE("times are read with their offset") {
  for (auto text : {"2026-03-01T12:00:00+00:00", "2026-03-01T14:30:00+02:30",
                    "2026-03-01T00:00:00-12:00", "2026-02-28T23:00:00-13:00"}) {
    CAPTURE(text);
    CHECK(to_iso8601(parse_iso8601(text).value()) == "2026-03-01T12:00:00Z");
  }
}

TEST_CASE("times are read as they are written") {
  for (auto text : {"1970-01-01T00:00:00Z", "2026-02-28T23:59:59Z", "2028-02-29T00:00:01Z"})
    CHECK(to_iso8601(parse_iso8601(text).value()) == text);
  for (auto text : {"", "2026", "2026-02-29", "2026-13-01", "2026-01-01T24:00:00Z", "2026-1-1",
                    "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01 00:00:00Z",
                    "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+0100",
                    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso8601(text));
  }
}

TEST_CASE("a prompt is one of four words, or absent") {
  CHECK_FALSE(*read_prompt(""));
  CHECK_FALSE(*read_prompt("{}"));
  CHECK(*read_prompt(R"({"prompt":"none"})") == sign_in_prompt::none);
  CHECK(*read_prompt(R"({"prompt":"consent"})") == sign_in_prompt::consent);
  for (const auto* wrong : {R"({"prompt":""})", R"({"prompt":"create"})",
                            R"({"prompt":"login consent"})", R"({"prompt":true})"}) {
    auto refused = read_prompt(wrong);
    REQUIRE_FALSE(refused);
    CHECK(holds(refused.error().detail, "prompt "));
  }
  CHECK_FALSE(read_prompt(R"({"promt":"none"})"));
}

TEST_CASE("a provider says whether its directory is asked, and what came of it") {
  CHECK(read_add_provider(R"({"name":"x"})")->wanted.reads_expiry);
  CHECK_FALSE(read_add_provider(R"({"reads_expiry":false})")->wanted.reads_expiry);
  CHECK(holds(read_add_provider(R"({"reads_expiry":1})").error().detail, "reads_expiry"));
  auto shown = testing::sample_provider();
  auto view = json::parse(write_answer(shown));
  CHECK(view["reads_expiry"] == true);
  CHECK(view["last_expiry_look"].is_null());
  CHECK(view["secrets"][0]["listed_expires_at"].is_null());
  shown.last_expiry_look = expiry_look{wall_time{}, testing::sample_trouble()};
  shown.secrets[0].listed_expires_at = wall_time{};
  shown.secrets[0].expiries_differ = true;
  view = json::parse(write_answer(shown));
  CHECK(view["last_expiry_look"]["trouble"]["code"] == "token.invalid_grant");
  CHECK(view["secrets"][0]["listed_expires_at"] == "1970-01-01T00:00:00Z");
  CHECK(view["secrets"][0]["expiries_differ"] == true);
  CHECK(view["secrets"][0]["refused_at"].is_null());
  shown.secrets[0].refused_at = wall_time{};
  CHECK(json::parse(write_answer(shown))["secrets"][0]["refused_at"] == "1970-01-01T00:00:00Z");
}
