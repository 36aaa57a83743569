#include "tests/web/temporary_folder.hpp"
#include "tools/daemon_config.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::tools;
using mailfleet::testing::temporary_folder;

namespace {

/// What a command line comes to.
result<daemon_config> load(std::vector<std::string> arguments) {
  CLI::App app;
  daemon_flags flags;
  add_daemon_flags(app, flags);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  return load_daemon_config(flags);
}

/// The detail of the refusal of a file.
std::string refusal_of(const std::string& content) {
  temporary_folder folder;
  auto loaded =
      load({"--config", folder.file("c.toml", content), "--state", "/s", "--key-file", "/k"});
  CAPTURE(content);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == errc::invalid_argument);
  auto detail = loaded.error().detail;
  CHECK(detail.starts_with((folder.path / "c.toml").string() + ':'));
  return detail.substr((folder.path / "c.toml").string().size());
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("the two paths that must be given are enough") {
  auto config = load({"--state", "/var/lib/mailfleet", "--key-file", "/etc/mailfleet/key"});
  REQUIRE(config);
  CHECK(config->socket == "/var/lib/mailfleet/control.sock");
  CHECK(config->public_url == "http://127.0.0.1:8025");
  CHECK(config->proxy.url == "direct");
  CHECK_FALSE(config->use_environment_proxy);
  CHECK_FALSE(load({"--state", "/s"}));
  CHECK_FALSE(load({"--key-file", "/k"}));
}

TEST_CASE("the file sets everything") {
  temporary_folder folder;
  auto password = folder.file("pw", "proxy-secret\n");
  auto config = load({"--config", folder.file("c.toml", R"(
state = "/s"
key_file = "/k"
socket = "/run/x.sock"
threads = 2
[callback]
listen = "[::1]:9000"
public_url = "https://motion.example.org:9000"
[log]
format = "json"
level = "debug"
[memory]
budget = "128 MiB"
mailbox_budget = 2097152
[proxy]
url = "http://proxy.example:3128"
user = "u"
password_file = ")" + password + R"("
no_proxy = ["a.example", ".b.example"]
use_environment = true
)")});
  REQUIRE(config);
  CHECK(config->socket == "/run/x.sock");
  CHECK(config->threads == 2);
  CHECK(config->callback_address == "::1");
  CHECK(config->callback_port == 9000);
  CHECK(config->public_url == "https://motion.example.org:9000");
  CHECK(config->log_format == tools::log_format::json);
  CHECK(config->log_level == log_level::debug);
  CHECK(config->memory_budget == 128U * 1'024 * 1'024);
  CHECK(config->mailbox_budget == 2'097'152);
  CHECK(config->proxy.url == "http://proxy.example:3128");
  CHECK(config->proxy.password.reveal() == "proxy-secret");
  CHECK(config->proxy.no_proxy == std::vector<std::string>{"a.example", ".b.example"});
  CHECK(config->use_environment_proxy);
}

TEST_CASE("a flag goes before the file") {
  temporary_folder folder;
  auto file =
      folder.file("c.toml", "state = \"/s\"\nkey_file = \"/k\"\n[log]\nlevel = \"error\"\n");
  auto config = load(
      {"--log-level", "debug", "--config", file, "--no-proxy", "a,b", "--use-environment-proxy"});
  REQUIRE(config);
  CHECK(config->log_level == log_level::debug);
  CHECK(config->state == "/s");
  CHECK(config->proxy.no_proxy == std::vector<std::string>{"a", "b"});
  CHECK(config->use_environment_proxy);
}

TEST_CASE("a fault in the file is named with its line") {
  CHECK(holds(refusal_of("\n\nstat = \"/x\"\n"), ":3: stat is not a setting"));
  CHECK(holds(refusal_of("[log]\nlevel = \"loud\"\n"),
              ":2: log.level has an unknown value; give one of: debug, info, warning, error"));
  CHECK(holds(refusal_of("threads = \"2\"\n"), ":1: threads has a value of the wrong type"));
  CHECK(holds(refusal_of("threads = 0\n"), ":1: threads is out of range"));
  CHECK(holds(refusal_of("threads = -1\n"), ":1: threads is out of range"));
  CHECK(holds(refusal_of("[proxy]\nno_proxy = [1]\n"), ":2: proxy.no_proxy has a value"));
  CHECK(holds(refusal_of("[proxy]\nurl = \"http://u:p@h:1\"\n"), "proxy.url holds credentials"));
  CHECK(holds(refusal_of("[proxy]\npassword_file = \"/does/not/exist\"\n"), "cannot be read"));
  CHECK(
      holds(refusal_of("[callback]\nlisten = \"8025\"\n"), "callback.listen is not ADDRESS:PORT"));
  CHECK(holds(refusal_of("[log.level]\nx = 1\n"), ":1: log.level has a value of the wrong type"));
  CHECK(holds(refusal_of("log = 1\n"), ":1: log is not a setting"));
  CHECK(holds(refusal_of("a = \n"), ":1: "));
}

TEST_CASE("a file that is not there is named") {
  auto loaded = load({"--config", "/does/not/exist.toml"});
  REQUIRE_FALSE(loaded);
  CHECK(holds(loaded.error().detail, "/does/not/exist.toml"));
}

TEST_CASE("a bad flag is named") {
  auto loaded = load({"--state", "/s", "--key-file", "/k", "--log-format", "xml"});
  REQUIRE_FALSE(loaded);
  CHECK(holds(loaded.error().detail, "--log-format has an unknown value; give one of: text, json"));
}

TEST_CASE("sizes keep their limits") {
  auto with_size = [](const std::string& size) {
    return static_cast<bool>(load({"--state", "/s", "--key-file", "/k", "--mailbox-budget", "1 MiB",
                                   "--memory-budget", size}));
  };
  CHECK(with_size("1 MiB"));
  CHECK(with_size("1048576"));
  CHECK(with_size("1024KiB"));
  CHECK(with_size("1024 GiB"));
  CHECK_FALSE(with_size("1048575"));
  CHECK_FALSE(with_size("1025 GiB"));
  CHECK_FALSE(with_size("18446744073709551615 GiB"));
  CHECK_FALSE(with_size("MiB"));
  CHECK_FALSE(with_size("-1"));
}

TEST_CASE("a public address is https, or http on loopback, and an origin") {
  auto with_url = [](const std::string& url) {
    return static_cast<bool>(load({"--state", "/s", "--key-file", "/k", "--public-url", url}));
  };
  CHECK(with_url("https://motion.example.org"));
  CHECK(with_url("http://localhost:8025"));
  CHECK_FALSE(with_url("http://motion.example.org"));
  CHECK_FALSE(with_url("http://localhost.example.org"));
  CHECK_FALSE(with_url("https://motion.example.org/"));
  CHECK(with_url("http://[::1]"));
  CHECK(with_url("http://[::1]:80"));
  CHECK_FALSE(with_url("https://"));
  CHECK_FALSE(with_url("motion.example.org"));
}

TEST_CASE("the key is not kept with what it opens") {
  CHECK_FALSE(load({"--state", "/s", "--key-file", "/s/key"}));
  CHECK_FALSE(load({"--state", "/s", "--key-file", "/s/x/../key"}));
  CHECK(load({"--state", "/s", "--key-file", "/s.key"}));
}

TEST_CASE("one mailbox's budget is within that of all") {
  CHECK_FALSE(load({"--state", "/s", "--key-file", "/k", "--memory-budget", "2 MiB",
                    "--mailbox-budget", "3 MiB"}));
  CHECK(load({"--state", "/s", "--key-file", "/k", "--memory-budget", "3 MiB", "--mailbox-budget",
              "3 MiB"}));
}
