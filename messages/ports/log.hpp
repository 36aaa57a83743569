#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mailfleet {

enum class log_level : std::uint8_t { debug = 1, info = 2, warning = 3, error = 4 };

/// One fact beside a log line: a name and its text. Never a secret, never a
/// mail's content, never an address where an id will do.
using log_field = std::pair<std::string_view, std::string>;

/// Where log lines go. Callable from any thread; must not block for long.
class log_port {
public:
  virtual ~log_port() = default;

  /// `event` is a short constant phrase (`mailbox watching`), the same for every
  /// line of its kind; what varies goes into the fields.
  virtual void write(log_level level, std::string_view event,
                     std::initializer_list<log_field> fields) = 0;
};

} // namespace mailfleet
