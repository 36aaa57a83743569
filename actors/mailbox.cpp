#include "actors/mailbox.hpp"

#include "actors/from_outside.hpp"
#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/provider_presets.hpp"
#include "jobs/validation.hpp"

#include <utility>

namespace mailfleet {

void mailbox_machine::init(mailbox_surroundings around, mailbox_record who,
                           std::chrono::milliseconds first_wait) {
  around_ = std::move(around);
  memory_.record = std::move(who);
  budget_ = byte_budget::make(around_.settings.mailbox_budget_bytes, around_.process_budget);
  briefing_.emplace(self_, around_, memory_);
  face_.emplace(self_, around_, memory_);
  face_->enter(memory_.record.paused ? mailbox_state::paused : mailbox_state::connecting);
  wait_for(first_wait);
}

// -- connecting --------------------------------------------------------------

void mailbox_machine::connect() {
  disconnect();
  if (memory_.record.paused)
    return rest();
  face_->enter(mailbox_state::connecting);
  credential_was_renewed_ = std::exchange(renew_credential_, false);
  briefing_->begin(credential_was_renewed_ ? granted_at_ : wall_time{},
                   std::exchange(hurry_, false), [this](result<mailbox_briefing::outcome> briefed) {
                     if (briefed)
                       open_session(*std::move(briefed));
                     else
                       give_up(briefed.error());
                   });
}

/// Says again and again that the grant is to be kept alive: a provider that was
/// restarted has forgotten it.
void mailbox_machine::rest() {
  face_->enter(mailbox_state::paused);
  const auto& who = memory_.record;
  if (who.provider && who.auth == mailbox_auth::oauth2)
    self_->send(around_.providers, grant_idle{*who.provider, who.id});
  wait_for(idle_notice_interval);
}

void mailbox_machine::open_session(mailbox_briefing::outcome briefed) {
  const auto& who = memory_.record;
  granted_at_ = briefed.granted_at;
  busy_ = true;
  session_settings settings;
  settings.mailbox = who.id;
  settings.server = jobs::imap_endpoint(who, memory_.provider ? &*memory_.provider : nullptr);
  settings.user = who.user.empty() ? who.address : who.user;
  settings.auth = who.auth;
  settings.credential = std::move(briefed.credential);
  settings.budget = budget_;
  session_ = around_.outside.sessions->open(
      std::move(settings), [to = caf::actor_cast<caf::weak_actor_ptr>(self_),
                            number = connection_](session_event event) {
        send_from_outside<mailbox_actor>(to, session_report{number, std::move(event)});
      });
}

// -- setbacks ----------------------------------------------------------------

void mailbox_machine::disconnect() {
  session_.reset();
  briefing_->cancel();
  ++connection_;
  ++wait_;
  busy_ = false;
  idle_ = false;
  looks_again_ = false;
  news_ = false;
  commits_under_way_ = 0;
  asked_.reset();
  owed_.clear();
  memory_.actions.clear();
  put_off_.clear();
}

jobs::setback_context mailbox_machine::context_of(errc code) {
  return {.auth = memory_.record.auth,
          .address = memory_.record.address,
          .provider = memory_.provider ? std::string_view{memory_.provider->name} : "",
          .failures = ++(is_temporary(code) ? failures_.passing : failures_.refusals),
          .credential_was_renewed = credential_was_renewed_,
          .now = now(),
          .fraction = around_.outside.random->fraction()};
}

void mailbox_machine::give_up(const failure& what) {
  fall_back(jobs::after_refusal(what, context_of(what.code)));
}

void mailbox_machine::fall_back(jobs::setback after) {
  disconnect();
  renew_credential_ = after.renew_credential;
  if (after.trouble)
    face_->complain(*std::move(after.trouble));
  face_->enter(after.state);
  wait_for(after.wait);
}

void mailbox_machine::wait_for(std::chrono::milliseconds wait) {
  send_later(self_, wait, wait_over{++wait_});
}

void mailbox_machine::on_wait_over(const wait_over& due) {
  if (due.wait != wait_)
    return;
  if (session_)
    look_at_owed();
  else
    connect();
}

void mailbox_machine::on_grant_changed() {
  failures_ = {};
  renew_credential_ = false;
  connect();
}

void mailbox_machine::on_mended() {
  // It may have found out by itself meanwhile, and work.
  if (jobs::waits_for_provider(face_->view()))
    on_grant_changed();
}

// -- control -----------------------------------------------------------------

caf::result<mailbox_view> mailbox_machine::steer(steer_mailbox::verb what) {
  if (what != steer_mailbox::verb::fetch) {
    auto client = self_->make_response_promise<mailbox_view>();
    set_paused(what == steer_mailbox::verb::pause, client);
    return client;
  }
  if (memory_.record.paused)
    return as_error({errc::precondition_failed,
                     "the mailbox is paused; `mailfleet mailbox resume` lets it go on"});
  news_ = true;
  // A person may know that it goes well now.
  owed_schedule_.wake();
  if (session_) {
    owe_again();
    next_work();
  } else if (face_->state() != mailbox_state::connecting) {
    hurry_ = true;
    connect();
  }
  return face_->view();
}

void mailbox_machine::set_paused(bool paused, caf::typed_response_promise<mailbox_view> client) {
  if (memory_.record.paused == paused)
    return void(client.deliver(face_->view()));
  auto next = memory_.record;
  next.paused = paused;
  rewrite(std::move(next), std::move(client), [this] {
    failures_ = {};
    face_->calm();
    connect();
  });
}

caf::result<mailbox_view> mailbox_machine::change(change_mailbox& request) {
  auto client = self_->make_response_promise<mailbox_view>();
  auto next = memory_.record;
  if (auto* sending = std::get_if<sending_settings>(&request.wanted)) {
    next.sending = std::move(*sending);
    rewrite(std::move(next), client, [this] {
      tell_outbox(false);
      face_->publish();
    });
  } else {
    next = jobs::with_servers(std::move(next), std::get<server_change>(std::move(request.wanted)));
    rewrite(std::move(next), client, [this] {
      tell_outbox(true);
      failures_ = {};
      face_->calm();
      connect();
    });
  }
  return client;
}

void mailbox_machine::tell_outbox(bool elsewhere) {
  if (around_.outbox)
    self_->send(around_.outbox, mailbox_altered{memory_.record.id, elsewhere});
}

void mailbox_machine::rewrite(mailbox_record next, caf::typed_response_promise<mailbox_view> client,
                              std::function<void()> then) {
  ++next.header.version;
  commit_request request;
  request.preconditions.push_back({key_of(memory_.record), memory_.record.header.version});
  request.puts.emplace_back(next);
  self_->request(around_.store, until_answered, std::move(request))
      .then(
          [this, next, client, then](const commit_receipt&) mutable {
            memory_.record = next;
            then();
            client.deliver(face_->view());
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

mailbox_actor::behavior_type mailbox(mailbox_actor::stateful_pointer<mailbox_machine> self,
                                     mailbox_surroundings around, mailbox_record who,
                                     std::chrono::milliseconds first_wait) {
  guard(self, around.outside.log, mailbox_machine::name);
  self->state.init(std::move(around), std::move(who), first_wait);
  return {
      [self](const steer_mailbox& request) { return self->state.steer(request.what); },
      [self](change_mailbox& request) { return self->state.change(request); },
      [self](const grant_changed&) { self->state.on_grant_changed(); },
      [self](const provider_mended&) { self->state.on_mended(); },
      [self](session_report& report) { self->state.on_report(report); },
      [self](const wait_over& due) { self->state.on_wait_over(due); },
  };
}

} // namespace mailfleet
