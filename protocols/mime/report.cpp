#include "protocols/mime/report.hpp"

#include "messages/values/outgoing.hpp"
#include "protocols/imap/tokens.hpp"
#include "protocols/mime/header_block.hpp"
#include "protocols/mime/limits.hpp"
#include "protocols/mime/message_ids.hpp"
#include "protocols/mime/parts.hpp"
#include "protocols/smtp/reply.hpp"

#include <algorithm>

namespace mailfleet::mime {

namespace {

using imap::same_word;
using fields = std::vector<header_field>;

std::string shown(std::string_view text) {
  return printable(trimmed(text), max_report_text_bytes);
}

/// The first word of a value, in lower case, without what stands behind `;` or a blank.
std::string word_of(std::string_view value) {
  value = trimmed(value);
  std::string word{value.substr(0, value.find_first_of(" \t;(,"))};
  for (auto& c : word)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return printable(word, 64);
}

/// What stands behind the type of a typed value: `rfc822; ann@example.com`.
std::string_view behind_type(std::string_view value) {
  auto mark = value.find(';');
  return trimmed(mark == value.npos ? value : value.substr(mark + 1));
}

std::string address_of(std::string_view value) {
  auto address = behind_type(value);
  if (address.starts_with('<') && address.ends_with('>') && address.size() > 2)
    address = address.substr(1, address.size() - 2);
  return printable(address, 4 * max_address_bytes);
}

delivery_action action_of(std::string_view value) {
  auto word = word_of(value);
  for (auto action : {delivery_action::failed, delivery_action::delayed, delivery_action::delivered,
                      delivery_action::relayed, delivery_action::expanded})
    if (word == to_string(action))
      return action;
  return delivery_action::unknown;
}

std::string status_of(std::string_view value) {
  auto text = trimmed(value);
  auto status = smtp::read_enhanced_status(text.substr(0, text.find_first_of(" \t(")));
  return status ? to_string(*status) : std::string{};
}

/// A sound Message-ID in a value; empty if there is none.
std::string id_in(std::string_view value) {
  auto ids = message_ids_in(value);
  return ids.empty() ? std::string{} : ids.front();
}

std::string our_id_in(const fields& of) {
  auto id = trimmed(value_of(of, mailfleet_id_header));
  bool sound = !id.empty() && id.size() <= max_message_id_bytes
               && std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7F; });
  return sound ? std::string{id} : std::string{};
}

/// Reads one mail's parts into its meaning.
class reading {
public:
  mail_meaning read(std::string_view mail) {
    auto rest = mail;
    auto top = take_header_block(rest);
    out_.message_id = id_in(value_of(top, "Message-ID"));
    out_.own_id = our_id_in(top);
    out_.thread = thread_of(value_of(top, "References"), value_of(top, "In-Reply-To"));
    auto type = word_of(value_of(top, "Content-Type"));
    if (type.starts_with("multipart/") || type == "message/delivery-status"
        || type == "message/feedback-report")
      for_each_part(mail, [this](const mail_part& part) { take(part); });
    if (out_.kind == mail_kind::ordinary)
      read_failed_recipients(top);
    if (out_.kind == mail_kind::ordinary)
      read_automatic(top);
    else if (out_.about_mailfleet_id.empty() && out_.kind != mail_kind::auto_reply)
      read_quoted(rest);
    return std::move(out_);
  }

private:
  void take(const mail_part& part) {
    if (part.type == "message/delivery-status" || part.type == "message/global-delivery-status")
      take_delivery_status(part.content);
    else if (part.type == "message/feedback-report")
      take_complaint(part.content);
    else if (part.type == "message/disposition-notification")
      take_receipt(part.content);
    else if (part.type == "message/rfc822" || part.type == "text/rfc822-headers"
             || part.type == "message/global" || part.type == "message/global-headers")
      take_returned(part.content);
  }

  /// The mail reported about: its ids count only if a report stands beside it, whichever comes
  /// first.
  void take_returned(std::string_view content) {
    auto headers = take_header_block(content);
    if (returned_)
      return;
    returned_ = true;
    out_.about_message_id = id_in(value_of(headers, "Message-ID"));
    out_.about_mailfleet_id = our_id_in(headers);
  }

  void take_delivery_status(std::string_view content) {
    out_.kind = mail_kind::delivery_report;
    auto about = take_header_block(content);
    out_.about_envelope_id = shown(value_of(about, "Original-Envelope-Id"));
    // Some reports have no group about the mail.
    if (has_field(about, "Action"))
      add_recipient(about);
    while (!content.empty() && out_.recipients.size() < max_reported_recipients)
      if (auto group = take_header_block(content); !group.empty())
        add_recipient(group);
  }

  void add_recipient(const fields& group) {
    reported_recipient one;
    one.action = action_of(value_of(group, "Action"));
    one.status = status_of(value_of(group, "Status"));
    one.diagnostic = shown(behind_type(value_of(group, "Diagnostic-Code")));
    auto original = value_of(group, "Original-Recipient");
    one.address = address_of(original.empty() ? value_of(group, "Final-Recipient") : original);
    if (!one.address.empty() || one.action != delivery_action::unknown)
      out_.recipients.push_back(std::move(one));
  }

