#include "protocols/mime/address.hpp"

#include "messages/values/url.hpp"
#include "protocols/mime/ascii.hpp"
#include "protocols/mime/limits.hpp"

#include <algorithm>
#include <idn2.h>
#include <memory>
#include <optional>

namespace mailfleet::mime {

namespace {

using namespace std::string_view_literals;

constexpr auto cure = "give one address such as box@example.com";

/// `atext` of RFC 5322 3.2.3, dots, and what RFC 6531 3.3 adds. Dots may stand anywhere: some
/// providers gave out such addresses.
bool is_local_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
         || (c >= 'a' && c <= 'z') || "!#$%&'*+-/=?^_`{|}~."sv.find(c) != std::string_view::npos;
}

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 4.1.3).
bool is_literal(std::string_view domain) {
  if (domain.size() < 3 || !domain.ends_with(']'))
    return false;
  auto inside = domain.substr(1, domain.size() - 2);
  if (inside.starts_with("IPv6:"))
    return inside.find('.') == inside.npos && inside.substr(5).find(':') != inside.npos
           && is_host(inside.substr(5));
  return inside.find_first_not_of("0123456789.") == inside.npos && is_host(inside);
}

/// IDNA 2008 (RFC 5891 5) with UTS 46's mapping of case.
std::optional<std::string> as_a_labels(std::string_view domain) {
  std::string text{domain};
  char* found = nullptr;
  auto done = idn2_to_ascii_8z(text.c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  std::unique_ptr<char, void (*)(void*)> owned{found, idn2_free};
  if (done != IDN2_OK || !found)
    return std::nullopt;
  return std::string{found};
}

} // namespace

std::string addr_spec::text() const {
  return local + "@" + domain;
}

result<addr_spec> read_address(std::string_view field, std::string_view address) {
  if (address.empty())
    return bad_field(field, "is empty", cure);
  // A domain shrinks or grows as A-labels: the limit is looked at again below.
  if (address.size() > 4 * max_address_bytes)
    return bad_field(field, "is too long", cure);
  if (printable(address, address.size()) != address)
    return bad_field(field, "has control characters or bytes that are not UTF-8", cure);
  auto at = address.find('@');
  if (at == address.npos || at != address.rfind('@'))
    return bad_field(field, "has not exactly one '@'", cure);
  addr_spec read;
  read.local = address.substr(0, at);
  if (read.local.empty() || !std::ranges::all_of(read.local, is_local_byte))
    return bad_field(field, "has nothing, a blank or a special character before '@'", cure);
  read.needs_smtputf8 = !is_ascii(read.local);
  auto domain = address.substr(at + 1);
  if (is_ascii(domain)) {
    read.domain = domain;
  } else if (auto labels = as_a_labels(domain)) {
    read.domain = *std::move(labels);
  } else {
    return bad_field(field, "has a domain that is no internationalised name",
                     "give the domain as it is registered");
  }
  bool literal = read.domain.starts_with('[');
  if (literal ? !is_literal(read.domain)
              : !is_host(read.domain) || read.domain.find(':') != std::string::npos)
    return bad_field(field, "has no domain after '@'", cure);
  if (read.local.size() > max_local_part_bytes || read.domain.size() > max_domain_bytes
      || read.local.size() + 1 + read.domain.size() > max_address_bytes)
    return bad_field(field, "is too long",
                     "give at most 64 bytes before '@', and 254 bytes in all");
  return read;
}

} // namespace mailfleet::mime
