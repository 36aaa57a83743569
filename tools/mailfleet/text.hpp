#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How answers look to a person. Everything that came from elsewhere is made
/// printable: it may hold what a mail server or a mail's author wrote.
namespace mailfleet::tools {

/// A sentence with its evidence; longer ones are cut.
inline constexpr std::size_t max_shown_bytes = 1'000;

/// The field as a text: `-` for one that is absent, null or empty.
[[nodiscard]] std::string text_at(const nlohmann::ordered_json& object, std::string_view field);

/// The field as a number; 0 for what is none.
[[nodiscard]] std::uint64_t number_at(const nlohmann::ordered_json& object, std::string_view field);

/// `imap.example.com:993 (implicit)` of the server under this name; empty if the object
/// names none.
[[nodiscard]] std::string server_text(const nlohmann::ordered_json& object, std::string_view name);

/// `in_use`, or `refused at 2026-03-01T12:00:00Z`: how a client secret stands.
[[nodiscard]] std::string secret_state_text(const nlohmann::ordered_json& held);

/// `12.3 MiB`.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// `40 s`, `12 min`, `3 h` or `2 days`, rounded down.
[[nodiscard]] std::string age_text(std::chrono::seconds age);

/// A line on the terminal that tells how far a long work is; nothing where standard error is none,
/// or if it is not `wanted`.
class progress_line {
public:
  explicit progress_line(bool wanted);
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  /// Ends the line.
  ~progress_line();

  /// Puts this in place of what it told before.
  void tell(const std::string& text);

private:
  bool shown_;
  bool begun_ = false;
};

/// Rows in columns of equal width.
class text_table {
public:
  explicit text_table(std::vector<std::string> titles);
  void add(std::vector<std::string> row);
  /// A line between the rows that keeps to no column.
  void add_note(std::string note);
  /// To standard output.
  void print() const;

private:
  struct line {
    std::vector<std::string> cells;
    std::string note;
  };
  std::vector<line> lines_;
};

/// `name  value` lines, the values aligned, to standard output.
void print_facts(const std::vector<std::pair<std::string, std::string>>& facts);

/// What, who and cure of the trouble in this field of a provider or mailbox, a line each;
/// nothing when there is none.
[[nodiscard]] std::vector<std::string> trouble_lines(const nlohmann::ordered_json& object,
                                                     std::string_view field = "trouble");

} // namespace mailfleet::tools
