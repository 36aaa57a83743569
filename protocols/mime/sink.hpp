#pragma once

#include "messages/values/result.hpp"

#include <functional>
#include <string_view>

namespace mailfleet::mime {

/// Takes the bytes of a mail, piece by piece and in order. A failure ends what gives them,
/// which fails with it.
using byte_sink = std::function<result<void>(std::string_view piece)>;

} // namespace mailfleet::mime
