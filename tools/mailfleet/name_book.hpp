#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mailfleet::tools {

class session;

/// The names that people know mailboxes and providers by, for the ids in logs. Asks mailfleetd for
/// each once.
class name_book {
public:
  explicit name_book(session& with) : with_{with} {}

  /// The address of the mailbox, or the name of the provider, with this id; the id itself if
  /// nobody has it any more.
  [[nodiscard]] const std::string& name_of(const std::string& id);

  /// What a log says that a control message was about: an id gives way to its name, and a key of
  /// a mail has the address of its mailbox behind it.
  [[nodiscard]] std::string subject(const std::string& logged);

private:
  session& with_;
  std::map<std::string, std::string> names_;
};

/// Whether the text has the form of an id.
[[nodiscard]] bool is_id(std::string_view text);

} // namespace mailfleet::tools
