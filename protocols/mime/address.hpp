#pragma once

#include "messages/values/result.hpp"

#include <string>
#include <string_view>

namespace mailfleet::mime {

/// An address as it goes over the wire.
struct addr_spec {
  std::string local;
  /// ASCII: a domain beyond it as A-labels (RFC 5890), an address literal with its brackets.
  std::string domain;
  /// The local part is beyond ASCII (RFC 6531).
  bool needs_smtputf8 = false;

  /// `local@domain`.
  [[nodiscard]] std::string text() const;
  bool operator==(const addr_spec&) const = default;
};

/// Reads `box@example.com` (RFC 5321 4.1.2), within the limits of RFC 5321 4.5.3.1. A domain
/// in another script is turned into A-labels. Fails with `invalid_argument` for everything
/// else: control bytes, blanks, quoted local parts, bytes that are no UTF-8. `field` is named
/// in the failure.
[[nodiscard]] result<addr_spec> read_address(std::string_view field, std::string_view address);

} // namespace mailfleet::mime
