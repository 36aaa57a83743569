#pragma once

#include "protocols/smtp/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::smtp {

/// What a server says it can do, in its answer to EHLO (RFC 5321 4.1.1.1).
struct capabilities {
  /// RFC 1870. None: it says nothing, or 0, which means no fixed limit.
  std::optional<std::uint64_t> max_bytes;
  bool size = false;
  bool pipelining = false;            ///< RFC 2920
  bool eight_bit = false;             ///< RFC 6152
  bool smtputf8 = false;              ///< RFC 6531
  bool delivery_status = false;       ///< RFC 3461
  bool starttls = false;              ///< RFC 3207
  bool enhanced_status_codes = false; ///< RFC 2034
  /// SASL mechanisms (RFC 4954), each once, in the server's order and in upper case.
  std::vector<std::string> mechanisms;
  bool operator==(const capabilities&) const = default;

  /// Views of `mechanisms`, as `sasl::choose_mechanism` wants them.
  [[nodiscard]] std::vector<std::string_view> offered() const;
};

/// Adds the mechanisms that a line of an answer to EHLO names, in upper case, each once, if
/// it is one of AUTH; the form `AUTH=LOGIN` of before RFC 2554, which servers still send
/// beside the other, counts too.
void add_mechanisms(std::vector<std::string>& to, std::string_view line);

/// Reads the lines behind the first one; unknown ones are passed over.
[[nodiscard]] capabilities read_capabilities(const smtp_reply& answer);

} // namespace mailfleet::smtp
