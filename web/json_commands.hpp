#pragma once

#include "web/json_reader.hpp"
#include "web/json_words.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the readers of requests share; for the sources of web/json.hpp and web/json_outbox.hpp
/// only.
namespace mailfleet::web {

/// Reads a word that stands for an enumerator.
template <class Enum, std::size_t Count>
void read_word(json_reader& from, std::string_view name, const word_table<Enum, Count>& words,
               Enum& into) {
  std::string text;
  from.read(name, text);
  if (text.empty() && !from.has(name))
    return;
  if (auto value = value_of(words, text))
    into = *value;
  else
    from.refuse(name, "has an unknown value", "give one of: " + all_words(words));
}

/// The command that `read` fills from a body of one object.
template <class Command, class Read>
[[nodiscard]] result<Command> read_command(std::string_view body, Read read) {
  auto object = parse_json_object(body);
  if (!object)
    return object.error();
  std::optional<failure> fault;
  Command command;
  json_reader from{*object, "", fault};
  read(from, fault, command);
  if (fault)
    return *fault;
  return command;
}

} // namespace mailfleet::web
