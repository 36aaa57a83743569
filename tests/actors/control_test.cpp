#include "actors/fleet.hpp"
#include "tests/support/fleet_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;

namespace {

/// Control is tested through the fleet's root, with all that stands behind it.
struct fixture : actor_fixture {
  scripted_world world;
  std::vector<failure> fatal;
  fleet_actor root;

  fixture() {
    fleet_settings settings;
    settings.sign_in_origin = "http://localhost:8025";
    root = spawn(fleet, world.ports(), settings, std::string{"1.2.3"},
                 [this](failure what) { fatal.push_back(std::move(what)); });
    settle();
  }

  /// Stops the fleet in good order, so that no member outlives the test.
  ~fixture() {
    caf::anon_send(root, stop_fleet{});
    settle();
  }

  template <class Answer>
  Answer good(control_command command) {
    auto response = ask(root, control_request{"uid 0", std::move(command)});
    return std::get<Answer>(answer<control_answer>(response));
  }
  failure bad(control_command command) {
    auto response = ask(root, control_request{"uid 0", std::move(command)});
    return refusal<control_answer>(response);
  }

  add_provider wanted_provider() {
    auto who = a_provider();
    who.id = {};
    return {who};
  }
  static submit_mail a_mail() {
    outgoing_mail mail;
    mail.from.address = "ann@example.com";
    mail.to.push_back({{}, "bob@example.org"});
    mail.text = "hello";
    return {{"ann@example.com"}, {}, std::move(mail)};
  }
  add_mailbox wanted_mailbox() {
    auto who = a_mailbox();
    who.id = {};
    who.provider.reset();
    return {who, {"office"}, {}, {}};
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a server's certificate is shown as the network saw it", "[control]") {
  endpoint server;
  server.host = "mail.example.net";
  auto response = ask(root, control_request{"uid 0", show_certificate{server}});
  REQUIRE(world.certificates->waiting.size() == 1);
  auto& look = world.certificates->waiting.front();
  CHECK(look.server.host == "mail.example.net");
  CHECK(look.server.port == 993);
  look.done(offered_certificate{"ab", "CN=mail", "CN=mail", {}, "it is self-signed"});
  settle();
  auto seen = std::get<offered_certificate>(answer<control_answer>(response));
  CHECK(seen.sha256 == "ab");
  CHECK(seen.trouble == "it is self-signed");
}

TEST_CASE_METHOD(fixture, "a password is replaced, and used at once", "[control]") {
  auto who = a_custom_mailbox();
  who.id = {};
  auto added = good<mailbox_view>(add_mailbox{who, {}, secret{"old"}, {}});
  pass(1s);
  REQUIRE(world.sessions->last().settings.credential.reveal() == "old");
  good<done>(replace_password{{"ann@example.com"}, secret{"canary-new"}});
  pass(1s);
  CHECK(world.sessions->last().settings.credential.reveal() == "canary-new");
  CHECK(world.log->get<grant_record>(grant_key(added.record.id))->header.version == 2);
  CHECK(bad(replace_password{{"ann@example.com"}, {}}).code == errc::invalid_argument);
  CHECK(bad(replace_password{{"eve@example.com"}, secret{"x"}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a mailbox without a password is given none", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  CHECK(bad(replace_password{{"ann@example.com"}, secret{"x"}}).code == errc::invalid_argument);
}

TEST_CASE_METHOD(fixture, "a certificate that cannot be looked at is a clear refusal",
                 "[control]") {
  CHECK(bad(show_certificate{}).code == errc::invalid_argument);
  CHECK(world.certificates->waiting.empty());
  endpoint server;
  server.host = "mail.example.net";
  auto response = ask(root, control_request{"uid 0", show_certificate{server}});
  world.certificates->waiting.front().done(failure{errc::connect_failed, "nobody listens"});
  settle();
  CHECK(refusal<control_answer>(response).code == errc::connect_failed);
}

TEST_CASE_METHOD(fixture, "a provider is added, shown, listed and removed", "[control]") {
  auto added = good<provider_view>(wanted_provider());
  CHECK(added.record.id);
  CHECK(good<provider_list>(list_providers{}).providers.size() == 1);
  CHECK(good<provider_view>(show_provider{{"office"}}).record.id == added.record.id);
  CHECK(good<provider_view>(show_provider{{to_string(added.record.id)}}).record.name == "office");
  good<done>(remove_provider{{"office"}});
  CHECK(bad(show_provider{{"office"}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "lists come in the order of names and addresses", "[control]") {
  for (const auto* name : {"office", "Beta", "alpha"}) {
    auto command = wanted_provider();
    command.wanted.name = name;
    good<provider_view>(command);
  }
  auto names = [](const std::vector<provider_view>& providers) {
    std::vector<std::string> found;
    for (const auto& view : providers)
      found.push_back(view.record.name);
    return found;
  };
  std::vector<std::string> in_order{"alpha", "Beta", "office"};
  CHECK(names(good<provider_list>(list_providers{}).providers) == in_order);
  CHECK(names(good<status_report>(report_status{}).providers) == in_order);
  for (const auto* address : {"eve@example.com", "Bob@example.com", "ann@example.com"}) {
    auto command = wanted_mailbox();
    command.wanted.address = address;
    good<mailbox_view>(command);
  }
  std::vector<std::string> addresses;
  for (const auto& view : good<mailbox_list>(list_mailboxes{}).mailboxes)
    addresses.push_back(view.record.address);
  CHECK(addresses
        == std::vector<std::string>{"ann@example.com", "Bob@example.com", "eve@example.com"});
}

TEST_CASE_METHOD(fixture, "a CA file that cannot be read is refused by its field", "[control]") {
  world.probes->answer = [](const server_probe& what) {
    probe_report seen;
    CHECK(what.only_ca_file);
    if (what.server.ca_file != "/good.pem")
      seen.trouble = failure{errc::invalid_argument, "ca_file \"" + what.server.ca_file
                                                         + "\" cannot be read: x; name another"};
    return seen;
  };
  auto provider = wanted_provider();
  provider.wanted.ca_file = provider.wanted.smtp.ca_file = "/good.pem";
  provider.wanted.smtp.host = "smtp.example.com";
  provider.wanted.imap.ca_file = "/gone.pem";
  auto what = bad(provider);
  CHECK(what.code == errc::invalid_argument);
  CHECK(what.detail == "imap.ca_file \"/gone.pem\" cannot be read: x; name another");
  CHECK(world.log->count(family::providers) == 0);
  provider.wanted.imap.ca_file = "/good.pem";
  good<provider_view>(provider);
  auto mailbox = wanted_mailbox();
  mailbox.wanted.pop3.host = "pop3.example.com";
  mailbox.wanted.pop3.ca_file = "/gone.pem";
  CHECK(bad(mailbox).detail.starts_with("pop3.ca_file \"/gone.pem\" cannot be read"));
  CHECK(world.log->count(family::mailboxes) == 0);
  mailbox.wanted.pop3.ca_file = "/good.pem";
  good<mailbox_view>(mailbox);
}

TEST_CASE_METHOD(fixture, "a bad field is refused by name and changes nothing", "[control]") {
  auto command = wanted_provider();
  command.wanted.redirect_uri = "http://fleet.example.com/callback";
  auto what = bad(command);
  CHECK(what.code == errc::invalid_argument);
  CHECK(what.detail.find("redirect_uri") != std::string::npos);
  CHECK(world.log->count(family::providers) == 0);
}

TEST_CASE_METHOD(fixture, "what exists cannot be added, what does not cannot be removed",
                 "[control]") {
  good<provider_view>(wanted_provider());
  CHECK(bad(wanted_provider()).code == errc::already_exists);
  CHECK(bad(remove_provider{{"other"}}).code == errc::not_found);
  CHECK(bad(remove_mailbox{{"nobody@example.com"}}).code == errc::not_found);
  CHECK(bad(pause_mailbox{{"nobody@example.com"}}).code == errc::not_found);
  CHECK(bad(begin_sign_in{{"nobody@example.com"}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a provider in use is not removed", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  auto what = bad(remove_provider{{"office"}});
  CHECK(what.code == errc::in_use);
  CHECK(what.detail.find("ann@example.com") != std::string::npos);
  good<done>(remove_mailbox{{"ann@example.com"}});
  good<done>(remove_provider{{"office"}});
}

TEST_CASE_METHOD(fixture, "a mailbox without an SMTP server takes no mail until it has one",
                 "[control]") {
  auto who = a_custom_mailbox();
  who.id = {};
  good<mailbox_view>(add_mailbox{who, {}, secret{"old"}, {}});
  auto refused = bad(a_mail());
  CHECK(refused.code == errc::precondition_failed);
  CHECK(refused.detail.find("mailfleet mailbox servers ann@example.com --smtp HOST")
        != std::string::npos);
  CHECK(world.log->count(family::outbox) == 0);
  server_change wanted;
  wanted.smtp.emplace().host = "smtp.example.com";
  wanted.smtp->port = 465;
  auto changed = good<mailbox_view>(set_servers{{"ann@example.com"}, wanted});
  CHECK(changed.record.smtp == wanted.smtp);
  CHECK(changed.record.imap == who.imap);
  auto later = a_mail();
  later.wishes.due = world.clock->time + std::chrono::hours{1};
  good<outbox_view>(later);
}

TEST_CASE_METHOD(fixture, "a mailbox connects anew where its server is another", "[control]") {
  auto who = a_custom_mailbox();
  who.id = {};
  who.imap.proxy.url = "http://proxy.example.com:3128";
  who.imap.proxy.password = secret{"canary-proxy"};
  who.imap.proxy.user = "ann";
  auto id = good<mailbox_view>(add_mailbox{who, {}, secret{"old"}, {}}).record.id;
  pass(1s);
  server_change wanted;
  wanted.imap = who.imap;
  wanted.imap->port = 1'993;
  wanted.imap->proxy = {};
  good<mailbox_view>(set_servers{{"ann@example.com"}, wanted});
  pass(1s);
  CHECK(world.sessions->last().settings.server.port == 1'993);
  // Nobody could give its password again.
  auto kept = world.log->get<mailbox_record>({.in = family::mailboxes, .owner = id.value});
  CHECK(kept->imap.proxy == who.imap.proxy);
  // Another server gives its messages other numbers, or the same to others.
  wanted.imap->host = "imap2.example.com";
  CHECK(bad(set_servers{{"ann@example.com"}, wanted}).detail.find("imap.host is another") == 0);
  wanted.imap->host = who.imap.host;
  wanted.imap->pin_sha256 = "short";
  CHECK(bad(set_servers{{"ann@example.com"}, wanted}).detail.find("imap.pin_sha256") == 0);
  wanted.imap = endpoint{};
  CHECK(bad(set_servers{{"ann@example.com"}, wanted}).detail.find("imap.host") == 0);
  CHECK(bad(set_servers{{"eve@example.com"}, wanted}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a mailbox with mail that is not sent is kept, unless that may go",
                 "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  auto mail = good<outbox_view>(a_mail()).record;
  auto refused = bad(remove_mailbox{{"ann@example.com"}});
  CHECK(refused.code == errc::in_use);
  CHECK(refused.detail.find("1 mail of the mailbox is not sent yet") == 0);
  CHECK(good<mailbox_list>(list_mailboxes{}).mailboxes.size() == 1);
  good<done>(remove_mailbox{{"ann@example.com"}, true});
  CHECK(bad(show_outbox{mail.key}).code == errc::not_found);
  CHECK(good<mailbox_list>(list_mailboxes{}).mailboxes.empty());
}

TEST_CASE_METHOD(fixture, "why a mailbox sends nothing is told where mailboxes are shown",
                 "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  CHECK_FALSE(good<mailbox_view>(show_mailbox{{"ann@example.com"}}).sending_trouble);
  // Nobody signed in.
  good<outbox_view>(a_mail());
  settle();
  auto shown = good<mailbox_view>(show_mailbox{{"ann@example.com"}});
  REQUIRE(shown.sending_trouble);
  CHECK(shown.service == "microsoft");
  auto listed = good<mailbox_list>(list_mailboxes{}).mailboxes.at(0);
  CHECK(listed.sending_trouble == shown.sending_trouble);
}

TEST_CASE_METHOD(fixture, "a mailbox needs a provider that exists", "[control]") {
  CHECK(bad(wanted_mailbox()).code == errc::not_found);
  CHECK(world.log->count(family::mailboxes) == 0);
}

TEST_CASE_METHOD(fixture, "mailboxes are listed by state", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  settle();
  CHECK(good<mailbox_list>(list_mailboxes{mailbox_state::needs_sign_in}).mailboxes.size() == 1);
  CHECK(good<mailbox_list>(list_mailboxes{mailbox_state::watching}).mailboxes.empty());
}

TEST_CASE_METHOD(fixture, "a sign-in begins at our own origin", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  auto begun = good<sign_in_started>(begin_sign_in{{"ann@example.com"}});
  CHECK(begun.start_url.starts_with("http://localhost:8025/sign-in/"));
  auto opened =
      good<sign_in_opened>(open_sign_in{begun.start_url.substr(begun.start_url.rfind('/') + 1)});
  CHECK(opened.authorize_url.starts_with(
      "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?"));
  CHECK(bad(open_sign_in{"no ticket"}).code == errc::not_found);
  CHECK(bad(complete_sign_in{"code=1&state=none", {}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "messages are listed in pages and their bodies read part by part",
                 "[control]") {
  good<provider_view>(wanted_provider());
  auto who = good<mailbox_view>(wanted_mailbox()).record.id;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    message_record row;
    row.key = {who, inbox_folder, 7, number};
    row.chunks = 2;
    world.log->records.emplace(key_of(row), row);
    for (std::uint32_t part = 0; part < 2; ++part) {
      body_chunk chunk;
      chunk.key = row.key;
      chunk.part = part;
      chunk.bytes = make_body("part " + std::to_string(part));
      world.log->records.emplace(key_of(chunk), chunk);
    }
  }
  auto page = good<message_list>(list_messages{{"ann@example.com"}, std::nullopt, 2});
  REQUIRE(page.messages.size() == 2);
  CHECK(page.more);
  auto last = page.messages.back().record.key;
  auto rest = good<message_list>(list_messages{{"ann@example.com"}, last, 2});
  REQUIRE(rest.messages.size() == 1);
  CHECK_FALSE(rest.more);
  auto first_part = good<body_part>(read_body{last, 0});
  CHECK(first_part.bytes->bytes == "part 0");
  CHECK_FALSE(first_part.last);
  CHECK(good<body_part>(read_body{last, 1}).last);
  CHECK(bad(read_body{last, 2}).code == errc::not_found);
  CHECK(bad(show_message{{who, inbox_folder, 7, 9}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "events are told of one mailbox or of all", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  settle();
  auto all = good<event_list>(list_events{}).events;
  auto about = good<event_list>(list_events{.about = reference{"ann@example.com"}}).events;
  CHECK(about.size() < all.size());
  REQUIRE_FALSE(about.empty());
  CHECK(about.front().what.kind == event_kind::mailbox_added);
  auto cloud = good<event_list>(list_events{.about = reference{"office"}}).events;
  REQUIRE(cloud.size() == 1);
  CHECK(cloud.front().what.kind == event_kind::provider_added);
  CHECK(bad(list_events{.about = reference{"nobody"}}).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "what changes something is in the audit log, with its outcome",
                 "[control]") {
  good<provider_view>(wanted_provider());
  bad(remove_mailbox{{"nobody@example.com"}});
  good<provider_list>(list_providers{});
  settle();
  REQUIRE(world.log->count(family::audit) == 2);
  auto first = world.log->get<audit_record>({.in = family::audit, .owner = 1}).value();
  CHECK(first.command == "provider add");
  CHECK(first.actor == "uid 0");
  CHECK(first.outcome == "ok");
  auto second = world.log->get<audit_record>({.in = family::audit, .owner = 2}).value();
  CHECK(second.outcome.starts_with("not_found"));
  auto page = good<audit_list>(list_audit{.after = 0, .limit = 1});
  REQUIRE(page.records.size() == 1);
  CHECK(page.more);
  CHECK(page.records.front() == first);
  auto rest = good<audit_list>(list_audit{.after = 1});
  REQUIRE(rest.records.size() == 1);
  CHECK_FALSE(rest.more);
  CHECK(rest.records.front() == second);
}

TEST_CASE_METHOD(fixture, "status counts mailboxes by state and tells the version", "[control]") {
  good<provider_view>(wanted_provider());
  good<mailbox_view>(wanted_mailbox());
  settle();
  auto report = good<status_report>(report_status{});
  CHECK(report.version == "1.2.3");
  REQUIRE(report.mailboxes.size() == 1);
  CHECK(report.mailboxes.front().first == mailbox_state::needs_sign_in);
  REQUIRE(report.providers.size() == 1);
  CHECK(report.providers.front().mailboxes == 1);
  CHECK(good<provider_list>(list_providers{}).providers.front().mailboxes == 1);
  CHECK(good<provider_view>(show_provider{{"office"}}).mailboxes == 1);
  CHECK(report.last_event > 0);
}
