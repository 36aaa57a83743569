#include "jobs/limits.hpp"
#include "jobs/server_examination.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using std::chrono::days;

namespace {

const wall_time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};
const diagnosis_subject about{"ann@example.com", "office"};

server_look looked(server_kind kind, probe_stage reached, std::optional<failure> trouble = {}) {
  server_look look;
  look.what.kind = kind;
  look.what.server.host = "mail.example";
  look.what.user = "ann@example.com";
  look.seen.emplace();
  look.seen->reached = reached;
  look.seen->trouble = std::move(trouble);
  if (reached >= probe_stage::tls)
    look.seen->certificate = offered_certificate{"ab", "CN=mail", "CN=CA", now + days{90}, ""};
  return look;
}

server_look refused(server_kind kind, std::string reply, bool challenged = false) {
  auto look = looked(kind, probe_stage::greeting, failure{errc::authentication_failed, "no"});
  look.seen->reply = std::move(reply);
  look.seen->challenged = challenged;
  return look;
}

/// `green DNS, red TLS tls.expired`
std::string outline(const server_look& look) {
  std::string text;
  for (const auto& found : findings_of(look, about, now)) {
    text.append(text.empty() ? "" : ", ").append(to_string(found.how)).append(" ");
    text.append(found.check);
    if (found.what.starts_with("skipped"))
      text.append(" skipped");
    if (!found.code.empty())
      text.append(" ").append(found.code);
  }
  return text;
}

mailbox_record ann() {
  mailbox_record who;
  who.address = "ann@example.com";
  return who;
}

provider_record office() {
  provider_record who;
  who.name = "office";
  who.service = "microsoft";
  who.tenant_id = "organizations";
  who.ca_file = "/ca.pem";
  who.proxy.url = "http://proxy.example:3128";
  return who;
}

} // namespace

TEST_CASE("a provider's servers are looked at, without a log-in", "[server_examination]") {
  auto looks = servers_of(office());
  REQUIRE(looks.size() == 4);
  CHECK(looks[0].what.server.host == "login.microsoftonline.com");
  CHECK(looks[0].what.server.port == 443);
  CHECK(looks[0].what.server.ca_file == "/ca.pem");
  CHECK(looks[0].what.server.proxy.url == "http://proxy.example:3128");
  CHECK(looks[1].what.server.host == "outlook.office365.com");
  CHECK(looks[2].what.server.port == 995);
  CHECK(looks[3].what.server.host == "smtp.office365.com");
  for (const auto& look : looks)
    CHECK(look.what.credential.empty());
}

TEST_CASE("a mailbox's POP3 and SMTP servers are logged in to", "[server_examination]") {
  auto provider = office();
  auto means = [] { return log_in_means{secret{"t"}, "", std::nullopt}; };
  auto looks = servers_of(ann(), &provider, means());
  REQUIRE(looks.size() == 3);
  CHECK(looks[0].what.credential.empty());
  for (std::size_t at : {1U, 2U}) {
    CHECK(looks[at].what.user == "ann@example.com");
    CHECK(looks[at].what.credential.reveal() == "t");
    CHECK(looks[at].no_log_in.empty());
  }
  auto lacking = means();
  lacking.scope = "openid https://outlook.office.com/IMAP.AccessAsUser.All "
                  "https://outlook.office.com/SMTP.Send";
  looks = servers_of(ann(), &provider, std::move(lacking));
  CHECK(looks[1].what.credential.empty());
  CHECK(looks[1].no_log_in
        == "its scope was not granted (https://outlook.office.com/POP.AccessAsUser.All)");
  CHECK(looks[2].no_log_in.empty());
  CHECK(looks[2].scope_cure.empty());
  log_in_means none{{}, "", failure{errc::sign_in_required, "sign in"}};
  looks = servers_of(ann(), &provider, std::move(none));
  CHECK(looks[2].no_log_in == "there is no credential: sign in");
}

TEST_CASE("a scope that lacks comes with the command that gets it", "[server_examination]") {
  const std::string scope = "https://outlook.office.com/IMAP.AccessAsUser.All";
  auto provider = office();
  auto cure = [&] {
    auto looks = servers_of(ann(), &provider, log_in_means{secret{"t"}, scope, std::nullopt});
    CHECK(lack_scopes(looks));
    looks[1].seen.emplace();
    looks[1].seen->reached = probe_stage::greeting;
    return findings_of(looks[1], about, now).back().cure;
  };
  CHECK(cure().find("`mailfleet provider add NAME --scope offline_access --scope openid --scope "
                    "email --scope profile --scope "
                    + scope + " --scope https://outlook.office.com/POP.AccessAsUser.All`")
        != std::string::npos);
  provider.scopes = {scope, "https://outlook.office.com/POP.AccessAsUser.All"};
  CHECK(cure()
        == "if it is wanted: allow the app POP.AccessAsUser.All, then `mailfleet mailbox sign-in "
           "ann@example.com`");
  CHECK_FALSE(lack_scopes({looked(server_kind::pop3, probe_stage::authenticated)}));
}

