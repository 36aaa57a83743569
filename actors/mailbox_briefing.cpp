#include "actors/mailbox_briefing.hpp"

#include "actors/limits.hpp"

#include <utility>

namespace mailfleet {

template <class Answer, class Handle, class Timeout, class Message, class Next>
void mailbox_briefing::ask(const Handle& whom, Timeout timeout, Message message, Next next) {
  self_->request(whom, timeout, std::move(message))
      .then(
          [this, next, asked = round_](Answer& answer) {
            if (asked == round_)
              next(answer);
          },
          [this, asked = round_](const caf::error& what) {
            if (asked == round_)
              then_(as_failure(what));
          });
}

void mailbox_briefing::begin(wall_time refused, bool hurry, handler then) {
  ++round_;
  refused_ = refused;
  hurry_ = hurry;
  then_ = std::move(then);
  if (memory_.record.provider)
    load_provider();
  else
    load_cursor();
}

void mailbox_briefing::load_provider() {
  auto id = memory_.record.provider->value;
  ask<record_read>(
      around_.store, until_answered, read_record{{.in = family::providers, .owner = id}},
      [this](record_read& answer) {
        if (!answer.found)
          return then_(failure{errc::not_found, "the mailbox's provider does not exist"});
        memory_.provider = std::get<provider_record>(*std::move(answer.found));
        load_cursor();
      });
}

void mailbox_briefing::load_cursor() {
  ask<record_read>(around_.store, until_answered,
                   read_record{cursor_key(memory_.record.id, inbox_folder)},
                   [this](record_read& answer) {
                     memory_.cursor.reset();
                     if (answer.found)
                       memory_.cursor = std::get<cursor_record>(*std::move(answer.found));
                     load_actions();
                   });
}

void mailbox_briefing::load_actions() {
  ask<scan_page>(around_.store, until_answered,
                 scan_request{.in = family::owed_actions,
                              .owner = memory_.record.id.value,
                              .after = std::nullopt,
                              .limit = max_loaded_actions},
                 [this](scan_page& page) {
                   memory_.actions.clear();
                   for (auto& entry : page.records)
                     memory_.actions.push_back(std::get<owed_action_record>(std::move(entry)));
                   if (memory_.record.auth == mailbox_auth::password)
                     load_password();
                   else
                     ask_token();
                 });
}

void mailbox_briefing::load_password() {
  ask<record_read>(
      around_.store, until_answered, read_record{grant_key(memory_.record.id)},
      [this](record_read& answer) {
        if (!answer.found)
          return then_(failure{errc::sign_in_required, "there is no password for the mailbox"});
        then_(outcome{std::get<grant_record>(*answer.found).password, {}});
      });
}

void mailbox_briefing::ask_token() {
  ask<token_granted>(around_.providers, token_timeout,
                     request_token{*memory_.record.provider, memory_.record.id, refused_, hurry_},
                     [this](token_granted& token) {
                       then_(outcome{std::move(token.access_token), token.granted_at});
                     });
}

} // namespace mailfleet
