#include "actors/control_relay.hpp"
#include "jobs/fields.hpp"

#include <utility>

namespace mailfleet {

template <class Use>
void control_desk::with_signed_in_mailbox(const reference& which, client to, Use use) {
  ask<mailbox_list>(around_.mailboxes, list_views{which}, std::move(to),
                    [this, use](mailbox_list& found, client& asker) {
                      const auto& mailbox = found.mailboxes.front().record;
                      if (!mailbox.provider)
                        return refuse(asker,
                                      {errc::invalid_argument,
                                       "the mailbox has a password and no provider to sign in at"});
                      use(mailbox, asker);
                    });
}

void control_desk::carry_out(begin_sign_in& command, client to) {
  with_signed_in_mailbox(
      command.mailbox, std::move(to),
      [this, prompt = command.prompt](const mailbox_record& mailbox, client& asker) {
        if (around_.settings.sign_in_origin.empty())
          return refuse(asker, {errc::unavailable, "there is no callback listener; set "
                                                   "callback.listen in the configuration"});
        relay<sign_in_started>(around_.providers, begin_mailbox_sign_in{mailbox, prompt},
                               std::move(asker));
      });
}

void control_desk::carry_out(begin_device_sign_in& command, client to) {
  with_signed_in_mailbox(
      command.mailbox, std::move(to), [this](const mailbox_record& mailbox, client& asker) {
        relay<device_sign_in_started>(around_.providers, begin_mailbox_device_sign_in{mailbox},
                                      std::move(asker));
      });
}

void control_desk::carry_out(open_sign_in& command, client to) {
  relay<sign_in_opened>(around_.providers, std::move(command), std::move(to));
}

void control_desk::carry_out(complete_sign_in& command, client to) {
  ask<sign_in_outcome>(around_.providers, std::move(command), std::move(to),
                       [this](sign_in_outcome& outcome, client& asker) {
                         std::visit([&](auto& what) { on_signed_in(what, asker); }, outcome);
                       });
}

void control_desk::on_signed_in(signed_in& who, client& asker) {
  self_->send(around_.mailboxes, grant_changed{who.mailbox});
  self_->send(around_.outbox, grant_changed{who.mailbox});
  if (asker.note)
    asker.note->subject = who.address;
  finish(asker, std::move(who));
}

void control_desk::on_signed_in(consent_given& consent, client& asker) {
  if (asker.note) {
    asker.note->command = "consent complete";
    asker.note->subject = consent.name + " for tenant " + consent.tenant;
  }
  finish(asker, std::move(consent));
}

// -- passwords ---------------------------------------------------------------

void control_desk::carry_out(replace_password& command, client to) {
  if (auto valid = jobs::check_password("password", command.password); !valid)
    return refuse(to, valid.error());
  ask<mailbox_list>(
      around_.mailboxes, list_views{command.which}, std::move(to),
      [this, password = std::move(command.password)](mailbox_list& found, client& asker) mutable {
        const auto& mailbox = found.mailboxes.front().record;
        if (mailbox.auth != mailbox_auth::password)
          return refuse(asker, {errc::invalid_argument,
                                "the mailbox signs in with OAuth2 and has no "
                                "password; `mailfleet mailbox sign-in` signs it in"});
        commit_password(mailbox.id, std::move(password), std::move(asker));
      });
}

void control_desk::commit_password(entity_id owner, secret password, client to) {
  ask<record_read>(
      around_.store, read_record{grant_key(owner)}, std::move(to),
      [this, owner, password = std::move(password)](record_read& answer, client& asker) mutable {
        grant_record next;
        next.owner = owner;
        next.header.version = 0;
        if (answer.found)
          next = std::get<grant_record>(*std::move(answer.found));
        commit_request change;
        change.preconditions.push_back({grant_key(owner), next.header.version});
        ++next.header.version;
        next.password = std::move(password);
        change.puts.emplace_back(std::move(next));
        ask<commit_receipt>(around_.store, std::move(change), std::move(asker),
                            [this, owner](commit_receipt&, client& who) {
                              self_->send(around_.mailboxes, grant_changed{owner});
                              self_->send(around_.outbox, grant_changed{owner});
                              finish(who, done{});
                            });
      });
}

} // namespace mailfleet
