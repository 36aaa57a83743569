#include "messages/values/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mailfleet {

namespace {

struct errc_row {
  errc code;
  std::string_view name;
  bool temporary;
};

constexpr std::array errc_table{
    errc_row{errc::invalid_argument, "invalid_argument", false},
    errc_row{errc::not_found, "not_found", false},
    errc_row{errc::already_exists, "already_exists", false},
    errc_row{errc::in_use, "in_use", false},
    errc_row{errc::precondition_failed, "precondition_failed", false},
    errc_row{errc::shutting_down, "shutting_down", true},
    errc_row{errc::overloaded, "overloaded", true},
    errc_row{errc::unavailable, "unavailable", true},
    errc_row{errc::dns_failed, "dns_failed", true},
    errc_row{errc::connect_failed, "connect_failed", true},
    errc_row{errc::connection_lost, "connection_lost", true},
    errc_row{errc::timed_out, "timed_out", true},
    errc_row{errc::proxy_failed, "proxy_failed", true},
    errc_row{errc::tls_failed, "tls_failed", true},
    errc_row{errc::tls_untrusted, "tls_untrusted", false},
    errc_row{errc::tls_required, "tls_required", false},
    errc_row{errc::too_large, "too_large", false},
    errc_row{errc::protocol_violation, "protocol_violation", true},
    errc_row{errc::server_refused, "server_refused", true},
    errc_row{errc::server_busy, "server_busy", true},
    errc_row{errc::authentication_failed, "authentication_failed", false},
    errc_row{errc::no_common_mechanism, "no_common_mechanism", false},
    errc_row{errc::token_throttled, "token_throttled", true},
    errc_row{errc::token_unavailable, "token_unavailable", true},
    errc_row{errc::client_refused, "client_refused", false},
    errc_row{errc::sign_in_required, "sign_in_required", false},
    errc_row{errc::consent_required, "consent_required", false},
    errc_row{errc::account_disabled, "account_disabled", false},
    errc_row{errc::provider_misconfigured, "provider_misconfigured", false},
    errc_row{errc::storage_failed, "storage_failed", false},
    errc_row{errc::storage_corrupt, "storage_corrupt", false},
    errc_row{errc::storage_wrong_key, "storage_wrong_key", false},
    errc_row{errc::storage_newer_format, "storage_newer_format", false},
    errc_row{errc::storage_locked, "storage_locked", false},
    errc_row{errc::storage_missing, "storage_missing", false},
    errc_row{errc::internal, "internal", false},
};

/// Length of the UTF-8 sequence at the front of `bytes`; 0 if it is not one.
std::size_t utf8_length(std::string_view bytes) {
  auto lead = static_cast<unsigned char>(bytes.front());
  std::size_t length = lead < 0x80                   ? 1
                       : lead >= 0xC2 && lead < 0xE0 ? 2
                       : lead >= 0xE0 && lead < 0xF0 ? 3
                       : lead >= 0xF0 && lead < 0xF5 ? 4
                                                     : 0;
  if (length > bytes.size())
    return 0;
  auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return std::all_of(bytes.begin() + 1, bytes.begin() + static_cast<std::ptrdiff_t>(length),
                     continues)
             ? length
             : 0;
}

} // namespace

std::string_view to_string(errc code) noexcept {
  auto row = std::ranges::find(errc_table, code, &errc_row::code);
  return row == errc_table.end() ? "internal" : row->name;
}

errc errc_of(std::string_view name) noexcept {
  auto row = std::ranges::find(errc_table, name, &errc_row::name);
  return row == errc_table.end() ? errc::internal : row->code;
}

bool is_temporary(errc code) noexcept {
  auto row = std::ranges::find(errc_table, code, &errc_row::code);
  return row != errc_table.end() && row->temporary;
}

std::string to_string(const failure& what) {
  auto text = std::string{to_string(what.code)};
  if (!what.detail.empty())
    text.append(": ").append(what.detail);
  return text;
}

failure bad_field(std::string_view field, std::string_view fault, std::string_view cure) {
  std::string detail{field};
  detail.append(" ").append(fault).append("; ").append(cure);
  return {errc::invalid_argument, std::move(detail)};
}

std::string printable(std::string_view bytes, std::size_t limit) {
  std::string text;
  while (!bytes.empty() && text.size() < limit) {
    auto length = utf8_length(bytes);
    auto lead = static_cast<unsigned char>(bytes.front());
    // C0, DEL and C1 (as UTF-8: C2 80..9F) can move a terminal's cursor.
    bool control = length == 1
                       ? lead < 0x20 || lead == 0x7F
                       : length == 2 && lead == 0xC2 && static_cast<unsigned char>(bytes[1]) < 0xA0;
    text.append(length == 0 || control ? "?" : bytes.substr(0, length));
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (!bytes.empty())
    text.append("...");
  return text;
}

} // namespace mailfleet
