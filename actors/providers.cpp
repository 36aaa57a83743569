#include "actors/providers.hpp"

#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"

#include <caf/send.hpp>

#include <utility>

namespace mailfleet {

namespace {

/// The state of a callback's query, which begins with the provider's id.
std::optional<entity_id> provider_of_query(std::string_view query) {
  constexpr std::string_view name = "state=";
  for (auto at = query.find(name); at != query.npos; at = query.find(name, at + 1))
    if (at == 0 || query[at - 1] == '&')
      return provider_of_ticket(query.substr(at + name.size(), query.find('&', at) - at));
  return std::nullopt;
}

} // namespace

failure unknown_provider(const reference& which) {
  return {errc::not_found, "there is no provider `" + printable(which.text)
                               + "`; `mailfleet provider list` shows those there are"};
}

void providers_supervisor::init(provider_surroundings around) {
  around_ = std::move(around);
  around_.parent = providers_actor{self_};
  self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
  self_->set_exit_handler([this](caf::exit_msg& exit) { on_exit(exit); });
  self_->send(self_, load_children{});
}

// -- starting ----------------------------------------------------------------

void providers_supervisor::load(const load_children& page) {
  self_
      ->request(around_.store, until_answered,
                scan_request{.in = family::providers,
                             .owner = std::nullopt,
                             .after = page.after,
                             .limit = start_page_size})
      .then([this](scan_page& found) { on_loaded(found); },
            [this](const caf::error& what) { self_->quit(what); });
}

void providers_supervisor::on_loaded(const scan_page& page) {
  for (const auto& entry : page.records) {
    const auto& who = std::get<provider_record>(entry);
    if (!children_.find(who.id))
      start(admit(who), who);
  }
  if (page.more)
    return self_->send(self_, load_children{key_of(page.records.back())});
  all_known_ = true;
  for (auto& client : std::exchange(waiting_, {}))
    client.deliver(done{});
}

providers_supervisor::child& providers_supervisor::admit(const provider_record& who) {
  provider_view view;
  view.record = without_secrets(who);
  return children_.admit(std::move(view), who.name);
}

void providers_supervisor::start(child& whose, const provider_record& who) {
  children_.employ(whose, self_->spawn<caf::linked + caf::monitored>(provider, around_, who));
}

void providers_supervisor::on_down(const caf::down_msg& down) {
  auto* whose = children_.note_end(down.source);
  if (stopping_)
    return leave_if_alone();
  if (!whose || whose->leaving)
    return;
  whose->view.state = provider_state::restarting;
  auto wait =
      children_.restart_wait(*whose, self_->clock().now(), around_.outside.random->fraction());
  around_.outside.log->write(
      log_level::warning, "provider restarts",
      {{"provider", whose->view.record.name}, {"wait_ms", std::to_string(wait.count())}});
  send_later(self_, wait, restart_child{whose->view.record.id});
}

void providers_supervisor::restart(entity_id id) {
  if (!children_.find(id) || stopping_)
    return;
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::providers, .owner = id.value}})
      .then(
          [this, id](record_read& answer) {
            auto* whose = children_.find(id);
            // It may be removed meanwhile, or have been started by an earlier request.
            if (whose && answer.found && !stopping_ && !whose->leaving && !whose->alive)
              start(*whose, std::get<provider_record>(*answer.found));
          },
          [this, id](const caf::error&) {
            self_->delayed_send(self_, restart_reread_wait, restart_child{id});
          });
}

// -- requests ----------------------------------------------------------------

caf::result<provider_view> providers_supervisor::add(const start_provider& request) {
  const auto& who = request.record;
  if (children_.find(reference{who.name}))
    return as_error({errc::already_exists, "there is a provider `" + who.name
                                               + "` already; remove it first, or use another "
                                                 "name"});
  // The name is taken before the commit, so that two requests cannot both have it.
  admit(who).leaving = true;
  commit_request change;
  change.preconditions.push_back({key_of(who), 0});
  change.puts.emplace_back(who);
  change.events.push_back(
      draft_event(event_kind::provider_added, who.id, around_.outside.clock->now()));
  auto client = self_->make_response_promise<provider_view>();
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, who](const commit_receipt&) mutable {
            auto& whose = *children_.find(who.id);
            whose.leaving = false;
            if (!stopping_)
              start(whose, who);
            client.deliver(whose.view);
          },
          [this, client, id = who.id](caf::error& what) mutable {
            children_.dismiss(id);
            client.deliver(std::move(what));
          });
  return client;
}

