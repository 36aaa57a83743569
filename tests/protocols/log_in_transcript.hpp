#pragma once

#include "protocols/sasl/log_in.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace mailfleet::test {

/// Plays a log-in: each line of ours takes the next of the server's answers (with CRLFs).
/// Gives all that we sent, and how it ended.
struct log_in_transcript {
  std::string sent;
  sasl::log_in_ended end;
  /// The answers ran out before the end.
  bool unfinished = false;
};

template <class Engine>
log_in_transcript play(Engine engine, std::initializer_list<std::string_view> answers) {
  log_in_transcript played;
  const auto* answer = answers.begin();
  for (;;) {
    auto step = engine.next();
    if (auto* ended = std::get_if<sasl::log_in_ended>(&step)) {
      played.end = std::move(*ended);
      return played;
    }
    if (auto* said = std::get_if<sasl::send_line>(&step)) {
      played.sent += said->line.reveal();
      continue;
    }
    if (answer == answers.end()) {
      played.unfinished = true;
      return played;
    }
    // In pieces of one byte: an engine may not count on more.
    for (char byte : *answer++)
      engine.feed({&byte, 1});
  }
}

} // namespace mailfleet::test
