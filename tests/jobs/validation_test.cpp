#include "jobs/limits.hpp"
#include "jobs/validation.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace mailfleet;
using namespace mailfleet::jobs;
using std::chrono::days;

namespace {

const wall_time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 12h;

provider_record microsoft() {
  provider_record record;
  record.name = "office";
  record.service = "microsoft";
  record.type = "Outlook365";
  record.tenant_id = "contoso.onmicrosoft.com";
  record.client_id = "00000003-0000-0000-c000-000000000000";
  record.secrets = {{1, secret{"[6gyXA5S20@MN+WRXAJ]I-TO7g1:h2P8"}, std::nullopt, now}};
  record.redirect_uri = "https://host/api/cloudProviders/oauth2/microsoft/callback";
  return record;
}

provider_record generic() {
  auto record = microsoft();
  record.service = "generic";
  record.type.clear();
  record.tenant_id.clear();
  record.discovery_url = "https://id.example/.well-known/openid-configuration";
  record.imap.host = "imap.example";
  return record;
}

/// The field that the refusal names; empty: not refused.
std::string refused_field(const result<void>& checked) {
  if (checked)
    return {};
  CHECK(checked.error().code == errc::invalid_argument);
  return checked.error().detail.substr(0, checked.error().detail.find(' '));
}

std::string provider_fault(provider_record record,
                           const std::function<void(provider_record&)>& change) {
  change(record);
  return refused_field(validate(record, now));
}

add_mailbox oauth2_mailbox() {
  add_mailbox wanted;
  wanted.wanted.address = "box@example.com";
  wanted.provider = {"office"};
  return wanted;
}

add_mailbox password_mailbox() {
  add_mailbox wanted;
  wanted.wanted.address = "box@example.com";
  wanted.wanted.auth = mailbox_auth::password;
  wanted.wanted.imap.host = "imap.example";
  wanted.password = secret{"p\xc3\xa4ss word"};
  return wanted;
}

std::string mailbox_fault(add_mailbox wanted, const provider_record* provider,
                          const std::function<void(add_mailbox&)>& change) {
  change(wanted);
  return refused_field(validate(wanted, provider, now));
}

} // namespace

TEST_CASE("complete providers are taken", "[validation]") {
  CHECK(validate(microsoft(), now));
  CHECK(validate(generic(), now));
  auto google = generic();
  google.service = "google";
  google.discovery_url.clear();
  google.imap = {};
  CHECK(validate(google, now));
}

TEST_CASE("each field of a provider is refused by its name", "[validation]") {
  CHECK(provider_fault(microsoft(), [](auto& x) { x.name = "a b"; }) == "name");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.service = "yahoo"; }) == "service");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.type = "Outlook"; }) == "type");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.tenant_id = ""; }) == "tenant_id");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.tenant_id = "contoso"; }) == "tenant_id");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.client_id = ""; }) == "client_id");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.client_id = "a\n"; }) == "client_id");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.client_id = std::string(256, 'a'); })
        == "client_id");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.redirect_uri = "http://host/cb"; })
        == "redirect_uri");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.discovery_url = "x"; }) == "discovery_url");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.scopes = {"a b"}; }) == "scopes");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.imap.host = "a b"; }) == "imap.host");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.smtp.host = "a b"; }) == "smtp.host");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.pop3.port = 995; }) == "pop3.host");
  CHECK(provider_fault(generic(), [](auto& x) { x.smtp.proxy.url = "x"; }) == "smtp.proxy.url");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.ca_file = "x"; }) == "ca_file");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.proxy.url = "x"; }) == "proxy.url");
  CHECK(provider_fault(microsoft(), [](auto& x) { x.imap.proxy.url = "x"; }) == "imap.proxy.url");
}

TEST_CASE("the only type of a service need not be named", "[validation]") {
  CHECK(provider_fault(microsoft(), [](auto& x) { x.type = ""; }).empty());
  CHECK(provider_fault(generic(), [](auto& x) { x.type = "Outlook365"; }) == "type");
}