  void take_complaint(std::string_view content) {
    auto about = take_header_block(content);
    out_.kind = mail_kind::complaint;
    out_.reason = word_of(value_of(about, "Feedback-Type"));
    out_.about_envelope_id = shown(value_of(about, "Original-Envelope-Id"));
    for (const auto& field : about)
      if (same_word(field.name, "Original-Rcpt-To")
          && out_.recipients.size() < max_reported_recipients)
        out_.recipients.push_back({address_of(field.value), delivery_action::unknown, {}, {}});
  }

  void take_receipt(std::string_view content) {
    auto about = take_header_block(content);
    out_.kind = mail_kind::receipt;
    out_.reason = shown(behind_type(value_of(about, "Disposition")));
    out_.about_message_id = id_in(value_of(about, "Original-Message-ID"));
    returned_ = !out_.about_message_id.empty();
    auto original = value_of(about, "Original-Recipient");
    auto address = address_of(original.empty() ? value_of(about, "Final-Recipient") : original);
    if (!address.empty())
      out_.recipients.push_back({std::move(address), delivery_action::unknown, {}, {}});
  }

  /// Exim and Google name them in a header, beside or without a report in RFC 3464's form.
  void read_failed_recipients(const fields& top) {
    std::string_view rest = value_of(top, "X-Failed-Recipients");
    while (!rest.empty() && out_.recipients.size() < max_reported_recipients) {
      auto end = rest.find(',');
      auto address = address_of(rest.substr(0, end));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      if (!address.empty())
        out_.recipients.push_back({std::move(address), delivery_action::failed, {}, {}});
    }
    if (!out_.recipients.empty()) {
      out_.kind = mail_kind::delivery_report;
      out_.reason = "x-failed-recipients";
    }
  }

  void read_automatic(const fields& top) {
    auto say = [&](std::string reason) {
      out_.kind = mail_kind::auto_reply;
      out_.reason = std::move(reason);
    };
    // A mail of somebody else that came as a part tells nothing.
    out_.about_message_id.clear();
    out_.about_mailfleet_id.clear();
    auto submitted = word_of(value_of(top, "Auto-Submitted"));
    if (!submitted.empty() && submitted != "no") {
      say(std::move(submitted));
      return;
    }
    for (const auto* name :
         {"X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Autogenerated"})
      if (has_field(top, name)) {
        say(word_of(name));
        return;
      }
    // `list` is people's mail over a mailing list.
    auto precedence = word_of(value_of(top, "Precedence"));
    if (precedence == "auto_reply" || precedence == "bulk" || precedence == "junk")
      say(std::move(precedence));
    // Exchange writes it into what its rules answer; senders of newsletters do too, and both
    // want no answer.
    else if (has_field(top, "X-Auto-Response-Suppress")
             && !same_word(trimmed(value_of(top, "X-Auto-Response-Suppress")), "None"))
      say("x-auto-response-suppress");
  }

  /// Reports in no standard form quote the mail's headers as text.
  void read_quoted(std::string_view body) {
    body = body.substr(0, max_report_bytes);
    auto value_behind = [&](std::string_view name) -> std::string_view {
      auto same = [](char a, char b) {
        return imap::same_word(std::string_view{&a, 1}, std::string_view{&b, 1});
      };
      std::string mark = "\n" + std::string{name} + ":";
      auto found = std::search(body.begin(), body.end(), mark.begin(), mark.end(), same);
      if (found == body.end())
        return {};
      auto line = body.substr(static_cast<std::size_t>(found - body.begin()) + mark.size());
      return trimmed(line.substr(0, line.find('\n')));
    };
    out_.about_mailfleet_id = our_id_in(
        {{std::string{mailfleet_id_header}, std::string{value_behind(mailfleet_id_header)}}});
    if (out_.about_message_id.empty())
      out_.about_message_id = id_in(value_behind("Message-ID"));
  }

  mail_meaning out_;
  bool returned_ = false;
};

} // namespace

std::string_view to_string(mail_kind kind) noexcept {
  switch (kind) {
  case mail_kind::ordinary: return "ordinary";
  case mail_kind::delivery_report: return "delivery_report";
  case mail_kind::auto_reply: return "auto_reply";
  case mail_kind::complaint: return "complaint";
  case mail_kind::receipt: return "receipt";
  }
  return "unknown";
}

std::string_view to_string(delivery_action action) noexcept {
  switch (action) {
  case delivery_action::unknown: return "unknown";
  case delivery_action::failed: return "failed";
  case delivery_action::delayed: return "delayed";
  case delivery_action::delivered: return "delivered";
  case delivery_action::relayed: return "relayed";
  case delivery_action::expanded: return "expanded";
  }
  return "unknown";
}

mail_meaning read_meaning(std::string_view mail) {
  return reading{}.read(mail.substr(0, max_report_bytes));
}

} // namespace mailfleet::mime
