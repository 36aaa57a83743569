#pragma once

#include "messages/values/records.hpp"

#include <string>

namespace mailfleet {

/// What a server showed of itself, for a person to compare.
struct offered_certificate {
  /// Of the DER form, 64 lower-case hexadecimal digits.
  std::string sha256;
  /// Distinguished names, made printable (RFC 2253 order).
  std::string subject;
  std::string issuer;
  wall_time not_after{};
  /// Why it is not trusted by the CA file for this host, in words; empty: it is.
  std::string trouble;
};

} // namespace mailfleet
