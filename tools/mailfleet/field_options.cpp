#include "tools/mailfleet/field_options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

namespace mailfleet::tools {

namespace {

// An object's row stands for all fields in it that have none of their own.

constexpr std::array question_rows{
    field_option{"limit", "--limit"}, field_option{"after", "--after"},
    field_option{"state", "--state"}, field_option{"status", "--status"},
    field_option{"about", "--about"}, field_option{"mailbox", "--mailbox"},
    field_option{"key", "KEY"},       field_option{"number", "NUMBER"},
};

/// The mail servers of a provider or a mailbox.
constexpr std::array server_rows{
    field_option{"imap", "--imap-host"},
    field_option{"imap.port", "--imap-port"},
    field_option{"imap.tls", "--imap-tls"},
    field_option{"imap.ca_file", "--imap-ca-file"},
    field_option{"imap.pin_sha256", "--pin-sha256"},
    field_option{"smtp", "--smtp"},
    field_option{"smtp.tls", "--smtp-tls"},
    field_option{"smtp.ca_file", "--smtp-ca-file"},
    field_option{"smtp.pin_sha256", "--smtp-pin-sha256"},
    field_option{"pop3", "--pop3"},
    field_option{"pop3.tls", "--pop3-tls"},
    field_option{"pop3.ca_file", "--pop3-ca-file"},
    field_option{"pop3.pin_sha256", "--pop3-pin-sha256"},
};

/// The rows, and those of the mail servers.
template <std::size_t Count>
constexpr auto with_servers(const std::array<field_option, Count>& rows) {
  std::array<field_option, Count + server_rows.size()> all{};
  std::ranges::copy(server_rows, std::ranges::copy(rows, all.begin()).out);
  return all;
}

constexpr auto provider_rows = with_servers(std::array{
    field_option{"name", "NAME"},
    field_option{"service", "--service"},
    field_option{"type", "--type"},
    field_option{"tenant_id", "--tenant"},
    field_option{"client_id", "--client-id"},
    field_option{"redirect_uri", "--redirect-uri"},
    field_option{"discovery_url", "--discovery"},
    field_option{"auth", "--auth"},
    field_option{"flow", "--app-only"},
    field_option{"scopes", "--scope"},
    field_option{"secrets", "--secret-file (or what stands for it)"},
    field_option{"value", "--secret-file (or what stands for it)"},
    field_option{"secrets.expires_at", "--secret-expires"},
    field_option{"secrets.key_id", "--key-id"},
    field_option{"key_id", "--key-id"},
    field_option{"ca_file", "--ca-file"},
    field_option{"proxy", "--proxy"},
    field_option{"proxy.user", "--proxy-user"},
    field_option{"proxy.password", "--proxy-password-file"},
    field_option{"proxy.no_proxy", "--no-proxy"},
});

constexpr std::array secret_rows{
    field_option{"value", "--secret-file (or what stands for it)"},
    field_option{"expires_at", "--expires"},
    field_option{"key_id", "--key-id"},
};

constexpr auto mailbox_rows = with_servers(std::array{
    field_option{"address", "ADDRESS"},
    field_option{"provider", "--provider"},
    field_option{"user", "--user"},
    field_option{"delegate", "--delegate"},
    field_option{"from", "--from"},
    field_option{"action", "--action"},
    field_option{"move_target", "--action move:FOLDER"},
    field_option{"password", "--password-file (or what stands for it)"},
    field_option{"refresh_token", "--refresh-token-file"},
    field_option{"imap.proxy", "--proxy"},
    field_option{"imap.proxy.user", "--proxy-user"},
    field_option{"imap.proxy.password", "--proxy-password-file"},
    field_option{"imap.proxy.no_proxy", "--no-proxy"},
});

// The fields have the name of their server before them or none, as whoever found the fault knew it.
constexpr std::array certificate_rows{
    field_option{"host", "HOST"},
    field_option{"port", "--port"},
    field_option{"tls", "--tls"},
    field_option{"ca_file", "--ca-file"},
    field_option{"proxy", "--proxy"},
    field_option{"proxy.user", "--proxy-user"},
    field_option{"proxy.password", "--proxy-password-file"},
    field_option{"proxy.no_proxy", "--no-proxy"},
    field_option{"imap", "HOST"},
    field_option{"imap.port", "--port"},
    field_option{"imap.tls", "--tls"},
    field_option{"imap.ca_file", "--ca-file"},
    field_option{"imap.proxy", "--proxy"},
    field_option{"imap.proxy.user", "--proxy-user"},
    field_option{"imap.proxy.password", "--proxy-password-file"},
    field_option{"imap.proxy.no_proxy", "--no-proxy"},
};

constexpr std::array sending_rows{
    field_option{"in_doubt", "--in-doubt"},
    field_option{"send_as", "--send-as"},
    field_option{"sent_folder", "--sent-folder"},
    field_option{"connections", "--connections"},
    field_option{"messages_per_minute", "--per-minute"},
    field_option{"messages_per_day", "--per-day"},
    field_option{"recipients_per_day", "--recipients-per-day"},
    field_option{"recipients_per_message", "--recipients-per-message"},
};

constexpr std::array mail_rows{
    field_option{"due", "--at"},
    field_option{"idempotency_key", "--idempotency-key"},
    field_option{"from", "--from"},
    field_option{"sender", "--sender"},
    field_option{"reply_to", "--reply-to"},
    field_option{"to", "--to"},
    field_option{"cc", "--cc"},
    field_option{"bcc", "--bcc"},
    field_option{"subject", "--subject"},
    field_option{"text", "--text"},
    field_option{"html", "--html-file"},
    field_option{"files", "--attach or --inline"},
    field_option{"headers", "--header"},
    field_option{"in_reply_to", "--in-reply-to"},
    field_option{"references", "--reference"},
    field_option{"recipients", "--recipient"},
    field_option{"mail.from", "--from"},
    field_option{"mail.sender", "--sender"},
    field_option{"mail.reply_to", "--reply-to"},
    field_option{"mail.to", "--to"},
    field_option{"mail.cc", "--cc"},
    field_option{"mail.bcc", "--bcc"},
    field_option{"mail.subject", "--subject"},
    field_option{"mail.files", "--attach or --inline"},
    field_option{"mail.headers", "--header"},
    field_option{"mail.in_reply_to", "--in-reply-to"},
    field_option{"mail.references", "--reference"},
    field_option{"raw", "--eml"},
    field_option{"raw.sender", "--sender"},
    field_option{"raw.recipients", "--recipient"},
};

constexpr std::array plan_rows{
    field_option{"service", "--service"},         field_option{"type", "--type"},
    field_option{"public_url", "--public-url"},   field_option{"tenant_id", "--tenant"},
    field_option{"app_only", "--app-only"},       field_option{"name", "--name"},
    field_option{"discovery_url", "--discovery"}, field_option{"format", "--format"},
};

/// A field's path without the places in its lists, and the last of these.
struct read_field {
  std::string path;
  std::optional<std::size_t> place;
};

read_field read(std::string_view text) {
  read_field field;
  while (!text.empty()) {
    auto open = text.find('[');
    field.path.append(text.substr(0, open));
    if (open == text.npos)
      break;
    text.remove_prefix(open + 1);
    std::size_t place = 0;
    auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), place);
    if (fault == std::errc{})
      field.place = place;
    text.remove_prefix(std::min(text.find(']'), text.size() - 1) + 1);
  }
  return field;
}