TEST_CASE("a server that is not configured is skipped with a word", "[server_examination]") {
  server_look look;
  look.what.kind = server_kind::pop3;
  CHECK(outline(look) == "green POP3 skipped");
}

TEST_CASE("a look is told step by step, up to the one that failed", "[server_examination]") {
  using enum probe_stage;
  auto pop3 = [](probe_stage reached, errc code, const char* words) {
    return outline(looked(server_kind::pop3, reached, failure{code, words}));
  };
  CHECK(pop3(nothing, errc::dns_failed, "x") == "red POP3 DNS network.dns_failed");
  CHECK(pop3(nothing, errc::timed_out, "passed the deadline in the name look-up")
        == "red POP3 DNS network.dns_timed_out");
  CHECK(pop3(resolved, errc::proxy_failed, "response 407")
        == "green POP3 DNS, red POP3 proxy proxy.credential_refused");
  CHECK(pop3(resolved, errc::connect_failed, "x")
        == "green POP3 DNS, green POP3 proxy skipped, red POP3 connection network.connect_failed");
  CHECK(pop3(connected, errc::tls_untrusted, "it expired on 2026-01-01")
        == "green POP3 DNS, green POP3 proxy skipped, red POP3 TLS tls.expired");
  CHECK(pop3(connected, errc::timed_out, "passed the deadline in the TLS handshake")
        == "green POP3 DNS, green POP3 proxy skipped, red POP3 TLS tls.timed_out");
  CHECK(pop3(tls, errc::server_busy, "x")
            .ends_with("green POP3 TLS, yellow POP3 greeting "
                       "imap.server_busy"));
  CHECK(outline(looked(server_kind::pop3, authenticated))
        == "green POP3 DNS, green POP3 proxy skipped, green POP3 TLS, green POP3 log-in");
  CHECK(outline(looked(server_kind::imap, greeting))
        == "green IMAP DNS, green IMAP proxy skipped, green IMAP TLS");
}

TEST_CASE("a CA file that cannot be used is told by its name, and nothing else of the server",
          "[server_examination]") {
  auto look = looked(server_kind::imap, probe_stage::nothing,
                     failure{errc::invalid_argument,
                             "ca_file \"/own; ca.pem\" cannot be read: Permission denied; name a "
                             "bundle that the user of mailfleetd may read, or let that user read "
                             "it"});
  CHECK(outline(look) == "red IMAP CA file tls.ca_file_unusable");
  auto found = findings_of(look, about, now).front();
  CHECK(found.what == "\"/own; ca.pem\" cannot be read: Permission denied");
  CHECK(found.cure.find("let the user of mailfleetd read it") != std::string::npos);
  CHECK(found.cure.find("`mailfleet mailbox fetch ann@example.com`") != std::string::npos);
}

TEST_CASE("a proxy is named, and looks the name up", "[server_examination]") {
  auto look = looked(server_kind::imap, probe_stage::greeting);
  look.seen->proxy = "http://proxy.example:3128";
  CHECK(outline(look) == "green IMAP DNS skipped, green IMAP proxy, green IMAP TLS");
  CHECK(findings_of(look, about, now)[1].what == "http://proxy.example:3128 leads there");
}

TEST_CASE("a certificate that ends soon is yellow", "[server_examination]") {
  auto look = looked(server_kind::identity, probe_stage::tls);
  look.seen->certificate->not_after =
      now + days{certificate_warning_days} + std::chrono::seconds{1};
  CHECK(findings_of(look, about, now).back().how == verdict::green);
  look.seen->certificate->not_after = now + days{certificate_warning_days};
  auto found = findings_of(look, about, now).back();
  CHECK(found.how == verdict::yellow);
  CHECK(found.what == "the certificate of CN=mail, by CN=CA, is good until 2026-12-08");
}

TEST_CASE("SMTP AUTH that is switched off is a check of its own, told once",
          "[server_examination]") {
  auto off = refused(server_kind::smtp, "535 5.7.139 Authentication unsuccessful, "
                                        "SmtpClientAuthentication is disabled for the Tenant.");
  CHECK(outline(off).ends_with("green SMTP TLS, red SMTP AUTH smtp.auth_disabled"));
  CHECK(findings_of(off, about, now).back().cure.find("Set-CASMailbox -Identity ann@example.com")
        != std::string::npos);
  CHECK(outline(looked(server_kind::smtp, probe_stage::authenticated))
            .ends_with("green SMTP log-in, green SMTP AUTH"));
  CHECK(outline(refused(server_kind::smtp, "535 5.7.8 no", true))
            .ends_with("red SMTP log-in smtp.authentication_failed, green SMTP AUTH skipped"));
}

