#pragma once

#include "protocols/imap/engine.hpp"

#include <string>
#include <string_view>
#include <type_traits>

/// Turns what an engine reports into lines of text, so that tests compare
/// whole conversations and the fuzzer compares two ways of feeding.
namespace mailfleet::testing {

inline std::string describe(const imap::response_text& text) {
  return std::to_string(static_cast<int>(text.code)) + " [" + std::string{text.arguments} + "] "
         + std::string{text.words};
}

inline std::string_view describe(imap::status what) {
  switch (what) {
  case imap::status::ok: return "OK";
  case imap::status::no: return "NO";
  case imap::status::bad: return "BAD";
  case imap::status::bye: return "BYE";
  case imap::status::preauth: return "PREAUTH";
  }
  return "";
}

inline std::string describe(const imap::fetched& message) {
  auto text = "fetched " + std::to_string(message.sequence) + " uid " + std::to_string(message.uid);
  for (const auto& flag : message.flags)
    text += " " + flag;
  if (message.internal_date)
    text += " at " + std::to_string(message.internal_date->time_since_epoch().count());
  if (message.size)
    text += " size " + std::to_string(*message.size);
  if (message.header_fields)
    text += " fields " + *message.header_fields;
  return text + (message.has_body ? " body" : " no body");
}

/// Collects events as text. Body pieces are joined: where they are cut is the
/// network's accident.
class transcript {
public:
  /// Feeds bytes and takes every event; false once the session is broken.
  bool feed(imap::engine& into, std::string_view bytes) {
    into.feed(bytes);
    for (;;) {
      auto event = into.next();
      if (std::holds_alternative<imap::need_input>(event))
        return true;
      add(event);
      if (std::holds_alternative<imap::broken>(event))
        return false;
    }
  }

  void add(const imap::event& what) {
    std::visit([this](const auto& one) { add_one(one); }, what);
  }

  std::string text;

private:
  void line(std::string words) {
    text += words + '\n';
  }
  void add_one(const imap::need_input&) {}
  void add_one(const imap::command_done& done) {
    line("done " + std::to_string(done.command) + " " + std::string{describe(done.answered)} + " "
         + describe(done.text));
  }
  void add_one(const imap::continuation& asked) {
    line("continue " + std::string{asked.text});
  }
  void add_one(const imap::untagged_status& said) {
    line(std::string{describe(said.what)} + " " + describe(said.text));
  }
  void add_one(const imap::capability_list& list) {
    line("capability " + std::string{list.names});
  }
  void add_one(const imap::message_count& exists) {
    line("exists " + std::to_string(exists.count));
  }
  void add_one(const imap::message_expunged& gone) {
    line("expunged " + std::to_string(gone.sequence));
  }
  void add_one(const imap::search_found& found) {
    std::string words = "found";
    for (auto number : found.numbers)
      words += " " + std::to_string(number);
    line(std::move(words));
  }
  void add_one(const imap::body_begin& begun) {
    line("body of " + std::to_string(begun.sequence) + " uid " + std::to_string(begun.uid)
         + " bytes " + std::to_string(begun.bytes));
  }
  void add_one(const imap::body_piece& piece) {
    text += piece.bytes;
  }
  void add_one(const imap::body_end&) {
    line("|");
  }
  void add_one(const imap::message_fetched& done) {
    line(describe(done.message));
  }
  void add_one(const imap::folder_listed& one) {
    std::string words = "folder " + one.folder.name;
    if (one.folder.delimiter)
      words += std::string{" by "} + *one.folder.delimiter;
    for (const auto& attribute : one.folder.attributes)
      words += " " + attribute;
    line(std::move(words));
  }
  void add_one(const imap::other_data&) {
    line("other");
  }
  void add_one(const imap::broken& fault) {
    line("broken: " + std::string{fault.why});
  }
};

} // namespace mailfleet::testing