/// The row of the path, or of the object that it is in.
const field_option* row_of(std::string_view path, field_options options) {
  for (;;) {
    auto row = std::ranges::find(options, path, &field_option::field);
    if (row != options.end())
      return &*row;
    auto dot = path.rfind('.');
    if (dot == path.npos)
      return nullptr;
    path = path.substr(0, dot);
  }
}

} // namespace

field_options question_fields() {
  return question_rows;
}

field_options provider_fields() {
  return provider_rows;
}

field_options secret_fields() {
  return secret_rows;
}

field_options mailbox_fields() {
  return mailbox_rows;
}

field_options certificate_fields() {
  return certificate_rows;
}

field_options sending_fields() {
  return sending_rows;
}

field_options mail_fields() {
  return mail_rows;
}

field_options plan_fields() {
  return plan_rows;
}

std::string with_option(std::string detail, field_options options) {
  auto end = detail.find(' ');
  if (end == detail.npos || end == 0)
    return detail;
  auto field = read(std::string_view{detail}.substr(0, end));
  const auto* row = row_of(field.path, options);
  if (!row)
    return detail;
  auto option = std::string{row->option};
  if (field.place.value_or(0) > 0)
    option += fmt::format(" (number {})", *field.place + 1);
  return option + detail.substr(end);
}

} // namespace mailfleet::tools
