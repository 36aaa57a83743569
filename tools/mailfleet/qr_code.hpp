#pragma once

#include <string>

namespace mailfleet::tools {

/// A text as a QR code for a terminal: two rows of modules a line, dark on light
/// whatever the terminal's colours. Empty if it does not fit a code.
[[nodiscard]] std::string qr_code(const std::string& text);

} // namespace mailfleet::tools
