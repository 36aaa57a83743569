#pragma once

#include "messages/ports/log.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>

namespace mailfleet::tools {

enum class log_format : std::uint8_t {
  text = 1, ///< `TIME LEVEL EVENT NAME=VALUE ...`, for people.
  json = 2, ///< One JSON object a line, for programs.
};

/// A log on standard error that drops what is below `level`. What the fields
/// hold cannot break a line or forge one. Thread-safe.
[[nodiscard]] std::shared_ptr<log_port> make_stderr_log(log_format format, log_level level);

/// The same on a stream, which outlives it.
[[nodiscard]] std::shared_ptr<log_port> make_stream_log(std::ostream& out, log_format format,
                                                        log_level level);

} // namespace mailfleet::tools
