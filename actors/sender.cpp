#include "actors/sender.hpp"

#include "actors/from_outside.hpp"
#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/outbox_content.hpp"
#include "jobs/outbox_events.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/fail_point.hpp"

#include <utility>
#include <variant>

namespace mailfleet {

namespace {

/// A mail has just become durable in this state.
void pass_durable([[maybe_unused]] outbox_status status) {
  switch (status) {
  case outbox_status::sending: MAILFLEET_FAIL_POINT("mail_sending"); break;
  case outbox_status::dot_sent: MAILFLEET_FAIL_POINT("mail_before_dot"); break;
  default: MAILFLEET_FAIL_POINT("mail_settled"); break;
  }
}

} // namespace

template <class Next>
void sender_machine::commit(outbox_progress next, std::vector<event_draft> events, Next then) {
  commit_request change;
  change.preconditions.push_back({key_in(family::outbox, mail_->key), mail_->header.version});
  // Until the commit is answered it says more than is durable: nobody looks at it before.
  mail_->progress = std::move(next);
  ++mail_->header.version;
  if (mail_->progress.status == outbox_status::sent)
    change.deletes = jobs::drop_content(*mail_);
  change.puts.emplace_back(*mail_);
  change.events = std::move(events);
  committing_ = true;
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, then](const commit_receipt&) {
            committing_ = false;
            pass_durable(mail_->progress.status);
            if (auto end = std::exchange(ended_, std::nullopt))
              return settle(*end);
            then();
          },
          // Whoever changed it meanwhile, or a store that is gone: nothing is known to
          // be durable, so nothing goes on. The outbox reads it again.
          [this](const caf::error& what) { self_->quit(what); });
}

void sender_machine::init(sender_surroundings around, entity_id mailbox) {
  access_.init(around.store, around.providers, mailbox);
  around_ = std::move(around);
}

// -- getting in --------------------------------------------------------------

void sender_machine::send(attempt_mail& what) {
  mail_ = std::move(what.mail);
  most_recipients_ = what.most_recipients;
  mailbox_failures_ = what.mailbox_failures;
  content_ = std::move(what.content);
  open_ = true;
  sent_dot_ = false;
  is_kept_ = ready_;
  auto begun = jobs::begin_attempt(mail_->progress, now());
  // It was cancelled, or sent by another: nothing of ours.
  if (!begun)
    return report_over(std::nullopt);
  // The server need not wait: nothing that cannot be taken back is done before the dot, and that
  // waits for this.
  commit(*std::move(begun), {}, [this] {
    if (auto wanted = std::exchange(dot_wanted_, std::nullopt))
      on(*wanted);
  });
  if (ready_)
    return submit();
  disconnect();
  get_in();
}

void sender_machine::get_in() {
  access_.load([this](result<void> loaded) {
    if (!loaded)
      return give_up(loaded.error());
    access_.get_credential([this](result<secret> credential) {
      if (!credential)
        return give_up(credential.error());
      open_session(*std::move(credential));
    });
  });
}

void sender_machine::open_session(secret credential) {
  send_settings settings;
  settings.mailbox = access_.mailbox().id;
  settings.server = jobs::smtp_endpoint(access_.mailbox(), access_.provider());
  if (settings.server.host.empty())
    return give_up({errc::not_found, std::string{jobs::no_smtp_server}});
  settings.user = access_.user();
  settings.auth = access_.mailbox().auth;
  settings.credential = std::move(credential);
  session_ = around_.outside.senders->open(
      std::move(settings), [to = caf::actor_cast<caf::weak_actor_ptr>(self_),
                            number = session_number_](send_event event) {
        send_from_outside<sender_actor>(to, send_reported{number, std::move(event)});
      });
}

void sender_machine::give_up(const failure& what) {
  // A mail whose content has begun is not sent with what is missing.
  disconnect();
  send_report report;
  report.trouble = what;
  conclude(report);
}

void sender_machine::disconnect() {
  session_.reset();
  ready_ = false;
  dot_wanted_.reset();
  max_bytes_.reset();
  ++session_number_;
  access_.cancel();
}

// -- sending -----------------------------------------------------------------

void sender_machine::on_report(send_reported& report) {
  if (report.session == session_number_ && session_)
    std::visit([this](const auto& event) { on(event); }, report.event);
}

void sender_machine::on(const send_session_ready& in) {
  ready_ = true;
  max_bytes_ = in.max_bytes.value_or(0);
  submit();
}

