#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "web/limits.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::web {

/// Parses one JSON object (RFC 8259) within `max_json_depth`. Refuses a field
/// given twice: two programs could read it differently.
[[nodiscard]] result<nlohmann::json> parse_json_object(std::string_view text);

/// Reads the fields of one object into places. The first fault is kept in
/// `fault`, which several readers share; after it nothing more is read. A field
/// that is absent leaves its place as it is. Name every known field, then call
/// `finish`, which refuses the others.
class json_reader {
public:
  /// `path` names the object in faults: empty for the outermost.
  json_reader(const nlohmann::json& object, std::string path, std::optional<failure>& fault);

  void read(std::string_view name, std::string& into);
  void read(std::string_view name, secret& into);
  /// A secret that may be a text in PEM, of several lines.
  void read_with_lines(std::string_view name, secret& into);
  void read(std::string_view name, std::uint16_t& port);
  void read(std::string_view name, bool& into);
  void read(std::string_view name, std::optional<wall_time>& into);
  void read(std::string_view name, std::optional<std::uint32_t>& into);
  void read(std::string_view name, std::vector<std::string>& into,
            std::size_t most = max_list_items);

  /// Calls `read` with each item of a list and its path, until there is a fault.
  void
  read_items(std::string_view name, std::size_t most,
             const std::function<void(const nlohmann::json& item, const std::string& path)>& read);

  /// The field, if it is there and of the type; else nothing, and a fault when
  /// it is there.
  [[nodiscard]] const nlohmann::json* object(std::string_view name);
  [[nodiscard]] const nlohmann::json* array(std::string_view name,
                                            std::size_t most = max_list_items);
  /// A text of any size and with any characters: a mail, or a part of one.
  [[nodiscard]] const std::string* text(std::string_view name);
  /// The field, if it is there, whatever its type.
  [[nodiscard]] const nlohmann::json* any(std::string_view name);

  /// A fault of a field: names it with its path.
  void refuse(std::string_view name, std::string_view what, std::string_view cure);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::string path_of(std::string_view name) const;

  /// Refuses fields that nobody asked for.
  void finish();

private:
  [[nodiscard]] const nlohmann::json* find(std::string_view name);
  [[nodiscard]] const nlohmann::json* find(std::string_view name, nlohmann::json::value_t type,
                                           std::string_view type_name);
  [[nodiscard]] const std::string* checked_text(std::string_view name, const nlohmann::json& value,
                                                std::size_t limit);
  [[nodiscard]] const std::string* find_text(std::string_view name, std::size_t limit);

  const nlohmann::json& object_;
  const std::string path_;
  std::optional<failure>& fault_;
  std::set<std::string, std::less<>> known_;
};

} // namespace mailfleet::web
