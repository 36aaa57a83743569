#pragma once

#include "messages/ports/random.hpp"
#include "net/imap_session.hpp"
#include "tests/net/memory_wire.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// An IMAP server in memory, a stream to it, and a session on both, all on one
/// context that the test polls: no thread, no socket, no clock.
namespace mailfleet::testing {

class seeded_random final : public random_source {
public:
  std::string bytes(std::size_t count) override {
    std::string made;
    for (std::size_t at = 0; at < count; ++at)
      made.push_back(static_cast<char>(engine_()));
    return made;
  }

private:
  std::mt19937 engine_{11};
};

/// Speaks enough IMAP for a session. `instead` may answer any command in its
/// own way; what it returns is sent as it is, with TAG replaced.
struct memory_server {
  struct mail {
    std::string body;
    std::string flags;
  };

  std::map<std::uint32_t, mail> mails;
  std::uint32_t next_uid = 1;
  std::uint32_t validity = 14;
  std::string offers = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 IDLE UIDPLUS MOVE";
  std::string initial_response = "dXNlcj11AWF1dGg9QmVhcmVyIHRva2VuAQE=";
  std::function<std::optional<std::string>(const std::string& command)> instead;

  std::vector<std::string> heard;
  std::string tag;

  void add(std::string body) {
    mails[next_uid++] = {std::move(body), ""};
  }

  /// What the server sends on this line.
  std::string answer(const std::string& line) {
    std::string command = line;
    if (!in_sasl && !idling && line != "DONE") {
      tag = line.substr(0, line.find(' '));
      command = line.size() > tag.size() ? line.substr(tag.size() + 1) : "";
    }
    heard.push_back(command);
    auto text = instead ? instead(command) : std::nullopt;
    auto reply = text ? *text : usual(command);
    in_sasl = (in_sasl || command.starts_with("AUTHENTICATE")) && reply.starts_with("+");
    for (auto at = reply.find("TAG"); at != reply.npos; at = reply.find("TAG"))
      reply.replace(at, 3, tag);
    return reply;
  }

  std::string usual(const std::string& command) {
    if (command == "CAPABILITY")
      return "* CAPABILITY " + offers + "\r\nTAG OK done\r\n";
    if (command == "AUTHENTICATE XOAUTH2 " + initial_response)
      return "TAG OK AUTHENTICATE completed.\r\n";
    if (command == "SELECT INBOX")
      return "* FLAGS (\\Seen)\r\n* " + std::to_string(mails.size())
             + " EXISTS\r\n* OK [UIDVALIDITY " + std::to_string(validity) + "] x\r\n* OK [UIDNEXT "
             + std::to_string(next_uid) + "] x\r\nTAG OK [READ-WRITE] done\r\n";
    if (command.starts_with("UID FETCH "))
      return fetch(command.substr(10)) + "TAG OK done\r\n";
    if (command.starts_with("UID SEARCH"))
      return "* SEARCH\r\nTAG OK done\r\n";
    if (command == "IDLE") {
      idling = true;
      return "+ idling\r\n";
    }
    if (command == "DONE")
      idling = false;
    return command == "LOGOUT" ? "* BYE bye\r\nTAG OK done\r\n" : "TAG OK done\r\n";
  }

  std::string fetch(const std::string& arguments) {
    auto set = arguments.substr(0, arguments.find(' '));
    if (set == "*")
      set = mails.empty() ? "1" : std::to_string(mails.rbegin()->first);
    auto colon = set.find(':');
    auto first = static_cast<std::uint32_t>(std::stoul(set));
    auto last = first;
    if (colon != set.npos)
      last = set.substr(colon + 1) == "*"
                 ? std::max(first, next_uid)
                 : static_cast<std::uint32_t>(std::stoul(set.substr(colon + 1)));
    // RFC 9051 6.4.9: `n:*` always has the last message.
    if (set.ends_with("*") && !mails.empty())
      first = std::min(first, mails.rbegin()->first);
    std::string text;
    std::uint32_t sequence = 0;
    for (const auto& [uid, stored] : mails) {
      ++sequence;
      if (uid >= first && uid <= last)
        text += one(sequence, uid, stored, arguments.find("BODY") != arguments.npos);
    }
    return text;
  }

