#include "actors/control_relay.hpp"
#include "jobs/examination.hpp"

#include <utility>

namespace mailfleet {

void control_desk::carry_out(examine_provider& command, client to) {
  with_provider(
      command.which, std::move(to), [this](const provider_record& provider, client& asker) {
        relay<examination>(around_.providers, look_at_provider{provider.id}, std::move(asker));
      });
}

void control_desk::carry_out(examine_mailbox& command, client to) {
  ask<mailbox_list>(around_.mailboxes, list_views{command.which}, std::move(to),
                    [this](mailbox_list& found, client& asker) {
                      examine_with(std::move(found.mailboxes.front()), std::move(asker));
                    });
}

void control_desk::examine_with(mailbox_view shown, client to) {
  if (!shown.record.provider)
    return finish(to,
                  examination{shown.record.address, jobs::findings_of(shown, nullptr, nullptr)});
  auto provider = shown.record.provider->value;
  ask<record_read>(
      around_.store, read_record{{.in = family::providers, .owner = provider}}, std::move(to),
      [this, shown = std::move(shown)](record_read& answer, client& asker) mutable {
        if (!answer.found)
          return refuse(asker, {errc::not_found, "the mailbox's provider does not exist"});
        auto who = std::get<provider_record>(*std::move(answer.found));
        auto owner = who.flow == grant_flow::app_only ? who.id : shown.record.id;
        ask<record_read>(
            around_.store, read_record{grant_key(owner)}, std::move(asker),
            [this, who, shown = std::move(shown)](record_read& had, client& last) {
              auto where = jobs::resolve(who);
              const auto* grant = had.found ? std::get_if<grant_record>(&*had.found) : nullptr;
              finish(last, examination{shown.record.address,
                                       jobs::findings_of(shown, grant, where ? &*where : nullptr)});
            });
      });
}

} // namespace mailfleet
