#include "protocols/smtp/commands.hpp"

#include "protocols/smtp/limits.hpp"
#include "protocols/smtp/session_limits.hpp"

#include <algorithm>

namespace mailfleet::smtp {

namespace {

bool is_visible(char c) {
  return c > 0x20 && c < 0x7F;
}

bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// What may stand within `<` and `>`: no control byte, and outside of a quoted local part no
/// blank or bracket. A quoted one is refused as a whole: mime/address.hpp refuses it too.
result<void> check_path(std::string_view field, std::string_view address) {
  auto is_allowed = [](char c) {
    return (is_visible(c) || is_beyond_ascii(c)) && c != '<' && c != '>' && c != '"' && c != '\\';
  };
  if (address.size() + 2 > max_path_bytes)
    return bad_field(field, "is too long", "give an address of at most 254 bytes");
  if (!std::ranges::all_of(address, is_allowed))
    return bad_field(field, "holds a blank, a control byte, a bracket or a quote",
                     "give one address such as box@example.com");
  return {};
}

result<void> check_word(std::string_view field, std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_visible))
    return bad_field(field, "is empty, or holds a blank, a control byte or more than ASCII",
                     "give visible ASCII characters");
  return {};
}

char hex_digit(unsigned value) {
  return "0123456789ABCDEF"[value & 0xF];
}

/// `utf-8-addr-xtext` of RFC 6533 3: ASCII but for `\`, `+`, `=` stands for itself. Bytes
/// beyond it are `utf-8-addr-unitext`, which only an SMTPUTF8 server reads; one is there if
/// such an address is used.
std::string utf8_address(std::string_view address) {
  std::string text;
  for (auto c : address) {
    if (is_beyond_ascii(c) || (is_visible(c) && c != '\\' && c != '+' && c != '='))
      text.push_back(c);
    else
      text.append("\\x{")
          .append(1, hex_digit(static_cast<unsigned char>(c) >> 4))
          .append(1, hex_digit(static_cast<unsigned char>(c)))
          .append("}");
  }
  return text;
}

std::string notify_text(const notify_when& when) {
  std::string text;
  auto add = [&](bool wanted, std::string_view word) {
    if (wanted)
      text.append(text.empty() ? "" : ",").append(word);
  };
  add(when.success, "SUCCESS");
  add(when.failed, "FAILURE");
  add(when.delayed, "DELAY");
  return text.empty() ? "NEVER" : text;
}

} // namespace

std::string xtext(std::string_view text) {
  std::string written;
  for (auto c : text) {
    if (is_visible(c) && c != '+' && c != '=')
      written.push_back(c);
    else
      written.append("+")
          .append(1, hex_digit(static_cast<unsigned char>(c) >> 4))
          .append(1, hex_digit(static_cast<unsigned char>(c)));
  }
  return written;
}

std::string original_recipient(std::string_view address) {
  if (std::ranges::any_of(address, is_beyond_ascii))
    return "utf-8;" + utf8_address(address);
  return "rfc822;" + xtext(address);
}

result<std::string> ehlo_command(std::string_view client) {
  auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'
           || c == '.' || c == '[' || c == ']' || c == ':';
  };
  if (client.empty() || client.size() > 255 || !std::ranges::all_of(client, is_allowed))
    return bad_field("client name", "is no host name and no address literal",
                     "give this machine's name, or its address in brackets");
  return std::string{"EHLO "}.append(client).append("\r\n");
}

result<std::string> mail_command(std::string_view sender, const mail_options& options) {
  if (auto checked = check_path("sender", sender); !checked)
    return checked.error();
  std::string line{"MAIL FROM:<"};
  line.append(sender).append(">");
  if (options.bytes)
    line.append(" SIZE=").append(std::to_string(*options.bytes));
  if (options.eight_bit)
    line.append(" BODY=8BITMIME");
  if (options.smtputf8)
    line.append(" SMTPUTF8");
  if (options.returned)
    line.append(*options.returned == returned_part::full ? " RET=FULL" : " RET=HDRS");
  if (!options.envelope_id.empty()) {
    if (auto checked = check_word("envelope id", options.envelope_id); !checked)
      return checked.error();
    auto written = xtext(options.envelope_id);
    if (written.size() > max_envid_bytes)
      return bad_field("envelope id", "is too long", "give at most 100 characters");
    line.append(" ENVID=").append(written);
  }
  return line.append("\r\n");
}

result<std::string> recipient_command(std::string_view recipient,
                                      const recipient_options& options) {
  if (recipient.empty())
    return bad_field("recipient", "is empty", "give one address such as box@example.com");
  if (auto checked = check_path("recipient", recipient); !checked)
    return checked.error();
  std::string line{"RCPT TO:<"};
  line.append(recipient).append(">");
  if (options.notify)
    line.append(" NOTIFY=").append(notify_text(*options.notify));
  // One that grew past the limit is left out: the report names the address in use then.
  if (auto original = original_recipient(recipient);
      options.original_recipient && original.size() <= max_orcpt_bytes)
    line.append(" ORCPT=").append(original);
  return line.append("\r\n");
}

result<auth_line> auth_command(std::string_view mechanism,
                               const std::optional<secret>& initial_response) {
  if (auto checked = check_word("mechanism", mechanism); !checked)
    return checked.error();
  constexpr std::string_view verb = "AUTH ";
  std::string_view response;
  if (initial_response)
    response = initial_response->reveal().empty() ? "=" : initial_response->reveal();
  auto whole = verb.size() + mechanism.size() + 1 + response.size() + 2;
  bool fits = initial_response && whole <= max_command_line_bytes;
  if (fits && !std::ranges::all_of(response, is_visible))
    return failure{errc::invalid_argument, "the initial response is no base64"};
  std::string line;
  // At once: a string that grows leaves copies of the credential behind.
  line.reserve(max_command_line_bytes);
  line.append(verb).append(mechanism);
  if (fits)
    line.append(" ").append(response);
  line.append("\r\n");
  return auth_line{secret{std::move(line)}, fits};
}

result<secret> auth_answer(const secret& base64) {
  if (!std::ranges::all_of(base64.reveal(), is_visible))
    return failure{errc::invalid_argument, "the answer to a challenge is no base64"};
  std::string line;
  line.reserve(base64.reveal().size() + 2);
  line.append(base64.reveal()).append("\r\n");
  return secret{std::move(line)};
}

} // namespace mailfleet::smtp
