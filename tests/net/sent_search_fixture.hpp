#pragma once

#include "net/sent_search.hpp"
#include "tests/net/imap_memory_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>

/// A server in memory with a folder of sent mail, and a look into it that the test polls.
namespace mailfleet::testing {

inline const std::string own_id = "00000000000000a1-4-0-1";
inline const std::string message_id = "<one@example.com>";

/// A folder of sent mail: each mail's X-Mailfleet-Id and Message-ID by its UID.
struct sent_server : memory_server {
  struct sent_mail {
    std::string own;
    std::string message;
  };
  std::map<std::uint32_t, sent_mail> sent;
  std::string folders = "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Sent\r\n";

  std::string reply(const std::string& command) {
    if (command.starts_with("LIST ") || command.starts_with("XLIST "))
      return folders + "TAG OK listed\r\n";
    if (command.starts_with("EXAMINE "))
      return "* " + std::to_string(sent.size())
             + " EXISTS\r\n* OK [UIDVALIDITY 1] x\r\nTAG OK [READ-ONLY] opened\r\n";
    if (command.starts_with("UID SEARCH HEADER "))
      return "* SEARCH" + hits(command.substr(18)) + "\r\nTAG OK searched\r\n";
    if (command.starts_with("UID FETCH "))
      return headers(command.substr(10)) + "TAG OK fetched\r\n";
    if (command.starts_with("FETCH "))
      return newest(command.substr(6)) + "TAG OK fetched\r\n";
    return usual(command);
  }

private:
  /// As servers do: a text is found as a part of a longer one.
  std::string hits(const std::string& asked) const {
    auto field = asked.substr(0, asked.find(' '));
    auto text = asked.substr(field.size() + 2, asked.size() - field.size() - 3);
    std::string found;
    for (const auto& [uid, one] : sent)
      if ((field == mailfleet_id_header ? one.own : one.message).find(text) != std::string::npos)
        found += " " + std::to_string(uid);
    return found;
  }

  std::string headers(const std::string& asked) const {
    std::string text;
    auto set = "," + asked.substr(0, asked.find(' ')) + ",";
    for (const auto& [uid, one] : sent)
      if (set.find("," + std::to_string(uid) + ",") != std::string::npos)
        text += header(asked, uid, one);
    return text;
  }

  std::string newest(const std::string& asked) const {
    std::string text;
    auto first = std::stoul(asked);
    auto last = std::stoul(asked.substr(asked.find(':') + 1));
    unsigned long number = 0;
    for (const auto& [uid, one] : sent)
      if (++number >= first && number <= last)
        text += header(asked, uid, one);
    return text;
  }

  static std::string header(const std::string& asked, std::uint32_t uid, const sent_mail& one) {
    auto section = asked.substr(asked.find('['));
    section.resize(section.size() - 1);
    std::string fields;
    if (section.find("X-Mailfleet-Id") != std::string::npos && !one.own.empty())
      fields += "x-mailfleet-id: " + one.own + "\r\n";
    if (section.find("Message-ID") != std::string::npos)
      fields += "Message-ID:\r\n " + one.message + "\r\n";
    fields += "\r\n";
    return "* 1 FETCH (UID " + std::to_string(uid) + " BODY" + section + " {"
           + std::to_string(fields.size()) + "}\r\n" + fields + ")\r\n";
  }
};

struct sent_fixture {
  sent_fixture() {
    what.account.server.host = "imap.example.test";
    what.account.server.port = 993;
    what.account.user = "u";
    what.account.credential = secret{"token"};
    what.own_id = own_id;
    what.message_id = message_id;
    on.answer = [this](const std::string& line) { return server.answer(line); };
    server.instead = [this](const std::string& command) -> std::optional<std::string> {
      for (const auto& [start, text] : special)
        if (command.starts_with(start))
          return text;
      return server.reply(command);
    };
  }
  ~sent_fixture() {
    on.end();
    run();
  }
  sent_fixture(const sent_fixture&) = delete;
  sent_fixture& operator=(const sent_fixture&) = delete;

  void run() {
    context.restart();
    context.poll();
  }

  void begin() {
    boost::asio::co_spawn(context, net::search_sent_folder(connector, random, what, most),
                          [this](const std::exception_ptr& thrown, result<sent_answer> answer) {
                            REQUIRE_FALSE(thrown);
                            outcome = std::move(answer);
                          });
    run();
  }

  /// `found FOLDER`, `not in FOLDER`, `no folder`, or the failure.
  std::string look() {
    begin();
    return told();
  }

  std::string told() const {
    if (!outcome)
      return "waits";
    if (!*outcome)
      return to_string(outcome->error());
    if ((*outcome)->no_folder)
      return "no folder";
    return ((*outcome)->found ? "found " : "not in ") + (*outcome)->folder;
  }

  errc fault() const {
    REQUIRE(outcome);
    REQUIRE_FALSE(*outcome);
    return outcome->error().code;
  }

  int heard(std::string_view start) const {
    return static_cast<int>(std::ranges::count_if(
        server.heard, [&](const auto& line) { return line.starts_with(start); }));
  }

  boost::asio::io_context context;
  sent_server server;
  wire on;
  memory_connector connector{context, on};
  seeded_random random;
  sent_query what;
  std::chrono::milliseconds most = std::chrono::hours{1};
  /// Commands that begin so are answered so.
  std::map<std::string, std::string> special;
  std::optional<result<sent_answer>> outcome;
};

} // namespace mailfleet::testing
