#include "jobs/outbox_reports.hpp"

#include "jobs/addresses.hpp"
#include "jobs/outbox_doubt.hpp"
#include "jobs/outbox_state.hpp"

#include <algorithm>
#include <string_view>

namespace mailfleet::jobs {

namespace {

bool is_reported(const std::vector<reported_recipient>& failed, std::string_view address) {
  return std::ranges::any_of(failed, [&](const auto& one) {
    return one.action == delivery_action::failed && same_address(address, one.address);
  });
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
    if (report.action != delivery_action::failed)
      continue;
    for (auto& recipient : mail.recipients) {
      if (recipient.status != recipient_status::taken
          || !same_address(recipient.address, report.address))
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
