#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::imap {

/// What a server says it can do (RFC 9051 7.2.2).
class capabilities {
public:
  capabilities() = default;

  /// Reads a list of words parted by spaces; what is past `max_capabilities`
  /// is not kept.
  explicit capabilities(std::string_view list);

  [[nodiscard]] bool has(std::string_view name) const noexcept;

  /// What stands behind `AUTH=`. The views are this object's.
  [[nodiscard]] std::vector<std::string_view> mechanisms() const;

  [[nodiscard]] bool empty() const noexcept {
    return names_.empty();
  }

private:
  std::vector<std::string> names_;
};

} // namespace mailfleet::imap
