#include "actors/control.hpp"
#include "actors/from_outside.hpp"
#include "jobs/provider_presets.hpp"
#include "jobs/validation.hpp"

#include <utility>

namespace mailfleet {

void control_desk::carry_out(show_certificate& command, client to) {
  if (auto valid = jobs::validate(command); !valid)
    return refuse(to, valid.error());
  mailbox_record alone;
  alone.imap = std::move(command.server);
  auto call = ++last_probe_;
  probes_.emplace(call, std::move(to));
  around_.outside.certificates->probe(
      jobs::imap_endpoint(alone, nullptr),
      [self = caf::actor_cast<caf::weak_actor_ptr>(self_), call](result<offered_certificate> seen) {
        send_from_outside<control_actor>(self, certificate_seen{call, std::move(seen)});
      });
}

void control_desk::on_seen(certificate_seen& answer) {
  auto node = probes_.extract(answer.call);
  if (node.empty())
    return;
  if (answer.outcome)
    finish(node.mapped(), *std::move(answer.outcome));
  else
    refuse(node.mapped(), answer.outcome.error());
}

} // namespace mailfleet