  static std::string one(std::uint32_t sequence, std::uint32_t uid, const mail& what, bool whole) {
    auto text = "* " + std::to_string(sequence) + " FETCH (UID " + std::to_string(uid);
    if (whole)
      text += " FLAGS (" + what.flags + ") INTERNALDATE \"17-Jul-1996 02:44:25 -0700\"";
    text += " RFC822.SIZE " + std::to_string(what.body.size());
    if (whole)
      text += " BODY[] {" + std::to_string(what.body.size()) + "}\r\n" + what.body;
    return text + ")\r\n";
  }

  bool idling = false;
  /// The next line answers a challenge and has no tag.
  bool in_sasl = false;
};

/// A session and everything around it.
struct session_fixture {
  session_fixture() {
    on.answer = [this](const std::string& line) { return server.answer(line); };
  }
  ~session_fixture() {
    session.reset();
    run();
  }
  session_fixture(const session_fixture&) = delete;
  session_fixture& operator=(const session_fixture&) = delete;

  void open(std::shared_ptr<byte_budget> budget = nullptr) {
    session_settings settings;
    settings.server.host = "imap.example.test";
    settings.server.port = 993;
    settings.user = "u";
    settings.auth = auth;
    settings.credential = secret{"token"};
    settings.budget = std::move(budget);
    session = net::open_imap_session(context, connector, random, std::move(settings),
                                     [this](session_event event) {
                                       events.push_back(std::move(event));
                                       if (on_event)
                                         on_event(events.back());
                                     });
    run();
  }

  void add_mails(int count, std::size_t size = 10) {
    for (int number = 1; number <= count; ++number)
      server.add(std::string(size, static_cast<char>('a' + number % 26)));
  }

  /// Answers one command in its own way.
  void instead(std::string command, std::string text) {
    server.instead = [command = std::move(command), text = std::move(text)](
                         const std::string& heard) -> std::optional<std::string> {
      return heard.starts_with(command) ? std::optional{text} : std::nullopt;
    };
  }

  /// How many commands began so.
  int heard(std::string_view start) const {
    return static_cast<int>(std::ranges::count_if(
        server.heard, [&](const auto& line) { return line.starts_with(start); }));
  }

  /// The bodies of all batches, by number.
  std::map<std::uint32_t, std::string> bodies() const {
    std::map<std::uint32_t, std::string> found;
    for (const auto& batch : all<mail_batch>())
      for (const auto& piece : batch.pieces)
        found[piece.number] += piece.bytes->bytes;
    return found;
  }

  void run() {
    context.restart();
    context.poll();
  }

  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Event>(&event))
        found.push_back(*one);
    return found;
  }

  /// The events in a line: `opened batch(1 2) fetched(2) watching news`.
  std::string story() const {
    std::string text;
    for (const auto& event : events)
      text +=
          (text.empty() ? "" : " ") + std::visit([](const auto& one) { return word(one); }, event);
    return text;
  }

  static std::string word(const folder_opened&) {
    return "opened";
  }
  static std::string word(const mail_batch& batch) {
    std::string text = "batch(";
    for (const auto& piece : batch.pieces)
      text += (text.size() > 6 ? " " : "") + std::to_string(piece.number) + (piece.last ? "" : "+");
    return text + ")";
  }
  static std::string word(const fetch_finished& done) {
    auto text = "fetched(" + std::to_string(done.through);
    for (auto number : done.refused)
      text += " refused " + std::to_string(number);
    return text + ")";
  }
  static std::string word(const start_found& found) {
    return "start(" + std::to_string(found.number) + ")";
  }
  static std::string word(const news_arrived&) {
    return "news";
  }
  static std::string word(const now_watching&) {
    return "watching";
  }
  static std::string word(const action_finished& done) {
    return "acted(" + std::to_string(done.number) + (done.refused ? " refused" : "") + ")";
  }
  static std::string word(const session_closed& end) {
    return "closed(" + std::string{to_string(end.reason.code)} + ")";
  }

  boost::asio::io_context context;
  memory_server server;
  wire on;
  memory_connector connector{context, on};
  seeded_random random;
  mailbox_auth auth = mailbox_auth::oauth2;
  std::vector<session_event> events;
  std::function<void(const session_event&)> on_event;
  std::unique_ptr<mail_session> session;
};

} // namespace mailfleet::testing
