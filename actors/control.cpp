#include "actors/control.hpp"

#include "actors/control_relay.hpp"
#include "actors/guard.hpp"
#include "jobs/addresses.hpp"
#include "jobs/validation.hpp"

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

// -- mailboxes ---------------------------------------------------------------

void control_desk::carry_out(add_mailbox& command, client to) {
  if (command.provider.text.empty())
    return add_with(std::move(command), nullptr, std::move(to));
  auto which = command.provider;
  ask<provider_list>(
      around_.providers, list_views{which}, std::move(to),
      [this, command = std::move(command)](provider_list& found, client& asker) mutable {
        const auto& provider = found.providers.front().record;
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

void control_desk::carry_out(list_mailboxes& command, client to) {
  ask<mailbox_list>(around_.mailboxes, list_views{}, std::move(to),
                    [this, state = command.state](mailbox_list& found, client& asker) {
                      if (state)
                        std::erase_if(found.mailboxes, [&](const mailbox_view& view) {
                          return view.state != *state;
                        });
                      std::ranges::sort(found.mailboxes, jobs::stands_before,
                                        [](const mailbox_view& view) -> std::string_view {
                                          return view.record.address;
                                        });
                      finish(asker, std::move(found));
                    });
}

void control_desk::carry_out(show_mailbox& command, client to) {
  ask<mailbox_list>(around_.mailboxes, list_views{command.which}, std::move(to),
                    [this](mailbox_list& found, client& asker) {
                      finish(asker, std::move(found.mailboxes.front()));
                    });
}

void control_desk::carry_out(remove_mailbox& command, client to) {
  with_mailbox(command.which, std::move(to), [this](const mailbox_record& who, client& asker) {
    ask<done>(around_.mailboxes, remove_entity{{to_string(who.id)}}, std::move(asker),
              [this, id = who.id](done& gone, client& whom) {
                self_->send(around_.outbox, mailbox_altered{id});
                finish(whom, gone);
              });
  });
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
