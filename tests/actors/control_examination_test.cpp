// The doctor, through the fleet's root with all that stands behind it; looks at servers end
// as the test says.
#include "actors/fleet.hpp"
#include "actors/limits.hpp"
#include "tests/support/fleet_fixture.hpp"

#include <algorithm>

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

/// What a server says that takes the credential, as far as one was given.
probe_report well(const server_probe& what) {
  probe_report seen;
  seen.reached = what.credential.empty() ? probe_stage::greeting : probe_stage::authenticated;
  return seen;
}

struct fixture : actor_fixture {
  scripted_world world;
  fleet_actor root;

  fixture() {
    fleet_settings settings;
    settings.sign_in_origin = "https://fleet.example.com";
    root = spawn(fleet, world.ports(), settings, std::string{"1.2.3"}, [](const failure&) {});
    settle();
    world.probes->answer = well;
  }
  ~fixture() {
    // A provider stops only when it knows what became of its tokens.
    while (!world.http->waiting.empty()) {
      world.http->fail({errc::shutting_down, "the test ends"});
      settle();
    }
    caf::anon_send(root, stop_fleet{});
    settle();
  }

  template <class Answer>
  Answer good(control_command command) {
    auto response = ask(root, control_request{"uid 0", std::move(command)});
    return std::get<Answer>(answer<control_answer>(response));
  }

  void add_office() {
    auto who = a_provider();
    who.id = {};
    good<provider_view>(add_provider{who});
  }

  /// A mailbox of that provider with a refresh token, which still has no session.
  void add_ann(const std::string& address = "ann@example.com") {
    auto who = a_mailbox({}, address);
    who.provider.reset();
    good<mailbox_view>(add_mailbox{who, {"office"}, {}, secret{"canary-refresh-0"}});
    settle();
  }

  void answer_token(const std::string& token) {
    REQUIRE_FALSE(world.http->waiting.empty());
    world.http->answer(200, token_json(token, "canary-refresh"));
    settle();
  }

  /// Brings a mailbox to Exchange's answer.
  void refuse_to_connect() {
    for (int round = 0; round < 4; ++round) {
      if (!world.http->waiting.empty())
        answer_token("canary-access-" + std::to_string(round));
      if (world.sessions->opened.empty())
        continue;
      world.sessions->last().report(session_closed{
          {errc::authentication_failed,
           "the server refused SELECT INBOX: User is authenticated but not connected."},
          false,
          std::nullopt});
      settle();
    }
  }

  examination examine_ann() {
    auto response = ask(root, control_request{"uid 0", examine_mailbox{{"ann@example.com"}}});
    settle();
    if (!world.http->waiting.empty())
      answer_token("canary-access-last");
    return std::get<examination>(answer<control_answer>(response));
  }

  const server_probe& asked(server_kind kind) {
    auto found = std::ranges::find(world.probes->asked, kind, &server_probe::kind);
    REQUIRE(found != world.probes->asked.end());
    return *found;
  }
};

const finding& found_in(const examination& seen, const std::string& check) {
  auto found = std::ranges::find(seen.findings, check, &finding::check);
  INFO(check);
  REQUIRE(found != seen.findings.end());
  return *found;
}

} // namespace

TEST_CASE_METHOD(fixture, "a provider's servers are looked at without a credential",
                 "[control_examination]") {
  add_office();
  auto response = ask(root, control_request{"uid 0", examine_provider{{"office"}}});
  settle();
  REQUIRE_FALSE(world.http->waiting.empty());
  world.http->answer(400, R"({"error":"invalid_grant"})");
  settle();
  auto seen = std::get<examination>(answer<control_answer>(response));
  CHECK(seen.subject == "office");
  CHECK(found_in(seen, "client credential").how == verdict::green);
  for (const auto* check : {"identity provider DNS", "IMAP TLS", "POP3 TLS", "SMTP TLS"})
    CHECK(found_in(seen, check).how == verdict::green);
  REQUIRE(world.probes->asked.size() == 4);
  for (const auto& what : world.probes->asked)
    CHECK(what.credential.empty());
  CHECK(asked(server_kind::identity).server.host == "login.microsoftonline.com");
}

TEST_CASE_METHOD(fixture, "a client secret that is refused to the doctor is noted, with an event",
                 "[control_examination]") {
  add_office();
  auto response = ask(root, control_request{"uid 0", examine_provider{{"office"}}});
  settle();
  world.http->answer(401, R"({"error":"invalid_client","error_codes":[7000215]})");
  settle();
  auto seen = std::get<examination>(answer<control_answer>(response));
  CHECK(found_in(seen, "client credential").how == verdict::red);
  CHECK(good<provider_view>(show_provider{{"office"}}).secrets.front().state
        == secret_state::refused);
  auto events = good<event_list>(list_events{}).events;
  CHECK(std::ranges::count(events, event_kind::secret_refused,
                           [](const auto& event) { return event.what.kind; })
        == 1);
}