TEST_CASE("a refusal leads to its row", "[server_examination]") {
  CHECK(outline(refused(server_kind::smtp, "535 5.7.139 x, user is locked by your organization's "
                                           "security defaults policy"))
            .find("smtp.blocked_by_policy")
        != std::string::npos);
  CHECK(outline(refused(server_kind::pop3, "-ERR Protocol error. Connection is closed. 10"))
            .ends_with("red POP3 log-in pop3.protocol_error"));
  auto password = refused(server_kind::pop3, "-ERR no");
  password.what.auth = mailbox_auth::password;
  CHECK(outline(password).ends_with("red POP3 log-in pop3.password_refused"));
  auto busy = refused(server_kind::smtp, "454 4.7.0 later");
  busy.seen->trouble->code = errc::server_busy;
  CHECK(outline(busy).find("yellow SMTP log-in smtp.log_in_unavailable") != std::string::npos);
  CHECK(outline(looked(server_kind::pop3, probe_stage::greeting,
                       failure{errc::connection_lost, "it ended"}))
            .ends_with("red POP3 log-in network.connection_lost"));
}

TEST_CASE("the cure names the options of the server that was looked at", "[server_examination]") {
  auto cure = [](server_kind kind, const char* words) {
    return findings_of(looked(kind, probe_stage::connected, failure{errc::tls_untrusted, words}),
                       about, now)
        .back()
        .cure;
  };
  CHECK(cure(server_kind::pop3, "its CA is unknown").find("--pop3-ca-file") != std::string::npos);
  CHECK(cure(server_kind::smtp, "it is self-signed").find("--smtp-pin-sha256")
        != std::string::npos);
  CHECK(cure(server_kind::imap, "its CA is unknown").find("--imap-ca-file") != std::string::npos);
  CHECK(cure(server_kind::identity, "its CA is unknown").find(" --ca-file") != std::string::npos);
}

TEST_CASE("what servers said of the token is told apart from silence", "[server_examination]") {
  std::vector<server_look> looks{
      looked(server_kind::pop3, probe_stage::authenticated),
      refused(server_kind::smtp, "535 5.7.8 no", true),
  };
  CHECK(taken_by(server_kind::pop3, looks) == answer::yes);
  CHECK(taken_by(server_kind::smtp, looks) == answer::no);
  CHECK(taken_by(server_kind::imap, looks) == answer::unknown);
  looks[1] = looked(server_kind::smtp, probe_stage::resolved, failure{errc::connect_failed, "x"});
  CHECK(taken_by(server_kind::smtp, looks) == answer::unknown);
}

TEST_CASE("a refusal that says nothing of the token is no answer about it",
          "[server_examination]") {
  auto smtp = [](const char* reply, bool challenged = false) {
    return taken_by(server_kind::smtp, {refused(server_kind::smtp, reply, challenged)});
  };
  auto pop3 = [](const char* reply) {
    return taken_by(server_kind::pop3, {refused(server_kind::pop3, reply)});
  };
  CHECK(smtp("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
             "the Tenant.")
        == answer::unknown);
  CHECK(smtp("535 5.7.139 x, user is locked by your organization's security defaults policy")
        == answer::unknown);
  CHECK(smtp("535 5.7.3 Authentication unsuccessful") == answer::unknown);
  CHECK(smtp("504 5.5.4 Unrecognized authentication type") == answer::unknown);
  CHECK(smtp("550 5.7.1 no") == answer::unknown);
  CHECK(smtp("550 5.7.1 no", true) == answer::no);
  CHECK(pop3("-ERR Authentication failure: unknown user name or bad password.") == answer::no);
  CHECK(pop3("-ERR Protocol error. Connection is closed. 10") == answer::unknown);
  CHECK(pop3("-ERR [SYS/PERM] x") == answer::unknown);
  CHECK(pop3("-ERR Your account is not enabled for POP access") == answer::unknown);
}

TEST_CASE("SMTP AUTH that is off does not hide that IMAP is off", "[server_examination]") {
  std::vector<server_look> looks{refused(
      server_kind::smtp, "535 5.7.139 x, SmtpClientAuthentication is disabled for the Tenant.")};
  not_connected_facts facts{signer::own, taken_by(server_kind::pop3, looks),
                            taken_by(server_kind::smtp, looks), answer::yes};
  CHECK(narrowed(facts, about).code == "imap.disabled");
}

TEST_CASE("a mailbox that does not open is told with its likely cause", "[server_examination]") {
  auto found = narrowed({signer::other, answer::unknown, answer::unknown, answer::yes}, about);
  CHECK(found.how == verdict::red);
  CHECK(found.code == "imap.other_account");
  CHECK(found.what.find("likely: Another account") != std::string::npos);
  CHECK(found.what.find("another mailbox of the provider is connected") != std::string::npos);
  CHECK(found.cure.find("mailfleet mailbox sign-in ann@example.com") != std::string::npos);
}

TEST_CASE("a cause that stays open is told without the advice to ask the doctor again",
          "[server_examination]") {
  auto found =
      narrowed({signer::unknown, answer::unknown, answer::unknown, answer::unknown}, about);
  CHECK(found.code == "imap.not_connected");
  CHECK(found.what.find("likely") == std::string::npos);
  CHECK(found.what.ends_with("What else is known leaves the cause open."));
  CHECK(found.cure.starts_with("check that the account that signed in is ann@example.com"));
}
