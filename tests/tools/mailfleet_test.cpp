// The real program against a server in this process with a scripted door.

#include "tests/tools/tool_fixture.hpp"
#include "tools/mailfleet/exit_codes.hpp"
#include "web/json.hpp"

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using mailfleet::testing::answer_all;
using mailfleet::testing::content_of;
using mailfleet::testing::holds;
using nlohmann::json;

namespace {

using fixture = testing::tool_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "each exit code has its meaning") {
  CHECK(run("status").status == 0);
  auto refused = run("mailbox show ann");
  CHECK(refused.status == 1);
  CHECK(refused.err == "mailfleet: not_found: there is no mailbox ann\n");
  CHECK(refused.out.empty());
  for (const auto* wrong : {"", "--nonsense", "mailbox", "mailbox burn ann", "mailbox show",
                            "provider add x --service microsoft --client-id c --secret s"}) {
    CAPTURE(wrong);
    CHECK(run(wrong).status == 2);
  }
  auto absent = run("--socket /does/not/exist.sock status");
  CHECK(absent.status == 3);
  CHECK(holds(absent.err, "/does/not/exist.sock"));
}

// What the tool finds by itself and what mailfleetd finds is the same to whoever typed it.
TEST_CASE_METHOD(fixture, "a wrong value ends with the same code whoever finds it") {
  for (const auto* by_tool : {"outbox list --limit 0", "mailbox sign-in ann --prompt create",
                              "provider add x --service generic --client-id c --secret-file /no"})
    CHECK(run(by_tool).status == 2);
  for (const auto* by_daemon :
       {"events list --limit 0", "outbox list --status lost",
        "mailbox add a@b --provider p --action burn", "message show nonsense", "audit --after x"})
    CHECK(run(by_daemon).status == 2);
}

TEST_CASE_METHOD(fixture, "the exit codes of the help are those of the documentation") {
  auto page = content_of(std::string{MAILFLEET_SOURCE_DIR} + "/docs/operating.md");
  auto help = run("--help").out;
  auto rows = tools::exit_codes();
  REQUIRE(rows.size() == 7);
  for (const auto& [code, meaning] : rows) {
    CAPTURE(code);
    CHECK(holds(help, fmt::format("  {}  {}\n", static_cast<int>(code), meaning)));
    CHECK(holds(page, fmt::format("| {} | {} |\n", static_cast<int>(code), meaning)));
  }
}

TEST_CASE_METHOD(fixture, "JSON is shown exactly as the API gave it") {
  for (const auto& [arguments, command] :
       {std::pair{"--json status", control_command{report_status{}}},
        std::pair{"provider list --json", control_command{list_providers{}}},
        std::pair{"mailbox --json list", control_command{list_mailboxes{}}},
        std::pair{"message list a --json", control_command{list_messages{}}},
        std::pair{"message show 0000000000cd-1-7-42 --json", control_command{show_message{}}},
        std::pair{"mailbox pause a --json", control_command{pause_mailbox{}}},
        std::pair{"events list --json", control_command{list_events{}}}}) {
    CAPTURE(arguments);
    auto shown = run(arguments);
    CHECK(shown.status == 0);
    CHECK(shown.out == web::write_answer(*answer_all(command)) + '\n');
  }
  auto refused = run("mailbox show ann --json");
  CHECK(refused.status == 1);
  CHECK(json::parse(refused.err)["error"]["code"] == "not_found");
  auto absent = run("status --json --socket /does/not/exist.sock");
  CHECK(absent.status == 3);
  CHECK(json::parse(absent.err)["error"]["code"] == "connect_failed");
}

TEST_CASE_METHOD(fixture, "a certificate is shown as it can be compared") {
  auto shown = run("certificate self-signed.example.net --port 1993");
  CHECK(shown.status == 0);
  CHECK(holds(shown.out, "sha256   0A:1B\n"));
  CHECK(holds(shown.out, "trusted  no: it is self-signed\n"));
  CHECK(asked<show_certificate>().server.port == 1993);
  CHECK(holds(run("certificate mail.example.net").out, "trusted  yes\n"));
}

