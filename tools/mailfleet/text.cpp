#include "tools/mailfleet/text.hpp"

#include "messages/values/errors.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <unistd.h>

namespace mailfleet::tools {

using nlohmann::ordered_json;

namespace {

/// Columns a text takes: its code points, which is close enough for addresses.
std::size_t width_of(std::string_view text) {
  auto starts = std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return static_cast<std::size_t>(starts);
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, width_of(text)), ' ');
}

} // namespace

std::string text_at(const ordered_json& object, std::string_view field) {
  if (!object.is_object() || !object.contains(field))
    return "-";
  const auto& value = object.at(std::string{field});
  if (value.is_null())
    return "-";
  auto text = value.is_string()
                  ? value.get<std::string>()
                  : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return text.empty() ? "-" : printable(text, max_shown_bytes);
}

std::uint64_t number_at(const ordered_json& object, std::string_view field) {
  if (!object.is_object() || !object.contains(field))
    return 0;
  const auto& value = object.at(std::string{field});
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

std::string server_text(const ordered_json& object, std::string_view name) {
  auto server = object.find(name);
  if (server == object.end() || text_at(*server, "host") == "-")
    return {};
  return fmt::format("{}:{} ({})", text_at(*server, "host"), text_at(*server, "port"),
                     text_at(*server, "tls"));
}

std::string secret_state_text(const ordered_json& held) {
  auto state = text_at(held, "state");
  auto refused = text_at(held, "refused_at");
  if (refused == "-")
    return state;
  return state == "refused" ? fmt::format("refused at {}", refused)
                            : fmt::format("{}, refused at {}", state, refused);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1'024)
    return fmt::format("{} B", bytes);
  auto amount = static_cast<double>(bytes) / 1'024;
  std::size_t unit = 0;
  for (; amount >= 1'024 && unit + 1 < units.size(); ++unit)
    amount /= 1'024;
  return fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string age_text(std::chrono::seconds age) {
  using namespace std::chrono;
  if (age < minutes{2})
    return fmt::format("{} s", age.count());
  if (age < hours{2})
    return fmt::format("{} min", floor<minutes>(age).count());
  if (age < days{2})
    return fmt::format("{} h", floor<hours>(age).count());
  return fmt::format("{} days", floor<days>(age).count());
}

progress_line::progress_line(bool wanted) : shown_{wanted && ::isatty(STDERR_FILENO) == 1} {}

progress_line::~progress_line() {
  if (begun_)
    fmt::print(stderr, "\n");
}

void progress_line::tell(const std::string& text) {
  if (!shown_)
    return;
  // To the line's begin, and what a longer text left behind it away.
  fmt::print(stderr, "\r{}\x1b[K", text);
  begun_ = true;
}

text_table::text_table(std::vector<std::string> titles) {
  add(std::move(titles));
}

void text_table::add(std::vector<std::string> row) {
  lines_.push_back({std::move(row), {}});
}

void text_table::add_note(std::string note) {
  lines_.push_back({{}, std::move(note)});
}

void text_table::print() const {
  std::vector<std::size_t> widths(lines_.front().cells.size());
  for (const auto& row : lines_)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row.cells[i]));
  for (const auto& row : lines_) {
    auto text = row.note;
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      text += i + 1 == row.cells.size() ? row.cells[i] : padded(row.cells[i], widths[i] + 2);
    fmt::print("{}\n", text);
  }
}

void print_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts)
    width = std::max(width, width_of(name));
  for (const auto& [name, value] : facts)
    fmt::print("{}{}\n", padded(name, width + 2), value);
}

std::vector<std::string> trouble_lines(const ordered_json& object, std::string_view field) {
  auto trouble = object.find(field);
  if (trouble == object.end() || !trouble->is_object())
    return {};
  std::vector<std::string> lines{
      fmt::format("  what: {} ({})", text_at(*trouble, "what"), text_at(*trouble, "code")),
      fmt::format("  who:  {}, since {}", text_at(*trouble, "who"), text_at(*trouble, "since")),
      fmt::format("  cure: {}", text_at(*trouble, "cure"))};
  if (auto evidence = text_at(*trouble, "evidence"); evidence != "-")
    lines.push_back("  said: " + evidence);
  if (auto retry = text_at(*trouble, "retry_at"); retry != "-")
    lines.push_back("  next try: " + retry);
  return lines;
}

} // namespace mailfleet::tools