TEST_CASE("a generic provider needs discovery and a mail server, and no tenant", "[validation]") {
  CHECK(provider_fault(generic(), [](auto& x) { x.discovery_url = ""; }) == "discovery_url");
  CHECK(provider_fault(generic(), [](auto& x) { x.imap.host = ""; }) == "imap.host");
  CHECK(provider_fault(generic(), [](auto& x) { x.tenant_id = "common"; }) == "tenant_id");
}

TEST_CASE("secrets are there exactly where the client authenticates with one", "[validation]") {
  for (auto auth : {client_auth::secret_post, client_auth::secret_basic}) {
    CHECK(provider_fault(microsoft(), [&](auto& x) { x.auth = auth; }).empty());
    CHECK(provider_fault(microsoft(),
                         [&](auto& x) {
                           x.auth = auth;
                           x.secrets.clear();
                         })
          == "secrets");
  }
  CHECK(provider_fault(microsoft(), [](auto& x) { x.auth = client_auth::none; }) == "secrets");
  CHECK(provider_fault(microsoft(), [](auto& x) {
          x.auth = client_auth::none;
          x.secrets.clear();
        }).empty());
  CHECK(provider_fault(microsoft(), [](auto& x) { x.auth = static_cast<client_auth>(9); })
        == "auth");
}

TEST_CASE("a bad secret is refused without being shown", "[validation]") {
  for (const auto* value : {"", "canary\n", " canary"}) {
    auto record = microsoft();
    record.secrets.front().value = secret{value};
    auto checked = validate(record, now);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().detail.find("canary") == std::string::npos);
  }
  auto record = microsoft();
  record.secrets.resize(max_secrets, record.secrets.front());
  CHECK(validate(record, now));
  record.secrets.push_back(record.secrets.front());
  CHECK_FALSE(validate(record, now));
}

TEST_CASE("a secret that has ended is refused for its end", "[validation]") {
  CHECK(provider_fault(microsoft(), [](auto& x) { x.secrets.front().expires_at = now; })
        == "secrets.expires_at");
  CHECK(provider_fault(microsoft(), [](auto& x) {
          x.secrets.front().expires_at = now + 1s;
        }).empty());
  auto added = microsoft().secrets.front();
  added.expires_at = now;
  CHECK(refused_field(validate_secret(added, microsoft(), now)) == "expires_at");
}

TEST_CASE("a CA file is named by the field that names it", "[validation]") {
  auto who = microsoft();
  CHECK(ca_files_of(who).empty());
  who.ca_file = "/a";
  who.pop3.ca_file = "/b";
  CHECK(ca_files_of(who) == std::vector<named_ca_file>{{"ca_file", "/a"}, {"pop3.ca_file", "/b"}});
  mailbox_record ann;
  ann.imap.ca_file = "/c";
  CHECK(ca_files_of(ann) == std::vector<named_ca_file>{{"imap.ca_file", "/c"}});
  CHECK(ca_file_fault({"imap.ca_file", "/c"}, {errc::invalid_argument, "ca_file \"/c\" is bad; x"})
            .detail
        == "imap.ca_file \"/c\" is bad; x");
}

TEST_CASE("a secret's id is not taken for its value", "[validation]") {
  auto swap = [](auto& x) {
    x.secrets.front().value = secret{"aaaabbbb-0000-cccc-1111-dddd2222eeee"};
  };
  CHECK(provider_fault(microsoft(), swap) == "secrets");
  CHECK(provider_fault(generic(), swap).empty());
}

TEST_CASE("a redirect URI follows the service's own rules too", "[validation]") {
  auto special = [](auto& x) { x.redirect_uri = "https://host/cb;1"; };
  CHECK(provider_fault(microsoft(), special) == "redirect_uri");
  CHECK(provider_fault(generic(), special).empty());
  auto query = [](auto& x) { x.redirect_uri = "https://host/cb?x=1"; };
  CHECK(provider_fault(microsoft(), query).empty());
  CHECK(provider_fault(microsoft(),
                       [&](auto& x) {
                         query(x);
                         x.tenant_id = "common";
                       })
        == "redirect_uri");
}

