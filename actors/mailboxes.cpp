#include "actors/mailboxes.hpp"

#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/mailbox_setback.hpp"
#include "jobs/spread.hpp"

#include <caf/send.hpp>

#include <utility>
#include <vector>

namespace mailfleet {

namespace {

failure unknown(const reference& which) {
  return {errc::not_found, "there is no mailbox `" + printable(which.text)
                               + "`; `mailfleet mailbox list` shows those there are"};
}

} // namespace

void mailboxes_supervisor::init(mailbox_surroundings around) {
  around_ = std::move(around);
  around_.parent = mailboxes_actor{self_};
  self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
  self_->set_exit_handler([this](caf::exit_msg& exit) { on_exit(exit); });
  self_->send(around_.providers, follow_providers{});
  if (!around_.outbox)
    return self_->send(self_, load_children{});
  // A report that comes is tied to what was sent, which must be known by then.
  self_->request(around_.outbox, caf::infinite, await_children{})
      .then([this](const done&) { self_->send(self_, load_children{}); },
            [this](const caf::error& what) { self_->quit(what); });
}

// -- starting ----------------------------------------------------------------

void mailboxes_supervisor::load(const load_children& page) {
  self_
      ->request(around_.store, until_answered,
                scan_request{.in = family::mailboxes,
                             .owner = std::nullopt,
                             .after = page.after,
                             .limit = start_page_size})
      .then([this](scan_page& found) { on_loaded(found); },
            [this](const caf::error& what) { self_->quit(what); });
}

void mailboxes_supervisor::on_loaded(scan_page& page) {
  for (const auto& entry : page.records) {
    const auto& mailbox = std::get<mailbox_record>(entry);
    if (children_.find(mailbox.id))
      continue;
    auto wait = jobs::start_delay(loaded_++, around_.outside.random->fraction());
    start(admit(mailbox), mailbox, wait);
  }
  if (page.more)
    return self_->send(self_, load_children{key_of(page.records.back())});
  all_known_ = true;
  for (auto& client : std::exchange(waiting_, {}))
    client.deliver(done{});
}

mailboxes_supervisor::child& mailboxes_supervisor::admit(const mailbox_record& who) {
  mailbox_view view;
  view.record = without_secrets(who);
  return children_.admit(std::move(view), who.address);
}

void mailboxes_supervisor::start(child& whose, const mailbox_record& who,
                                 std::chrono::milliseconds first_wait) {
  children_.employ(whose,
                   self_->spawn<caf::linked + caf::monitored>(mailbox, around_, who, first_wait));
}

void mailboxes_supervisor::on_down(const caf::down_msg& down) {
  auto* whose = children_.note_end(down.source);
  if (!whose || stopping_ || whose->leaving)
    return;
  auto wait =
      children_.restart_wait(*whose, self_->clock().now(), around_.outside.random->fraction());
  around_.outside.log->write(
      log_level::warning, "mailbox restarts",
      {{"mailbox", to_string(whose->view.record.id)}, {"wait_ms", std::to_string(wait.count())}});
  send_later(self_, wait, restart_child{whose->view.record.id});
}

void mailboxes_supervisor::restart(entity_id id) {
  if (!children_.find(id) || stopping_)
    return;
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::mailboxes, .owner = id.value}})
      .then(
          [this, id](record_read& answer) {
            auto* whose = children_.find(id);
            // It may be removed meanwhile, or have been started by an earlier request.
            if (whose && answer.found && !whose->leaving && !whose->alive)
              start(*whose, std::get<mailbox_record>(*answer.found), {});
          },
          [this, id](const caf::error&) {
            self_->delayed_send(self_, restart_reread_wait, restart_child{id});
          });
}

// -- requests ----------------------------------------------------------------

caf::result<mailbox_view> mailboxes_supervisor::add(const start_mailbox& request) {
  if (children_.find(reference{request.record.address}))
    return as_error({errc::already_exists, "there is a mailbox `" + request.record.address
                                               + "` already; remove it first, or use another"});
  // The name is taken before the commit, so that two requests cannot both have it.
  admit(request.record).leaving = true;
  commit_request change;
  change.preconditions.push_back({key_of(request.record), 0});
  change.puts.emplace_back(request.record);
  if (request.grant)
    change.puts.emplace_back(*request.grant);
  change.events.push_back(
      draft_event(event_kind::mailbox_added, request.record.id, request.record.added_at));
  auto client = self_->make_response_promise<mailbox_view>();
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, who = request.record](const commit_receipt&) mutable {
            auto& whose = *children_.find(who.id);
            whose.leaving = false;
            start(whose, who, {});
            client.deliver(whose.view);
          },
          [this, client, id = request.record.id](caf::error& what) mutable {
            children_.dismiss(id);
            client.deliver(std::move(what));
          });
  return client;
}