caf::result<done> providers_supervisor::remove(const reference& which) {
  auto* whose = children_.find(which);
  if (!whose || whose->leaving)
    return as_error(unknown_provider(which));
  whose->leaving = true;
  auto id = whose->view.record.id;
  commit_request change;
  change.deletes.push_back({.in = family::providers, .owner = id.value});
  change.erased_owners.push_back(id);
  change.events.push_back(
      draft_event(event_kind::provider_removed, id, around_.outside.clock->now()));
  auto client = self_->make_response_promise<done>();
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, id](const commit_receipt&) mutable {
            if (auto* gone = children_.find(id); gone->alive)
              self_->send_exit(gone->handle, caf::exit_reason::user_shutdown);
            children_.dismiss(id);
            client.deliver(done{});
          },
          [this, client, id](caf::error& what) mutable {
            auto& stays = *children_.find(id);
            stays.leaving = false;
            // What ended meanwhile was not started again.
            if (!stays.alive)
              self_->send(self_, restart_child{id});
            client.deliver(std::move(what));
          });
  return client;
}

caf::result<done> providers_supervisor::await_all() {
  if (all_known_)
    return done{};
  return waiting_.emplace_back(self_->make_response_promise<done>());
}

caf::result<provider_list> providers_supervisor::list(const list_views& request) {
  auto found = children_.views(request.only);
  if (!found)
    return as_error(unknown_provider(*request.only));
  return provider_list{*std::move(found)};
}

template <class Answer, class Message>
caf::result<Answer> providers_supervisor::pass_on(std::optional<entity_id> id, Message message) {
  auto* whose = id ? children_.find(*id) : nullptr;
  if (!whose || whose->leaving)
    return as_error({errc::not_found, "there is no provider for this; it was removed, or the "
                                      "address is not one of ours"});
  return self_->delegate(whose->handle, std::move(message));
}

void providers_supervisor::follow() {
  followers_.push_back(caf::actor_cast<provider_follower_actor>(self_->current_sender()));
}

template <class News>
void providers_supervisor::tell(const News& news) {
  for (const auto& follower : followers_)
    self_->send(follower, news);
}

template <class News>
void providers_supervisor::hand_down(const News& news) {
  if (auto* whose = children_.find(news.provider); whose && whose->handle)
    self_->send(whose->handle, news);
}

void providers_supervisor::on_changed(provider_view view) {
  children_.update(std::move(view));
}

/// Children are linked, so that none outlives its supervisor; their own ends come
/// as down messages. The supervisor stays until the last has made its tokens durable.
void providers_supervisor::on_exit(const caf::exit_msg& exit) {
  if (children_.find(exit.source))
    return;
  stopping_ = true;
  for (auto& [id, whose] : children_)
    if (whose.alive)
      self_->send_exit(whose.handle, exit.reason);
  leave_if_alone();
}

void providers_supervisor::leave_if_alone() {
  for (auto& [id, whose] : children_)
    if (whose.alive)
      return;
  self_->quit(caf::exit_reason::user_shutdown);
}

providers_actor::behavior_type
providers(providers_actor::stateful_pointer<providers_supervisor> self,
          provider_surroundings around) {
  guard(self, around.outside.log, providers_supervisor::name);
  self->state.init(std::move(around));
  return {
      [self](request_token& request) {
        return self->state.pass_on<token_granted>(request.provider, std::move(request));
      },
      [self](begin_mailbox_sign_in& request) {
        auto id = request.mailbox.provider;
        return self->state.pass_on<sign_in_started>(id, std::move(request));
      },
      [self](open_sign_in& request) {
        auto id = provider_of_ticket(request.ticket);
        return self->state.pass_on<sign_in_opened>(id, std::move(request));
      },
      [self](complete_sign_in& request) {
        auto id = provider_of_query(request.query);
        return self->state.pass_on<sign_in_outcome>(id, std::move(request));
      },
      [self](begin_mailbox_device_sign_in& request) {
        auto id = request.mailbox.provider;
        return self->state.pass_on<device_sign_in_started>(id, std::move(request));
      },
      [self](look_at_provider& request) {
        return self->state.pass_on<examination>(request.provider, std::move(request));
      },
      [self](look_for_expiry& request) {
        return self->state.pass_on<provider_view>(request.provider, std::move(request));
      },
      [self](begin_consent& request) {
        return self->state.pass_on<consent_link>(request.provider, std::move(request));
      },
      [self](const forget_grant& news) { self->state.hand_down(news); },
      [self](const grant_idle& news) { self->state.hand_down(news); },
      [self](const start_provider& request) { return self->state.add(request); },
      [self](const remove_entity& request) { return self->state.remove(request.which); },
      [self](const put_secret& request) { return self->state.put(request); },
      [self](const drop_secret& request) { return self->state.drop(request); },
      [self](const list_views& request) { return self->state.list(request); },
      [self](const await_children&) { return self->state.await_all(); },
      [self](const follow_providers&) { self->state.follow(); },
      [self](const provider_mended& news) { self->state.tell(news); },
      [self](const grant_changed& news) { self->state.tell(news); },
      [self](provider_changed& news) { self->state.on_changed(std::move(news.view)); },
      [self](const restart_child& due) { self->state.restart(due.id); },
      [self](const load_children& page) { self->state.load(page); },
  };
}

} // namespace mailfleet