TEST_CASE_METHOD(fixture, "a certificate is not confirmed without a person") {
  auto file = folder.file("password", "pass-word\n");
  auto add = [&](const std::string& host) {
    return run("mailbox add bob@example.net --imap-host " + host
                   + " --confirm-certificate --password-file " + file,
               "setsid --wait env");
  };
  auto refused = add("self-signed.example.net");
  CHECK(refused.status == 2);
  CHECK(holds(refused.err, "--pin-sha256 0A:1B"));
  asked<show_certificate>();
  // What a CA vouches for needs no pin.
  CHECK(add("mail.example.net").status == 0);
  CHECK(asked<add_mailbox>().wanted.imap.pin_sha256.empty());
}

TEST_CASE_METHOD(fixture, "a password is replaced from a file") {
  auto file = folder.file("password", "pass-word\n");
  CHECK(run("mailbox password bob@example.net --password-file " + file).status == 0);
  CHECK(asked<replace_password>().which.text == "bob@example.net");
  CHECK(asked<replace_password>().password.reveal() == "pass-word");
}

TEST_CASE_METHOD(fixture, "every level has help with examples") {
  for (const auto* level : {"",
                            "status",
                            "explain",
                            "provider",
                            "certificate",
                            "provider add",
                            "provider plan",
                            "provider list",
                            "provider show",
                            "provider remove",
                            "provider secret expiry",
                            "mailbox",
                            "mailbox add",
                            "mailbox list",
                            "mailbox show",
                            "mailbox remove",
                            "mailbox pause",
                            "mailbox resume",
                            "mailbox fetch",
                            "mailbox sign-in",
                            "mailbox password",
                            "mailbox explain",
                            "mailbox sending",
                            "send",
                            "outbox",
                            "outbox list",
                            "outbox show",
                            "outbox retry",
                            "outbox cancel",
                            "outbox resolve",
                            "message",
                            "message list",
                            "message show",
                            "message export",
                            "events",
                            "events list",
                            "events follow",
                            "audit"}) {
    CAPTURE(level);
    auto help = run(std::string{level} + " --help");
    CHECK(help.status == 0);
    CHECK(holds(help.out, "Example"));
    CHECK(holds(help.out, std::string{"mailfleet "} + level));
  }
}

TEST_CASE_METHOD(fixture, "a trouble is shown with what, who and cure") {
  auto list = run("mailbox list");
  CHECK(holds(list.out, "ann@example.org  parked  office"));
  CHECK(holds(list.out, "  what: the refresh token was refused (token.invalid_grant)\n"));
  CHECK(holds(list.out, "  who:  mailbox_owner"));
  CHECK(holds(list.out, "  cure: mailfleet mailbox sign-in ann@example.org\n"));
  auto providers = run("provider list");
  CHECK(holds(providers.out, "  said: ?[2J evil"));
  CHECK_FALSE(holds(providers.out, "\x1b"));
}

TEST_CASE_METHOD(fixture, "a message is shown with its kind, its thread and what it is about") {
  auto about = to_string(*mailfleet::testing::sample_message().record.about);
  auto list = run("message list a");
  CHECK(holds(list.out, "  auto_reply  " + about + "  "));
  auto one = run("message show 0000000000cd-1-7-42");
  CHECK(holds(one.out, "kind        auto_reply\n"));
  CHECK(holds(one.out, "message id  <r@y.test>\n"));
  CHECK(holds(one.out, "thread      <a@x.test> <m@x.test>\n"));
  CHECK(holds(one.out, "about       " + about + "\n"));
}