caf::result<done> mailboxes_supervisor::remove(const reference& which) {
  auto* whose = children_.find(which);
  if (!whose || whose->leaving)
    return as_error(unknown(which));
  whose->leaving = true;
  auto client = self_->make_response_promise<done>();
  erase(*whose, client);
  return client;
}

void mailboxes_supervisor::erase(child& whose, caf::typed_response_promise<done> client) {
  auto id = whose.view.record.id;
  auto provider = whose.view.record.provider;
  self_->send_exit(whose.handle, caf::exit_reason::user_shutdown);
  commit_request change;
  change.deletes.push_back({.in = family::mailboxes, .owner = id.value});
  change.erased_owners.push_back(id);
  change.events.push_back(
      draft_event(event_kind::mailbox_removed, id, around_.outside.clock->now()));
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, id, provider](const commit_receipt&) mutable {
            children_.dismiss(id);
            if (provider)
              self_->send(around_.providers, forget_grant{*provider, id});
            if (around_.outbox)
              self_->send(around_.outbox, mailbox_altered{id});
            client.deliver(done{});
          },
          [this, client, id](caf::error& what) mutable {
            children_.find(id)->leaving = false;
            self_->send(self_, restart_child{id});
            client.deliver(std::move(what));
          });
}

caf::result<done> mailboxes_supervisor::await_all() {
  if (all_known_)
    return done{};
  return waiting_.emplace_back(self_->make_response_promise<done>());
}

caf::result<mailbox_list> mailboxes_supervisor::list(const list_views& request) {
  auto found = children_.views(request.only);
  if (!found)
    return as_error(unknown(*request.only));
  return mailbox_list{*std::move(found)};
}

caf::result<mailbox_view> mailboxes_supervisor::steer(const steer_mailbox& request) {
  auto* whose = children_.find(request.which);
  if (!whose || whose->leaving)
    return as_error(unknown(request.which));
  return self_->delegate(whose->handle, request);
}

caf::result<mailbox_view> mailboxes_supervisor::change(change_mailbox& request) {
  auto* whose = children_.find(request.which);
  if (!whose || whose->leaving)
    return as_error(unknown(request.which));
  return self_->delegate(whose->handle, std::move(request));
}

void mailboxes_supervisor::pass_on(const grant_changed& news) {
  if (auto* whose = children_.find(news.mailbox); whose && whose->handle)
    self_->send(whose->handle, news);
}

/// Those that wait because of their provider connect, not all at once: each needs a
/// token. A provider that comes and goes does not start this over and over. Each looks
/// for itself when its time has come; one that was restarted meanwhile connects anyway.
void mailboxes_supervisor::on_mended(const provider_mended& news) {
  auto now = self_->clock().now();
  if (auto& until = resuming_[news.provider]; until > now)
    return;
  std::vector<mailbox_actor> waiting;
  for (const auto& [id, whose] : children_)
    if (whose.alive && whose.view.record.provider == news.provider
        && jobs::waits_for_provider(whose.view))
      waiting.push_back(whose.handle);
  resuming_[news.provider] = now + jobs::resume_delay(waiting.size(), 1);
  for (const auto& mailbox : waiting)
    send_later(self_, mailbox,
               jobs::resume_delay(waiting.size(), around_.outside.random->fraction()), news);
}

void mailboxes_supervisor::on_changed(mailbox_view view) {
  children_.update(std::move(view));
}

/// Children are linked, so that none outlives its supervisor; their own ends come
/// as down messages.
void mailboxes_supervisor::on_exit(const caf::exit_msg& exit) {
  if (children_.find(exit.source))
    return;
  stopping_ = true;
  for (auto& [id, whose] : children_)
    if (whose.handle)
      self_->send_exit(whose.handle, exit.reason);
  self_->quit(exit.reason);
}

mailboxes_actor::behavior_type
mailboxes(mailboxes_actor::stateful_pointer<mailboxes_supervisor> self,
          mailbox_surroundings around) {
  guard(self, around.outside.log, mailboxes_supervisor::name);
  self->state.init(std::move(around));
  return {
      [self](const start_mailbox& request) { return self->state.add(request); },
      [self](const remove_entity& request) { return self->state.remove(request.which); },
      [self](const list_views& request) { return self->state.list(request); },
      [self](const await_children&) { return self->state.await_all(); },
      [self](const steer_mailbox& request) { return self->state.steer(request); },
      [self](change_mailbox& request) { return self->state.change(request); },
      [self](const grant_changed& news) { self->state.pass_on(news); },
      [self](const provider_mended& news) { self->state.on_mended(news); },
      [self](mailbox_changed& news) { self->state.on_changed(std::move(news.view)); },
      [self](const restart_child& due) { self->state.restart(due.id); },
      [self](const load_children& page) { self->state.load(page); },
  };
}

} // namespace mailfleet