TEST_CASE("an IPv6 loopback is refused where the service does not register it", "[validation]") {
  for (const auto* uri : {"http://[::1]/cb", "http://[::1]:8025/cb", "https://[::1]/cb"}) {
    auto provider = microsoft();
    provider.redirect_uri = uri;
    auto checked = validate(provider, now);
    CHECK(refused_field(checked) == "redirect_uri");
    CHECK(checked.error().detail.find("http://localhost") != std::string::npos);
    CHECK(provider_fault(generic(), [&](auto& x) { x.redirect_uri = uri; }).empty());
  }
  for (const auto* uri : {"http://localhost:8025/cb", "http://127.0.0.1/cb"})
    CHECK(provider_fault(microsoft(), [&](auto& x) { x.redirect_uri = uri; }).empty());
}

TEST_CASE("scopes of another resource than mail are refused for Microsoft", "[validation]") {
  auto with = [](std::string scope) {
    return provider_fault(microsoft(), [&](auto& x) { x.scopes = {"openid", scope}; });
  };
  CHECK(with("https://outlook.office.com/IMAP.AccessAsUser.All").empty());
  CHECK(with("offline_access").empty());
  CHECK(with("IMAP.AccessAsUser.All") == "scopes");
  CHECK(with("User.Read") == "scopes");
  CHECK(with("https://graph.microsoft.com/IMAP.AccessAsUser.All") == "scopes");
  CHECK(provider_fault(generic(), [](auto& x) { x.scopes = {"mail"}; }).empty());
  CHECK(provider_fault(generic(), [](auto& x) {
          x.scopes = std::vector<std::string>(max_scopes, "mail");
        }).empty());
  CHECK(provider_fault(generic(),
                       [](auto& x) { x.scopes = std::vector<std::string>(max_scopes + 1, "mail"); })
        == "scopes");
}

TEST_CASE("a pin is refused for Microsoft whatever the host", "[validation]") {
  auto pin = [](auto& x) {
    x.imap.host = "imap.example";
    x.imap.pin_sha256 = std::string(64, 'a');
  };
  CHECK(provider_fault(microsoft(), pin) == "imap.pin_sha256");
  CHECK(provider_fault(generic(), pin).empty());
  CHECK(provider_fault(microsoft(),
                       [](auto& x) {
                         x.smtp.host = "smtp.example";
                         x.smtp.pin_sha256 = std::string(64, 'a');
                       })
        == "smtp.pin_sha256");
}

TEST_CASE("complete mailboxes are taken", "[validation]") {
  auto provider = microsoft();
  CHECK(validate(oauth2_mailbox(), &provider, now));
  CHECK(validate(password_mailbox(), nullptr, now));
}

TEST_CASE("each field of a mailbox is refused by its name", "[validation]") {
  auto provider = microsoft();
  auto fault = [&](const std::function<void(add_mailbox&)>& change) {
    return mailbox_fault(oauth2_mailbox(), &provider, change);
  };
  CHECK(fault([](auto& x) { x.wanted.address = "box"; }) == "address");
  CHECK(fault([](auto& x) { x.wanted.user = "a\x01"; }) == "user");
  CHECK(fault([](auto& x) { x.wanted.user = std::string(max_user_bytes + 1, 'a'); }) == "user");
  CHECK(fault([](auto& x) { x.wanted.user = std::string(max_user_bytes, 'a'); }).empty());
  CHECK(fault([](auto& x) { x.wanted.auth = static_cast<mailbox_auth>(9); }) == "auth");
  CHECK(fault([](auto& x) { x.wanted.imap.host = "a b"; }) == "imap.host");
  CHECK(fault([](auto& x) { x.wanted.imap.proxy.url = "x"; }) == "imap.proxy.url");
  CHECK(fault([](auto& x) { x.wanted.smtp.ca_file = "x"; }) == "smtp.ca_file");
  CHECK(fault([](auto& x) { x.wanted.pop3.host = "a:1"; }) == "pop3.host");
  CHECK(fault([](auto& x) { x.wanted.action = static_cast<server_action>(9); }) == "action");
  CHECK(fault([](auto& x) { x.wanted.action = server_action::remove; }).empty());
}