TEST_CASE_METHOD(fixture, "a mailbox is logged in to POP3 and SMTP with its token",
                 "[control_examination]") {
  add_office();
  add_ann();
  answer_token("canary-access-0");
  world.probes->answer = [](const server_probe& what) {
    auto seen = well(what);
    if (what.kind == server_kind::smtp) {
      seen.reached = probe_stage::greeting;
      seen.trouble = failure{errc::authentication_failed, "no"};
      seen.reply = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled "
                   "for the Tenant.";
    }
    return seen;
  };
  auto seen = examine_ann();
  CHECK(asked(server_kind::pop3).credential.reveal() == "canary-access-0");
  CHECK(asked(server_kind::pop3).user == "ann@example.com");
  CHECK(asked(server_kind::imap).credential.empty());
  CHECK(found_in(seen, "POP3 log-in").how == verdict::green);
  CHECK(found_in(seen, "SMTP AUTH").how == verdict::red);
  CHECK(std::ranges::count(seen.findings, "smtp.auth_disabled", &finding::code) == 1);
  for (const auto& finding : seen.findings)
    CHECK(finding.what.find("canary") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a password logs in to the servers that a custom account names",
                 "[control_examination]") {
  auto who = a_custom_mailbox({});
  who.pop3.host = "pop3.example.com";
  good<mailbox_view>(add_mailbox{who, {}, secret{"canary-password"}, {}});
  auto seen = examine_ann();
  CHECK(asked(server_kind::pop3).credential.reveal() == "canary-password");
  CHECK(asked(server_kind::pop3).server.port == 995);
  CHECK(found_in(seen, "POP3 log-in").how == verdict::green);
  CHECK(found_in(seen, "SMTP").what == "skipped: no such server is configured");
}

TEST_CASE_METHOD(fixture, "without a token the log-ins are skipped, and the rest is looked at",
                 "[control_examination]") {
  add_office();
  auto who = a_mailbox({});
  who.provider.reset();
  good<mailbox_view>(add_mailbox{who, {"office"}, {}, {}});
  settle();
  auto seen = examine_ann();
  CHECK(found_in(seen, "IMAP TLS").how == verdict::green);
  CHECK(found_in(seen, "POP3 log-in").what.starts_with("skipped: there is no credential"));
  CHECK(asked(server_kind::smtp).credential.empty());
}

TEST_CASE_METHOD(fixture, "a mailbox that does not open is told with its likely cause",
                 "[control_examination]") {
  add_office();
  add_ann();
  refuse_to_connect();
  auto shown = good<mailbox_view>(show_mailbox{{"ann@example.com"}});
  REQUIRE(shown.trouble);
  REQUIRE(shown.trouble->code == "imap.not_connected");
  auto seen = examine_ann();
  const auto& imap = found_in(seen, "IMAP");
  CHECK(imap.code == "imap.disabled");
  CHECK(imap.what.find("POP3 takes the token; SMTP takes the token") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "an identity provider that does not answer ends its own check only",
                 "[control_examination]") {
  add_office();
  auto response = ask(root, control_request{"uid 0", examine_provider{{"office"}}});
  settle();
  REQUIRE_FALSE(world.http->waiting.empty());
  CHECK_FALSE(answered());
  pass(examination_budget);
  auto seen = std::get<examination>(answer<control_answer>(response));
  const auto& late = found_in(seen, "client credential");
  CHECK(late.how == verdict::red);
  CHECK(late.what == "the identity provider did not answer in time, 15 s");
  CHECK(found_in(seen, "addresses").how == verdict::green);
  CHECK(found_in(seen, "client secrets").code.empty());
  CHECK(found_in(seen, "SMTP TLS").how == verdict::green);
  world.http->answer(400, R"({"error":"invalid_grant"})");
  settle();
  CHECK_FALSE(answered());
}

TEST_CASE_METHOD(fixture, "addresses that do not come in time are told, and what is known besides",
                 "[control_examination]") {
  auto who = a_provider();
  who.id = {};
  who.service = "generic";
  who.type.clear();
  who.tenant_id.clear();
  who.discovery_url = "https://id.example.com/.well-known/openid-configuration";
  who.imap.host = "imap.example.com";
  good<provider_view>(add_provider{who});
  auto response = ask(root, control_request{"uid 0", examine_provider{{"office"}}});
  settle();
  pass(examination_budget);
  auto seen = std::get<examination>(answer<control_answer>(response));
  CHECK(found_in(seen, "addresses").code == "network.timed_out");
  found_in(seen, "redirect URI");
  CHECK(found_in(seen, "IMAP TLS").how == verdict::green);
}

TEST_CASE_METHOD(fixture, "a mailbox's servers are looked at though its token does not come",
                 "[control_examination]") {
  add_office();
  add_ann();
  auto response = ask(root, control_request{"uid 0", examine_mailbox{{"ann@example.com"}}});
  settle();
  pass(examination_budget);
  auto seen = std::get<examination>(answer<control_answer>(response));
  CHECK(found_in(seen, "token").how == verdict::red);
  CHECK(found_in(seen, "IMAP TLS").how == verdict::green);
  CHECK(found_in(seen, "POP3 log-in").what
        == "skipped: there is no credential: the identity provider did not answer in time");
}