TEST_CASE_METHOD(fixture, "a provider is added with its secret from a file") {
  auto file = folder.file("secret", "top-secret\n");
  auto added = run("provider add office --service microsoft --type Outlook365 --tenant t.example "
                   "--client-id c1 --secret-file "
                   + file
                   + " --secret-expires 2027-03-01 "
                     "--redirect-uri https://h/cb --scope one --scope two --auth basic "
                     "--imap-host imap.example --imap-tls starttls --ca-file ca.pem "
                     "--smtp smtp.example --pop3 pop3.example:110 --pop3-ca-file own.pem "
                     "--proxy http://proxy.example:1 --no-proxy a,b");
  CAPTURE(added.err);
  REQUIRE(added.status == 0);
  auto record = asked<add_provider>().wanted;
  CHECK(record.name == "office");
  CHECK(record.tenant_id == "t.example");
  CHECK(record.auth == client_auth::secret_basic);
  REQUIRE(record.secrets.size() == 1);
  CHECK(record.secrets[0].value.reveal() == "top-secret");
  CHECK(record.secrets[0].expires_at);
  CHECK(record.scopes == std::vector<std::string>{"one", "two"});
  CHECK(record.imap.port == 143);
  CHECK(record.imap.tls == tls_mode::starttls);
  CHECK(record.ca_file == (std::filesystem::current_path() / "ca.pem").string());
  CHECK(record.imap.ca_file == record.ca_file);
  CHECK(record.smtp.host == "smtp.example");
  CHECK(record.smtp.port == 465);
  CHECK(record.smtp.ca_file == record.ca_file);
  CHECK(record.pop3.port == 110);
  CHECK(record.pop3.tls == tls_mode::starttls);
  CHECK(record.pop3.ca_file == (std::filesystem::current_path() / "own.pem").string());
  CHECK(record.proxy.no_proxy == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(holds(added.out + added.err, "top-secret"));
  CHECK_FALSE(holds(added.out, testing::canary));
}

TEST_CASE_METHOD(fixture, "a public client needs no secret, another one does") {
  auto common = std::string{"provider add x --service generic --client-id c "};
  CHECK(run(common + "--auth none").status == 0);
  CHECK(asked<add_provider>().wanted.secrets.empty());
  CHECK(run(common + "--secret-file /does/not/exist").status == 2);
  CHECK(run(common + "--secret-file " + folder.file("empty", "")).status == 2);
  CHECK(run(common + "--secret-file a --secret-fd 3").status == 2);
  CHECK(door->commands().size() == 1);
}

TEST_CASE_METHOD(fixture, "a mailbox is added with what was asked for") {
  auto added = run("mailbox add ann@example.org --provider office --user u --from 2026-03-01 "
                   "--action move:Done --pin-sha256 AB:CD");
  CAPTURE(added.err);
  REQUIRE(added.status == 0);
  auto command = asked<add_mailbox>();
  CHECK(command.provider.text == "office");
  CHECK(command.wanted.user == "u");
  CHECK(command.wanted.from.what == fetch_from::kind::date);
  CHECK(command.wanted.action == server_action::move);
  CHECK(command.wanted.move_target == "Done");
  CHECK(command.wanted.imap.pin_sha256 == "abcd");
  auto file = folder.file("pw", "pass-word\n");
  REQUIRE(run("mailbox add bob@example.net --imap-host h --from all --password-file " + file).status
          == 0);
  auto custom = asked<add_mailbox>();
  CHECK(custom.wanted.auth == mailbox_auth::password);
  CHECK(custom.password.reveal() == "pass-word");
  CHECK(custom.wanted.imap.port == 993);
  CHECK(run("mailbox add a@b --provider p --action burn").status == 2);
}

TEST_CASE_METHOD(fixture, "a mailbox's other servers are named with a port, TLS and pin") {
  auto add = std::string{"mailbox add ann@example.org --provider office "};
  REQUIRE(run(add
              + "--smtp [2001:db8::1]:2525 --smtp-tls starttls --smtp-pin-sha256 AB:CD "
                "--pop3 pop3.example:995")
              .status
          == 0);
  auto record = asked<add_mailbox>().wanted;
  CHECK(record.smtp.host == "2001:db8::1");
  CHECK(record.smtp.port == 2525);
  CHECK(record.smtp.tls == tls_mode::starttls);
  CHECK(record.smtp.pin_sha256 == "abcd");
  CHECK(record.pop3.tls == tls_mode::implicit);
  for (const auto* given : {"h:0", "h:", "h:65536", ":587", "h:25x", "[::1", "[::1]25"})
    CHECK(holds(run(add + "--smtp " + given).err, "--smtp is no HOST[:PORT]"));
  CHECK(run(add + "--pop3-tls starttls").status == 2);
}

TEST_CASE_METHOD(fixture, "a secret comes through a descriptor") {
  auto file = folder.file("token", "refresh-me\n");
  REQUIRE(run("mailbox add a@b --provider p --refresh-token-fd 3 3<" + file).status == 0);
  CHECK(asked<add_mailbox>().refresh_token.reveal() == "refresh-me");
}

TEST_CASE_METHOD(fixture, "commands on one mailbox reach it") {
  CHECK(run("mailbox pause a+b@x").out == "paused a+b@x\n");
  CHECK(asked<pause_mailbox>().which.text == "a+b@x");
  CHECK(run("mailbox resume a").status == 0);
  asked<resume_mailbox>();
  CHECK(run("mailbox fetch a").status == 0);
  asked<fetch_now>();
  CHECK(run("mailbox remove a").out == "removed a\n");
  CHECK_FALSE(asked<remove_mailbox>().discards_mail);
  CHECK(run("provider remove p").status == 0);
  asked<remove_provider>();
  CHECK(run("mailbox list --state parked").status == 0);
  CHECK(asked<list_mailboxes>().state == mailbox_state::parked);
}

TEST_CASE_METHOD(fixture, "a sign-in shows its address, and waits for its event") {
  auto started = run("mailbox sign-in ann");
  CHECK(started.status == 0);
  CHECK(holds(started.out, "  https://host.example/sign-in/ticket\n"));
  CHECK_FALSE(asked<begin_sign_in>().prompt);
  CHECK(run("mailbox sign-in ann --prompt login").status == 0);
  CHECK(asked<begin_sign_in>().prompt == sign_in_prompt::login);
  CHECK(run("mailbox sign-in ann --prompt create").status == 2);
  CHECK(run("mailbox sign-in ann --prompt login --device").status == 2);
  auto waited = run("mailbox sign-in ann --wait");
  CHECK(waited.status == 0);
  CHECK(holds(waited.out, "signed in: ann\n"));
  CHECK(asked<list_events>().about->text == "ann");
  CHECK(asked<list_events>().after == 6);
}

TEST_CASE_METHOD(fixture, "an export is whole, byte for byte, or not there") {
  auto bytes = std::string("\0\r\n.\xff\0\r\n.\xff", 10);
  auto file = (folder.path / "mail.eml").string();
  CHECK(run("message export 0000000000cd-1-7-42 -o " + file).status == 0);
  CHECK(content_of(file) == bytes);
  CHECK(run("message export 0000000000cd-1-7-42 -o -").out == bytes);
  auto broken = (folder.path / "broken.eml").string();
  CHECK(run("message export 0000000000cd-1-7-13 -o " + broken).status != 0);
  // A device and a link stay what they are.
  CHECK(run("message export 0000000000cd-1-7-42 -o /dev/full").status == 1);
  CHECK(std::filesystem::is_character_file("/dev/full"));
  auto link = folder.path / "link.eml";
  std::filesystem::create_symlink(file, link);
  CHECK(run("message export 0000000000cd-1-7-42 -o " + link.string()).status == 0);
  CHECK(std::filesystem::is_symlink(link));
  CHECK(run("message export 0000000000cd-1-7-42 -o " + folder.path.string()).status == 2);
  std::filesystem::remove(link);
  CHECK_FALSE(std::filesystem::exists(broken));
  CHECK(run("message export 0000000000cd-1-7-42 -o /does/not/exist/x").status == 2);
  CHECK(run("message export nonsense -o " + broken).status == 2);
  auto left = std::distance(std::filesystem::directory_iterator{folder.path}, {});
  // The socket and its lock, out, err, and the one export.
  CHECK(left == 5);
}