TEST_CASE("an OAuth2 mailbox has a provider and no password", "[validation]") {
  auto provider = microsoft();
  CHECK(mailbox_fault(oauth2_mailbox(), nullptr, [](auto&) {}) == "provider");
  CHECK(mailbox_fault(oauth2_mailbox(), &provider, [](auto& x) { x.password = secret{"p"}; })
        == "password");
  CHECK(mailbox_fault(oauth2_mailbox(), &provider, [](auto& x) {
          x.refresh_token = secret{"r"};
        }).empty());
  CHECK(mailbox_fault(oauth2_mailbox(), &provider, [](auto& x) { x.refresh_token = secret{"r\n"}; })
        == "refresh_token");
}

TEST_CASE("a password mailbox has a password, a server and no token", "[validation]") {
  auto fault = [](const std::function<void(add_mailbox&)>& change) {
    return mailbox_fault(password_mailbox(), nullptr, change);
  };
  CHECK(fault([](auto& x) { x.password = {}; }) == "password");
  CHECK(fault([](auto& x) { x.password = secret{"a\r\nb"}; }) == "password");
  CHECK(fault([](auto& x) { x.password = secret{std::string("a\0b", 3)}; }) == "password");
  CHECK(fault([](auto& x) { x.password = secret{std::string(max_secret_bytes, 'a')}; }).empty());
  CHECK(fault([](auto& x) { x.password = secret{std::string(max_secret_bytes + 1, 'a')}; })
        == "password");
  CHECK(fault([](auto& x) { x.refresh_token = secret{"r"}; }) == "refresh_token");
  CHECK(fault([](auto& x) { x.wanted.imap.host = ""; }) == "imap.host");
  auto provider = generic();
  CHECK(mailbox_fault(password_mailbox(), &provider, [](auto& x) {
          x.wanted.imap.host = "";
        }).empty());
}

TEST_CASE("a mailbox's pin is refused under Microsoft's provider", "[validation]") {
  auto pin = [](auto& x) {
    x.wanted.imap.host = "imap.example";
    x.wanted.imap.pin_sha256 = std::string(64, 'a');
  };
  auto provider = microsoft();
  CHECK(mailbox_fault(oauth2_mailbox(), &provider, pin) == "imap.pin_sha256");
  CHECK(mailbox_fault(password_mailbox(), nullptr, pin).empty());
}

TEST_CASE("a first day is a whole day between 1970 and today", "[validation]") {
  auto from = [](wall_time date) {
    return mailbox_fault(password_mailbox(), nullptr, [&](auto& x) {
      x.wanted.from = {fetch_from::kind::date, date};
    });
  };
  auto today = std::chrono::floor<days>(now);
  CHECK(from(today).empty());
  CHECK(from(today + days{1}) == "from");
  CHECK(from(today + 1h) == "from");
  CHECK(from(wall_time{}).empty());
  CHECK(from(wall_time{} - days{1}) == "from");
  CHECK(mailbox_fault(password_mailbox(), nullptr,
                      [](auto& x) { x.wanted.from.what = static_cast<fetch_from::kind>(9); })
        == "from");
}

TEST_CASE("a folder to move to is named exactly where mail is moved", "[validation]") {
  auto fault = [](server_action action, std::string target) {
    return mailbox_fault(password_mailbox(), nullptr, [&](auto& x) {
      x.wanted.action = action;
      x.wanted.move_target = target;
    });
  };
  CHECK(fault(server_action::move, "Processed/2026 \xc3\xa9").empty());
  CHECK(fault(server_action::move, "Inbox2").empty());
  CHECK(fault(server_action::move, std::string(max_folder_bytes, 'a')).empty());
  CHECK(fault(server_action::move, std::string(max_folder_bytes + 1, 'a')) == "move_target");
  for (const auto* target : {"", "a\r\nb", "\xff", "inbox"})
    CHECK(fault(server_action::move, target) == "move_target");
  for (auto action : {server_action::none, server_action::seen, server_action::remove}) {
    CHECK(fault(action, "").empty());
    CHECK(fault(action, "Processed") == "move_target");
  }
}