void sender_machine::submit() {
  submission what;
  what.envelope = mail_->mail.envelope;
  what.envelope.recipients = jobs::recipients_waiting(mail_->progress, most_recipients_);
  what.chunks = mail_->chunks;
  what.content = content_;
  what.envelope_id = to_string(mail_->key);
  session_->submit(std::move(what));
}

void sender_machine::on(const content_wanted& wanted) {
  is_kept_ = false;
  access_.read(key_in(family::bodies, mail_->key, wanted.part), "", [this](result<record> chunk) {
    bool is_lost =
        !chunk
        && (chunk.error().code == errc::not_found || chunk.error().code == errc::storage_corrupt);
    if (!chunk && !is_lost)
      return give_up(chunk.error());
    session_->give_content(chunk ? std::get<body_chunk>(*chunk).bytes : nullptr);
  });
}

/// Only the receipt of `sending` says that the mail is ours: a version counts any change, and what
/// another made of the mail meanwhile could pass for it.
void sender_machine::on(const dot_wanted& wanted) {
  is_kept_ = false;
  if (committing_) {
    dot_wanted_ = wanted;
    return;
  }
  auto next = jobs::before_dot(mail_->progress, wanted.recipients, now());
  if (!next)
    return give_up(next.error());
  commit(*std::move(next), {}, [this] {
    sent_dot_ = true;
    session_->send_dot();
  });
}

void sender_machine::on(const attempt_ended& end) {
  MAILFLEET_FAIL_POINT("mail_answered");
  conclude(end.report);
}

/// A session that was kept may have been closed before it heard of this mail: another is opened,
/// once.
void sender_machine::on(const send_session_closed& end) {
  disconnect();
  if (!open_)
    return;
  if (!std::exchange(is_kept_, false) || end.report.phase >= send_phase::body)
    return conclude(end.report);
  get_in();
}

/// What ends an attempt first says how: a session that closes behind its answer adds nothing.
void sender_machine::conclude(const send_report& report) {
  if (!std::exchange(open_, false))
    return;
  // Its last step is still being made durable.
  if (committing_)
    ended_ = report;
  else
    settle(report);
}

void sender_machine::settle(const send_report& report) {
  auto outcome = jobs::after_attempt(mail_->progress, report,
                                     {.auth = access_.mailbox().auth,
                                      .mailbox_failures = mailbox_failures_,
                                      .credential_was_renewed = access_.was_renewed(),
                                      .now = now(),
                                      .fraction = around_.outside.random->fraction()});
  if (outcome.rest) {
    access_.renew(outcome.rest->renew_credential);
    disconnect();
  }
  auto events = jobs::events_of(mail_->key, outcome, now());
  commit(std::move(outcome.mail), std::move(events),
         [this, rest = std::move(outcome.rest)] { report_over(rest); });
}

void sender_machine::report_over(std::optional<jobs::mailbox_rest> rest) {
  mail_attempted told{*std::exchange(mail_, std::nullopt), std::nullopt, max_bytes_, sent_dot_};
  content_.clear();
  open_ = false;
  if (rest)
    told.rest = jobs::diagnose(
        rest->diagnosis, rest->evidence,
        {.mailbox = access_.mailbox().address,
         .provider = access_.provider() ? std::string_view{access_.provider()->name} : ""},
        now(), rest->until);
  self_->send(caf::actor_cast<attempts_actor>(around_.parent), std::move(told));
  idle_since_ = self_->clock().now();
  if (!std::exchange(timed_, true))
    send_later(self_, sender_idle, wait_over{});
}

/// One timer at a time, which looks how long nothing came: a timer for each mail would cost more
/// than it is worth.
void sender_machine::on_wait_over() {
  timed_ = false;
  if (mail_)
    return;
  auto over = idle_since_ + sender_idle;
  auto now = self_->clock().now();
  if (now >= over)
    return self_->quit(caf::exit_reason::normal);
  timed_ = true;
  send_later(self_, std::chrono::ceil<std::chrono::milliseconds>(over - now), wait_over{});
}

sender_actor::behavior_type sender(sender_actor::stateful_pointer<sender_machine> self,
                                   sender_surroundings around, entity_id mailbox) {
  guard(self, around.outside.log, sender_machine::name);
  self->state.init(std::move(around), mailbox);
  return {
      [self](attempt_mail& what) { self->state.send(what); },
      [self](send_reported& report) { self->state.on_report(report); },
      [self](const wait_over&) { self->state.on_wait_over(); },
  };
}

} // namespace mailfleet
