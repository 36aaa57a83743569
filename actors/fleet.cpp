#include "actors/fleet.hpp"

#include "actors/control.hpp"
#include "actors/guard.hpp"
#include "actors/mailboxes.hpp"
#include "actors/outbox.hpp"
#include "actors/providers.hpp"
#include "actors/store.hpp"

#include <caf/send.hpp>

#include <utility>

namespace mailfleet {

void fleet_root::init(world outside, fleet_settings settings, std::string version,
                      std::function<void(failure)> on_fatal) {
  on_fatal_ = std::move(on_fatal);
  log_ = outside.log;
  self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
  auto budget = byte_budget::make(settings.process_budget_bytes);
  auto durable = self_->spawn<caf::monitored>(store, outside.storage, outside.log);
  auto clouds = self_->spawn<caf::monitored>(providers,
                                             provider_surroundings{outside, settings, durable, {}});
  auto sent = std::make_shared<sent_index>();
  auto mails = self_->spawn<caf::monitored>(
      outbox, outbox_surroundings{outside, settings, durable, clouds, sent});
  auto boxes = self_->spawn<caf::monitored>(
      mailboxes, mailbox_surroundings{outside, settings, durable, clouds, {}, budget, sent, mails});
  control_ = self_->spawn<caf::monitored>(
      control, control_surroundings{outside, settings, durable, clouds, boxes, mails, budget,
                                    std::move(version)});
  await(clouds);
  await(boxes);
  keep(control_);
  keep(boxes);
  keep(mails);
  keep(clouds);
  keep(durable);
}

template <class Handle>
void fleet_root::keep(const Handle& handle) {
  members_.push_back(caf::actor_cast<caf::actor>(handle));
}

/// Until a supervisor knows all its children, one that is asked for might only not be read yet.
template <class Supervisor>
void fleet_root::await(const Supervisor& whom) {
  ++unready_;
  self_->request(whom, caf::infinite, await_children{})
      .then([this](const done&) { on_ready(); }, [](const caf::error&) {});
}

void fleet_root::on_ready() {
  if (--unready_ > 0)
    return;
  for (auto& [request, client] : std::exchange(early_, {}))
    self_->request(control_, caf::infinite, std::move(request))
        .then([client](control_answer& answer) mutable { client.deliver(std::move(answer)); },
              [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

caf::result<control_answer> fleet_root::pass_on(control_request& request) {
  if (stopping_)
    return as_error({errc::shutting_down, "mailfleet stops; ask again when it is back"});
  if (unready_ == 0)
    return self_->delegate(control_, std::move(request));
  auto client = self_->make_response_promise<control_answer>();
  early_.emplace_back(std::move(request), client);
  return client;
}

caf::result<fleet_stopped> fleet_root::stop() {
  stopping_ = true;
  stopped_ = self_->make_response_promise<fleet_stopped>();
  for (auto& [request, client] : std::exchange(early_, {}))
    client.deliver(as_error({errc::shutting_down, "mailfleet stops; ask again when it is back"}));
  stop_next();
  return stopped_;
}

/// Ends the first member that is left; `on_down` goes on with the next.
void fleet_root::stop_next() {
  if (!members_.empty())
    return self_->send_exit(members_.front(), caf::exit_reason::user_shutdown);
  stopped_.deliver(fleet_stopped{});
  self_->quit();
}

void fleet_root::on_down(const caf::down_msg& down) {
  std::erase_if(members_, [&](const caf::actor& member) { return member == down.source; });
  if (stopping_)
    return stop_next();
  log_->write(log_level::error, "a root actor ended", {{"reason", caf::to_string(down.reason)}});
  if (auto fatal = std::exchange(on_fatal_, nullptr))
    fatal({errc::internal, "a root actor ended; the log names it"});
}

fleet_actor::behavior_type fleet(fleet_actor::stateful_pointer<fleet_root> self, world outside,
                                 fleet_settings settings, std::string version,
                                 std::function<void(failure)> on_fatal) {
  guard(self, outside.log, fleet_root::name);
  self->state.init(std::move(outside), std::move(settings), std::move(version),
                   std::move(on_fatal));
  return {
      [self](control_request& request) { return self->state.pass_on(request); },
      [self](const stop_fleet&) { return self->state.stop(); },
  };
}

} // namespace mailfleet
