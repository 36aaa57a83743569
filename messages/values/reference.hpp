#pragma once

#include <string>

namespace mailfleet {

/// A provider or mailbox by id, provider name or mailbox address.
struct reference {
  std::string text;
};

} // namespace mailfleet
