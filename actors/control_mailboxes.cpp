#include "actors/control_relay.hpp"
#include "jobs/addresses.hpp"
#include "jobs/validation.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mailfleet {

namespace {

failure unsent_mail(const std::string& address, std::uint64_t mails) {
  return {errc::in_use, std::to_string(mails) + (mails == 1 ? " mail" : " mails")
                            + " of the mailbox " + (mails == 1 ? "is" : "are")
                            + " not sent yet: wait, cancel what waits (`mailfleet outbox list "
                              "--mailbox "
                            + address + "`), or let it go: `mailfleet mailbox remove " + address
                            + " --discard-mail`"};
}

} // namespace

// -- adding ------------------------------------------------------------------

void control_desk::carry_out(add_mailbox& command, client to) {
  if (command.provider.text.empty())
    return add_with(std::move(command), nullptr, std::move(to));
  auto which = command.provider;
  with_provider(
      which, std::move(to),
      [this, command = std::move(command)](const provider_record& provider, client& asker) mutable {
        command.wanted.provider = provider.id;
        add_with(std::move(command), &provider, std::move(asker));
      });
}

void control_desk::add_with(add_mailbox command, const provider_record* provider, client to) {
  auto now = around_.outside.clock->now();
  if (auto valid = jobs::validate(command, provider, now); !valid)
    return refuse(to, valid.error());
  start_mailbox start;
  start.record = std::move(command.wanted);
  start.record.header = {};
  start.record.id = fresh_id();
  start.record.added_at = now;
  if (!command.password.empty() || !command.refresh_token.empty()) {
    start.grant.emplace();
    start.grant->owner = start.record.id;
    start.grant->password = std::move(command.password);
    start.grant->refresh_token = std::move(command.refresh_token);
  }
  auto files = jobs::ca_files_of(start.record);
  look_at_ca_files(
      {std::move(files), std::move(to), [this, start = std::move(start)](client& asker) {
         relay<mailbox_view>(around_.mailboxes, start, asker);
       }});
}

// -- looking ------------------------------------------------------------------

void control_desk::carry_out(list_mailboxes& command, client to) {
  ask<mailbox_list>(
      around_.mailboxes, list_views{}, std::move(to),
      [this, state = command.state](mailbox_list& found, client& asker) {
        if (state)
          std::erase_if(found.mailboxes,
                        [&](const mailbox_view& view) { return view.state != *state; });
        std::ranges::sort(
            found.mailboxes, jobs::stands_before,
            [](const mailbox_view& view) -> std::string_view { return view.record.address; });
        with_sending(std::move(found), std::move(asker),
                     [this](mailbox_list& all, client& whom) { finish(whom, std::move(all)); });
      });
}

void control_desk::carry_out(show_mailbox& command, client to) {
  ask<mailbox_list>(around_.mailboxes, list_views{command.which}, std::move(to),
                    [this](mailbox_list& found, client& asker) {
                      with_sending(std::move(found), std::move(asker),
                                   [this](mailbox_list& one, client& whom) {
                                     finish(whom, std::move(one.mailboxes.front()));
                                   });
                    });
}

void control_desk::with_sending(mailbox_list found, client to,
                                std::function<void(mailbox_list&, client&)> then) {
  ask<outbox_figures>(around_.outbox, report_outbox{}, std::move(to),
                      [found = std::move(found), then = std::move(then)](
                          const outbox_figures& figures, client& asker) mutable {
                        std::map<entity_id, const diagnosis*> troubles;
                        for (const auto& [mailbox, why] : figures.at_rest)
                          troubles.emplace(mailbox, &why);
                        for (auto& view : found.mailboxes)
                          if (auto its = troubles.find(view.record.id); its != troubles.end())
                            view.sending_trouble = *its->second;
                        then(found, asker);
                      });
}

// -- removing -----------------------------------------------------------------

void control_desk::carry_out(remove_mailbox& command, client to) {
  with_mailbox(command.which, std::move(to),
               [this, discards = command.discards_mail](const mailbox_record& who, client& asker) {
                 ask<outbox_figures>(
                     around_.outbox, report_outbox{who.id}, std::move(asker),
                     [this, discards, who](const outbox_figures& its, client& whom) {
                       auto open = its.waiting + its.under_way + its.in_doubt;
                       if (open > 0 && !discards)
                         return refuse(whom, unsent_mail(who.address, open));
                       relay<done>(around_.mailboxes, remove_entity{{to_string(who.id)}},
                                   std::move(whom));
                     });
               });
}

// -- changing -----------------------------------------------------------------

void control_desk::carry_out(set_servers& command, client to) {
  auto which = command.which;
  with_mailbox(
      which, std::move(to),
      [this, wanted = std::move(command.wanted)](const mailbox_record& who, client& asker) {
        with_provider_of(who, std::move(asker),
                         [this, who, wanted](const provider_record* provider, client& whom) {
                           change_servers(who, provider, wanted, std::move(whom));
                         });
      });
}

/// `who` has no secrets, so that only what is wanted goes on.
void control_desk::change_servers(const mailbox_record& who, const provider_record* provider,
                                  const server_change& wanted, client to) {
  auto after = jobs::with_servers(who, wanted);
  if (auto valid = jobs::validate_servers(after, provider); !valid)
    return refuse(to, valid.error());
  if (auto same = jobs::check_same_store(who, after, provider); !same)
    return refuse(to, same.error());
  auto files = jobs::ca_files_of(jobs::with_servers({}, wanted));
  look_at_ca_files({std::move(files), std::move(to), [this, id = who.id, wanted](client& asker) {
                      relay<mailbox_view>(around_.mailboxes,
                                          change_mailbox{{to_string(id)}, wanted},
                                          std::move(asker));
                    }});
}

void control_desk::carry_out(pause_mailbox& command, client to) {
  relay<mailbox_view>(around_.mailboxes, steer_mailbox{command.which, steer_mailbox::verb::pause},
                      std::move(to));
}

void control_desk::carry_out(resume_mailbox& command, client to) {
  relay<mailbox_view>(around_.mailboxes, steer_mailbox{command.which, steer_mailbox::verb::resume},
                      std::move(to));
}

void control_desk::carry_out(fetch_now& command, client to) {
  relay<mailbox_view>(around_.mailboxes, steer_mailbox{command.which, steer_mailbox::verb::fetch},
                      std::move(to));
}

} // namespace mailfleet
