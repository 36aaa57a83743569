#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <optional>
#include <string>

/// The ways a secret comes in. The command line is none: other users can read it.
namespace mailfleet::tools {

/// The file's content without the line end behind it. Fails for a file that
/// cannot be read, is empty, or is larger than a secret is.
[[nodiscard]] result<secret> read_secret_file(const std::string& path);

/// The same from an open descriptor, to its end.
[[nodiscard]] result<secret> read_secret_descriptor(int descriptor);

/// Asks on the terminal without echo. Nothing if there is no terminal or the
/// person ended it with Ctrl-C; the terminal is as before in every case.
[[nodiscard]] std::optional<secret> prompt_for_secret(const std::string& what);

} // namespace mailfleet::tools
