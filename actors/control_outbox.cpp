#include "actors/control_relay.hpp"
#include "jobs/outbox_submission.hpp"
#include "jobs/provider_presets.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet {

// -- handing mail in ---------------------------------------------------------

void control_desk::carry_out(open_upload& command, client to) {
  with_mailbox(command.mailbox, std::move(to), [this](const mailbox_record& who, client& asker) {
    relay<upload_view>(around_.outbox, begin_upload{who.id}, std::move(asker));
  });
}

void control_desk::carry_out(append_upload& command, client to) {
  relay<upload_view>(around_.outbox, std::move(command), std::move(to));
}

void control_desk::carry_out(submit_mail& command, client to) {
  auto which = command.mailbox;
  with_mailbox(
      which, std::move(to),
      [this, command = std::move(command)](const mailbox_record& who, client& asker) mutable {
        // Its own names it already: no provider need be asked.
        if (!who.smtp.host.empty())
          return accept_for(who, std::move(command), true, std::move(asker));
        with_provider_of(who, std::move(asker),
                         [this, who, command = std::move(command)](const provider_record* provider,
                                                                   client& whom) mutable {
                           bool has_server = !jobs::smtp_endpoint(who, provider).host.empty();
                           accept_for(who, std::move(command), has_server, std::move(whom));
                         });
      });
}

void control_desk::accept_for(const mailbox_record& who, submit_mail command, bool has_server,
                              client to) {
  relay<outbox_view>(around_.outbox, accept_mail{who, std::move(command), has_server},
                     std::move(to));
}

// -- looking at it -----------------------------------------------------------

void control_desk::carry_out(list_outbox& command, client to) {
  if (!command.mailbox)
    return list_mails(command, std::nullopt, std::move(to));
  with_mailbox(*command.mailbox, std::move(to),
               [this, command](const mailbox_record& who, client& asker) {
                 list_mails(command, who.id, std::move(asker));
               });
}

void control_desk::list_mails(const list_outbox& command, std::optional<entity_id> owner,
                              client to) {
  scan_request wanted{.in = family::outbox, .owner = std::nullopt, .after = std::nullopt};
  if (owner)
    wanted.owner = owner->value;
  if (command.after)
    wanted.after = key_in(family::outbox, *command.after);
  // Of one state there may be few: a page of those is looked through, and the rest is for
  // the next request.
  wanted.limit = command.status ? max_messages_an_answer
                                : std::clamp<std::size_t>(command.limit, 1, max_messages_an_answer);
  ask<scan_page>(around_.store, std::move(wanted), std::move(to),
                 [this, command](const scan_page& page, client& asker) {
                   show_mails(command, page, std::move(asker));
                 });
}

void control_desk::show_mails(const list_outbox& command, const scan_page& page, client to) {
  outbox_list found;
  auto limit = std::clamp<std::size_t>(command.limit, 1, max_messages_an_answer);
  bool more = page.more;
  std::optional<message_key> last;
  for (const auto& entry : page.records) {
    if (found.mails.size() == limit) {
      more = true;
      break;
    }
    const auto& mail = std::get<outbox_record>(entry);
    last = mail.key;
    if (!command.status || mail.progress.status == *command.status)
      found.mails.push_back({mail, std::nullopt});
  }
  if (more)
    found.next = last;
  ask<outbox_figures>(around_.outbox, report_outbox{}, std::move(to),
                      [this, found](const outbox_figures& figures, client& asker) mutable {
                        for (auto& mail : found.mails)
                          mail.trouble = trouble_of(mail.record, figures);
                        finish(asker, std::move(found));
                      });
}

std::optional<diagnosis> control_desk::trouble_of(const outbox_record& mail,
                                                  const outbox_figures& figures) {
  auto status = mail.progress.status;
  bool waits = status == outbox_status::accepted || status == outbox_status::deferred;
  for (const auto& [mailbox, why] : figures.at_rest)
    if (waits && mailbox == mail.key.mailbox)
      return why;
  return std::nullopt;
}

void control_desk::carry_out(show_outbox& command, client to) {
  ask<record_read>(
      around_.store, read_record{key_in(family::outbox, command.key)}, std::move(to),
      [this, key = command.key](record_read& answer, client& asker) {
        if (!answer.found)
          return refuse(asker, {errc::not_found, "there is no mail `" + to_string(key)
                                                     + "` in the outbox; `mailfleet outbox list` "
                                                       "shows those there are"});
        auto mail = std::get<outbox_record>(*std::move(answer.found));
        ask<outbox_figures>(around_.outbox, report_outbox{mail.key.mailbox}, std::move(asker),
                            [this, mail](const outbox_figures& figures, client& whom) {
                              outbox_view shown{mail, trouble_of(mail, figures)};
                              for (const auto& [doubted, outlook] : figures.doubts)
                                if (doubted == mail.key)
                                  shown.doubt = outlook;
                              finish(whom, std::move(shown));
                            });
      });
}

// -- deciding about it -------------------------------------------------------

void control_desk::carry_out(retry_mail& command, client to) {
  relay<outbox_view>(around_.outbox, command, std::move(to));
}

void control_desk::carry_out(cancel_mail& command, client to) {
  relay<outbox_view>(around_.outbox, command, std::move(to));
}

void control_desk::carry_out(resolve_doubt& command, client to) {
  relay<outbox_view>(around_.outbox, command, std::move(to));
}

void control_desk::carry_out(set_sending& command, client to) {
  if (auto valid = jobs::check_sending(command.wanted); !valid)
    return refuse(to, valid.error());
  relay<mailbox_view>(around_.mailboxes, change_mailbox{command.which, std::move(command.wanted)},
                      std::move(to));
}

} // namespace mailfleet
