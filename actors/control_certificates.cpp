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

// -- CA files ---------------------------------------------------------------

void control_desk::look_at_ca_files(ca_file_look look) {
  if (look.at == look.files.size())
    return look.then(look.asker);
  server_probe what;
  what.only_ca_file = true;
  what.server.ca_file = look.files[look.at].path;
  auto number = ++last_visit_;
  ca_file_looks_.emplace(number, std::move(look));
  around_.outside.probes->probe(
      std::move(what),
      [self = caf::actor_cast<caf::weak_actor_ptr>(self_), number](probe_report seen) {
        send_from_outside<control_actor>(self, server_seen{number, 0, std::move(seen)});
      });
}

bool control_desk::on_ca_file_seen(const server_seen& answer) {
  auto node = ca_file_looks_.extract(answer.visit);
  if (node.empty())
    return false;
  auto& look = node.mapped();
  if (const auto& trouble = answer.report.trouble) {
    refuse(look.asker, jobs::ca_file_fault(look.files[look.at], *trouble));
    return true;
  }
  ++look.at;
  look_at_ca_files(std::move(look));
  return true;
}

} // namespace mailfleet
