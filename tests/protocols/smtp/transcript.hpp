#pragma once

#include "protocols/smtp/engine.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

/// Turns what an SMTP engine reports into lines of text, so that tests compare whole
/// conversations and the fuzzer compares two ways of feeding.
namespace mailfleet::testing {

inline std::string describe(const smtp::smtp_reply& reply) {
  return to_string(reply);
}

class smtp_transcript {
public:
  /// Takes events until the engine wants input; false once nothing else follows.
  bool drain(smtp::engine& from) {
    for (;;) {
      auto event = from.next();
      if (std::holds_alternative<smtp::need_input>(event))
        return from.now() != smtp::engine::phase::over;
      std::visit([this](const auto& one) { add(one); }, event);
      if (std::holds_alternative<smtp::broken>(event))
        return false;
    }
  }

  bool feed(smtp::engine& into, std::string_view bytes) {
    into.feed(bytes);
    return drain(into);
  }

  std::string text;

private:
  void line(std::string words) {
    text += words + '\n';
  }
  void add(const smtp::need_input&) {}
  void add(const smtp::to_send& sent) {
    auto bytes = sent.bytes;
    while (!bytes.empty()) {
      auto end = bytes.find("\r\n");
      line("> " + std::string{bytes.substr(0, end)});
      bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 2);
    }
  }
  void add(const smtp::session_ready&) {
    line("ready");
  }
  void add(const smtp::logged_in&) {
    line("logged in");
  }
  void add(const smtp::log_in_refused& said) {
    line("log-in refused: " + describe(said.reply)
         + (said.challenge ? " [" + said.challenge->status + "]" : ""));
  }
  void add(const smtp::recipient_answered& said) {
    line("recipient " + std::to_string(said.index) + (said.taken ? " taken: " : " refused: ")
         + describe(said.reply));
  }
  void add(const smtp::ready_for_body& now) {
    line("body for " + std::to_string(now.taken));
  }
  void add(const smtp::message_taken& said) {
    line("taken: " + describe(said.reply));
  }
  void add(const smtp::submission_refused& said) {
    line("refused: " + describe(said.reply));
  }
  void add(const smtp::server_closes& said) {
    line("closes: " + describe(said.reply));
  }
  void add(const smtp::session_over&) {
    line("over");
  }
  void add(const smtp::broken& fault) {
    line("broken: " + std::string{fault.why});
  }
};

} // namespace mailfleet::testing
