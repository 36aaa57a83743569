#include "jobs/outbox_reports.hpp"

#include "jobs/addresses.hpp"
#include "jobs/outbox_doubt.hpp"
#include "jobs/outbox_state.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace mailfleet::jobs {

namespace {

/// The text of an xtext (RFC 3461 4): `a+2Bb` is `a+b`. What is none stays as it is.
std::string without_xtext(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned char byte = 0;
    auto escaped = text.starts_with('+') && text.size() >= 3;
    if (escaped) {
      auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
      escaped = error == std::errc{} && end == text.data() + 3;
    }
    plain.push_back(escaped ? static_cast<char>(byte) : text.front());
    text.remove_prefix(escaped ? 3 : 1);
  }
  return plain;
}

/// Whether it tells that a mail did not reach `address`. Some servers report a recipient in the
/// encoding that we gave it in.
bool is_failure_of(const reported_recipient& report, std::string_view address) {
  return report.action == delivery_action::failed
         && (same_address(address, report.address)
             || same_address(address, without_xtext(report.address)));
}

bool is_reported(const std::vector<reported_recipient>& failed, std::string_view address) {
  return std::ranges::any_of(failed, [&](const auto& one) { return is_failure_of(one, address); });
}

} // namespace

result<outbox_progress> note_bounces(outbox_progress mail,
                                     const std::vector<reported_recipient>& reported) {
  // Whom an attempt in doubt named can bounce only if it was taken then.
  bool about_doubt =
      mail.status == outbox_status::in_doubt && !had_other_doubt(mail)
      && std::ranges::any_of(mail.recipients, [&](const auto& one) {
           return one.status == recipient_status::admitted && is_reported(reported, one.address);
         });
  if (about_doubt)
    mail = *settle_doubt(mail, doubt_end::was_sent, mail.since);
  bool any = false;
  for (const auto& report : reported) {
    for (auto& recipient : mail.recipients) {
      if (recipient.status != recipient_status::taken || !is_failure_of(report, recipient.address))
        continue;
      recipient.status = recipient_status::bounced;
      recipient.said = server_words{0, report.status, report.diagnostic};
      any = true;
    }
  }
  if (!any)
    return failure{errc::precondition_failed, "the report names no recipient of the mail"};
  return mail;
}

} // namespace mailfleet::jobs
