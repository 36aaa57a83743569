#include "actors/mailbox_face.hpp"

#include "actors/limits.hpp"

#include <utility>

namespace mailfleet {

void mailbox_face::enter(mailbox_state state) {
  if (state == mailbox_state::watching || state == mailbox_state::paused)
    calm();
  if (std::exchange(state_, state) != state) {
    log_state();
    if (state != mailbox_state::connecting && state != mailbox_state::syncing)
      append_event();
  }
  publish();
}

void mailbox_face::complain(diagnosis trouble) {
  if (trouble_ && trouble_->code == trouble.code)
    trouble.since = trouble_->since;
  trouble_ = std::move(trouble);
}

void mailbox_face::count(const jobs::ingest_step& step) {
  fetched_ += step.messages;
  fetched_bytes_ += step.bytes;
  if (step.messages > 0)
    last_arrival_ = around_.outside.clock->now();
  publish();
}

mailbox_view mailbox_face::view() const {
  mailbox_view shown;
  shown.record = without_secrets(memory_.record);
  if (memory_.provider) {
    shown.provider_name = memory_.provider->name;
    shown.service = memory_.provider->service;
  }
  shown.state = state_;
  shown.trouble = trouble_;
  if (memory_.cursor) {
    shown.validity = memory_.cursor->validity;
    shown.high_water = memory_.cursor->high_water;
    shown.owed = memory_.cursor->owed.size();
  }
  shown.fetched = fetched_;
  shown.fetched_bytes = fetched_bytes_;
  shown.last_arrival = last_arrival_;
  return shown;
}

void mailbox_face::publish() {
  self_->send(around_.parent, mailbox_changed{view()});
}

void mailbox_face::log_state() const {
  around_.outside.log->write(log_level::info, "mailbox state",
                             {{"mailbox", to_string(memory_.record.id)},
                              {"state", std::string{to_string(state_)}},
                              {"code", trouble_ ? trouble_->code : std::string{}}});
}

/// Appends the event of a state that someone may have to act on, or of its end.
void mailbox_face::append_event() {
  auto event =
      draft_event(event_kind::mailbox_state, memory_.record.id, around_.outside.clock->now());
  event.detail.append("{\"state\":\"").append(to_string(state_)).append("\"");
  if (trouble_)
    event.detail.append(",\"code\":\"").append(trouble_->code).append("\"");
  event.detail.append("}");
  commit_request request;
  request.events.push_back(std::move(event));
  // A missed state event is no loss: the view has the state.
  self_->request(around_.store, until_answered, std::move(request))
      .then([](const commit_receipt&) {}, [](const caf::error&) {});
}

} // namespace mailfleet
