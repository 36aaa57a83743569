#include "tests/support/testbed.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace mailfleet::tests {

namespace {

constexpr long admin_timeout_s = 30;

struct curl_deleter {
  void operator()(CURL* handle) const noexcept {
    curl_easy_cleanup(handle);
  }
};

struct list_deleter {
  void operator()(curl_slist* list) const noexcept {
    curl_slist_free_all(list);
  }
};

struct file_deleter {
  void operator()(std::FILE* file) const noexcept {
    std::fclose(file);
  }
};
using temporary_file = std::unique_ptr<std::FILE, file_deleter>;

/// A file without a name that holds `text`, at its beginning.
temporary_file file_with(std::string_view text) {
  temporary_file file{std::tmpfile()};
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size())
    throw std::runtime_error{"cannot write a temporary file"};
  std::rewind(file.get());
  return file;
}

std::string content_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  char piece[4096];
  while (const auto count = std::fread(piece, 1, sizeof piece, file))
    text.append(piece, count);
  return text;
}

/// Runs `tests/testbed/testbed ARGUMENTS...`; what it printed.
std::string run_tool(std::vector<std::string> arguments, std::string_view input = {}) {
  arguments.insert(arguments.begin(), MAILFLEET_SOURCE_DIR "/tests/testbed/testbed");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (auto& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  const auto in = file_with(input);
  const auto out = file_with({});
  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ::fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(out.get()), STDERR_FILENO);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  if (error != 0 || ::waitpid(pid, &status, 0) != pid)
    throw std::runtime_error{"cannot run " + arguments[0]};
  auto printed = content_of(out.get());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{arguments[1] + ": " + printed};
  return printed;
}

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(bytes, size * count);
  return size * count;
}

std::map<std::string, testbed_client> clients_of(const nlohmann::json& from) {
  std::map<std::string, testbed_client> clients;
  for (const auto& [name, client] : from.items()) {
    testbed_client one{client.at("auth"), {}};
    for (const auto& text : client.at("secrets"))
      one.secrets.emplace_back(text.get<std::string>());
    clients.emplace(name, std::move(one));
  }
  return clients;
}

testbed_info read_info() {
  const char* path = std::getenv("MAILFLEET_TESTBED");
  if (!path)
    throw std::runtime_error{"no testbed: run this by tests/testbed/testbed run -- COMMAND"};
  std::ifstream file{path};
  const auto from = nlohmann::json::parse(file);
  return {.folder = from.at("dir"),
          .domain = from.at("domain"),
          .ca_file = from.at("ca_file"),
          .issuer = from.at("issuer"),
          .discovery_url = from.at("discovery_url"),
          .admin_url = from.at("admin_url"),
          .scope = from.at("scope"),
          .password = secret{from.at("password").get<std::string>()},
          .ports = from.at("ports"),
          .addresses = from.at("addresses"),
          .self_signed_sha256 = from.at("self_signed_sha256"),
          .clients = clients_of(from.at("clients")),
          .users = from.at("users")};
}

} // namespace

testbed::testbed() : info_{read_info()} {
  admin("POST", "reset");
  clear_stats();
}

testbed::~testbed() {
  try {
    if (keeps_copies_)
      run_tool({"sent", "off"});
    admin("POST", "reset");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "testbed: %s\n", error.what());
  }
}

std::string testbed::address(std::string_view name) const {
  return std::string{name} + "@" + info_.domain;
}

minted_token testbed::mint(std::string_view user, const token_wish& wish) const {
  nlohmann::json body{{"user", user},
                      {"client", wish.client},
                      {"scope", wish.scope},
                      {"refresh", wish.with_refresh_token}};
  if (wish.lifetime)
    body["ttl"] = wish.lifetime->count();
  const auto answer = admin("POST", "token", body);
  return {.access_token = secret{answer.at("access_token").get<std::string>()},
          .refresh_token = secret{answer.value("refresh_token", "")},
          .expires_in = std::chrono::seconds{answer.at("expires_in").get<int>()}};
}

void testbed::revoke(std::string_view user) const {
  admin("POST", "revoke", {{"user", user}});
}

std::string testbed::sign_in(std::string_view start_url, std::string_view user) const {
  std::vector<std::string> arguments{"sign-in", std::string{start_url}};
  if (!user.empty())
    arguments.insert(arguments.end(), {"--user", std::string{user}});
  return run_tool(std::move(arguments));
}

void testbed::deliver(std::string_view user, std::string_view message) const {
  run_tool({"deliver", std::string{user}, "-"}, message);
}

void testbed::put(std::string_view user, std::string_view folder, std::string_view message) const {
  run_tool({"deliver", std::string{user}, "-", "--folder", std::string{folder}}, message);
}

void testbed::keep_sent_copies(std::chrono::seconds delay, unsigned drop) {
  keeps_copies_ = true;
  run_tool(
      {"sent", "keep", "--delay-s", std::to_string(delay.count()), "--drop", std::to_string(drop)});
}

void testbed::set_fault(std::string_view target, const nlohmann::json& fault) const {
  admin("POST", "faults/" + std::string{target}, fault);
}

void testbed::clear_faults() const {
  admin("DELETE", "faults");
}

std::uint64_t testbed::fired(std::string_view target) const {
  return stats().at("fired").value(std::string{target}, std::uint64_t{0});
}

void testbed::set(const nlohmann::json& settings) const {
  admin("POST", "settings", settings);
}

nlohmann::json testbed::stats() const {
  return admin("GET", "stats");
}

void testbed::clear_stats() const {
  admin("DELETE", "stats");
}

void testbed::restart_imap() const {
  run_tool({"restart-imap"});
}

nlohmann::json testbed::admin(std::string_view method, std::string_view path,
                              const nlohmann::json& body) const {
  const std::unique_ptr<CURL, curl_deleter> handle{curl_easy_init()};
  const auto url = info_.admin_url + "/" + std::string{path};
  const std::string verb{method};
  const auto text = body.is_null() ? std::string{"{}"} : body.dump();
  std::string answer;
  const std::unique_ptr<curl_slist, list_deleter> headers{
      curl_slist_append(nullptr, "Content-Type: application/json")};
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, admin_timeout_s);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  if (verb == "POST")
    curl_easy_setopt(handle.get(), CURLOPT_COPYPOSTFIELDS, text.c_str());
  else
    curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, verb.c_str());
  const auto code = curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status != 200)
    throw std::runtime_error{verb + " " + std::string{path} + ": "
                             + (code != CURLE_OK ? curl_easy_strerror(code) : answer)};
  return nlohmann::json::parse(answer);
}

} // namespace mailfleet::tests
