#include "actors/control.hpp"

#include "actors/control_relay.hpp"
#include "actors/guard.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet {

namespace {

/// The name and subject of a command that changes something, for the audit log.
struct audited {
  const char* command = nullptr;
  std::string subject;
};

struct audit_words {
  audited operator()(const add_provider& x) const {
    return {"provider add", x.wanted.name};
  }
  audited operator()(const remove_provider& x) const {
    return {"provider remove", x.which.text};
  }
  audited operator()(const add_secret& x) const {
    return {"provider secret add", x.provider.text};
  }
  audited operator()(const retire_secret& x) const {
    return {"provider secret retire", x.provider.text + ' ' + std::to_string(x.number)};
  }
  audited operator()(const read_secret_expiry& x) const {
    return {"provider secret expiry", x.provider.text};
  }
  audited operator()(const request_consent& x) const {
    return {"provider consent-link", x.provider.text};
  }
  audited operator()(const begin_device_sign_in& x) const {
    return {"mailbox sign-in --device", x.mailbox.text};
  }
  audited operator()(const add_mailbox& x) const {
    return {"mailbox add", x.wanted.address};
  }
  audited operator()(const remove_mailbox& x) const {
    return {"mailbox remove", x.which.text};
  }
  audited operator()(const pause_mailbox& x) const {
    return {"mailbox pause", x.which.text};
  }
  audited operator()(const resume_mailbox& x) const {
    return {"mailbox resume", x.which.text};
  }
  audited operator()(const fetch_now& x) const {
    return {"mailbox fetch", x.which.text};
  }
  audited operator()(const replace_password& x) const {
    return {"mailbox password", x.which.text};
  }
  audited operator()(const submit_mail& x) const {
    return {"send", x.mailbox.text};
  }
  audited operator()(const retry_mail& x) const {
    return {"outbox retry", to_string(x.key)};
  }
  audited operator()(const cancel_mail& x) const {
    return {"outbox cancel", to_string(x.key)};
  }
  audited operator()(const resolve_doubt& x) const {
    return {"outbox resolve", to_string(x.key)};
  }
  audited operator()(const set_sending& x) const {
    return {"mailbox sending", x.which.text};
  }
  audited operator()(const set_servers& x) const {
    return {"mailbox servers", x.which.text};
  }
  audited operator()(const begin_sign_in& x) const {
    return {"mailbox sign-in", x.mailbox.text};
  }
  audited operator()(const complete_sign_in&) const {
    return {"sign-in complete", {}};
  }
  template <class Question>
  audited operator()(const Question&) const {
    return {};
  }
};

} // namespace

entity_id control_desk::fresh_id() {
  auto& random = *around_.outside.random;
  std::uint64_t value = 0;
  while (value == 0)
    for (auto byte : random.bytes(6))
      value = ((value << 8) | static_cast<unsigned char>(byte)) & max_entity_id;
  return {value};
}

void control_desk::init(control_surroundings around) {
  around_ = std::move(around);
  started_at_ = around_.outside.clock->now();
}

caf::result<control_answer> control_desk::handle(control_request& request) {
  auto promise = self_->make_response_promise<control_answer>();
  client to{promise, note_for(request)};
  std::visit([&](auto& command) { carry_out(command, std::move(to)); }, request.command);
  return promise;
}

// -- answering ---------------------------------------------------------------

std::optional<audit_record> control_desk::note_for(const control_request& request) const {
  auto words = std::visit(audit_words{}, request.command);
  if (!words.command)
    return std::nullopt;
  audit_record note;
  note.at = around_.outside.clock->now();
  note.actor = request.actor;
  note.command = words.command;
  note.subject = printable(words.subject);
  return note;
}

void control_desk::finish(client& to, control_answer answer) {
  note(to, "ok");
  to.promise.deliver(std::move(answer));
}

void control_desk::refuse(client& to, const failure& what) {
  note(to, to_string(what));
  to.promise.deliver(as_error(what));
}

/// Writes the audit record without keeping the client waiting for it.
void control_desk::note(client& of, std::string outcome) {
  if (!of.note)
    return;
  of.note->outcome = std::move(outcome);
  commit_request change;
  change.audit = std::exchange(of.note, std::nullopt);
  self_->request(around_.store, until_answered, std::move(change))
      .then([](const commit_receipt&) {},
            [log = around_.outside.log](const caf::error& what) {
              log->write(log_level::error, "audit record lost",
                         {{"code", std::string{to_string(as_failure(what).code)}}});
            });
}

control_actor::behavior_type control(control_actor::stateful_pointer<control_desk> self,
                                     control_surroundings around) {
  guard(self, around.outside.log, control_desk::name);
  self->state.init(std::move(around));
  return {
      [self](control_request& request) { return self->state.handle(request); },
      [self](certificate_seen& answer) { self->state.on_seen(answer); },
      [self](server_seen& answer) { self->state.on_seen(answer); },
  };
}

} // namespace mailfleet
