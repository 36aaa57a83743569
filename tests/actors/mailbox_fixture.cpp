#include "tests/actors/mailbox_fixture.hpp"

namespace mailfleet::test {

mailboxes_actor::behavior_type scripted_parent(std::shared_ptr<neighbours> play) {
  return {
      [](const start_mailbox&) -> caf::result<mailbox_view> {
        return caf::sec::unexpected_message;
      },
      [](const remove_entity&) -> caf::result<done> { return caf::sec::unexpected_message; },
      [](const list_views&) -> caf::result<mailbox_list> { return caf::sec::unexpected_message; },
      [](const await_children&) { return done{}; },
      [](const steer_mailbox&) -> caf::result<mailbox_view> {
        return caf::sec::unexpected_message;
      },
      [](const change_mailbox&) -> caf::result<mailbox_view> {
        return caf::sec::unexpected_message;
      },
      [](const grant_changed&) {},
      [](const provider_mended&) {},
      [play](const mailbox_changed& news) { play->views.push_back(news.view); },
      [](const restart_child&) {},
      [](const load_children&) {},
  };
}

providers_actor::behavior_type scripted_providers(std::shared_ptr<neighbours> play) {
  return {
      [play](const request_token& request) -> caf::result<token_granted> {
        play->asked.push_back(request);
        if (play->refusals.empty())
          return token_granted{secret{"token-" + std::to_string(play->asked.size())},
                               wall_time{std::chrono::seconds{play->asked.size()}},
                               wall_time::max()};
        auto what = play->refusals.front();
        play->refusals.pop_front();
        return as_error(what);
      },
      [](const begin_mailbox_sign_in&) -> caf::result<sign_in_started> {
        return caf::sec::unexpected_message;
      },
      [](const open_sign_in&) -> caf::result<sign_in_opened> {
        return caf::sec::unexpected_message;
      },
      [](const complete_sign_in&) -> caf::result<sign_in_outcome> {
        return caf::sec::unexpected_message;
      },
      [](const begin_mailbox_device_sign_in&) -> caf::result<device_sign_in_started> {
        return caf::sec::unexpected_message;
      },
      [](const look_at_provider&) -> caf::result<examination> {
        return caf::sec::unexpected_message;
      },
      [](const look_for_expiry&) -> caf::result<provider_view> {
        return caf::sec::unexpected_message;
      },
      [](const begin_consent&) -> caf::result<consent_link> {
        return caf::sec::unexpected_message;
      },
      [](const forget_grant&) {},
      [play](const grant_idle& news) { play->resting.push_back(news); },
      [](const start_provider&) -> caf::result<provider_view> {
        return caf::sec::unexpected_message;
      },
      [](const remove_entity&) -> caf::result<done> { return caf::sec::unexpected_message; },
      [](const put_secret&) -> caf::result<provider_view> { return caf::sec::unexpected_message; },
      [](const drop_secret&) -> caf::result<provider_view> { return caf::sec::unexpected_message; },
      [](const list_views&) -> caf::result<provider_list> { return caf::sec::unexpected_message; },
      [](const await_children&) { return done{}; },
      [](const follow_providers&) {},
      [](const provider_mended&) {},
      [](const grant_changed&) {},
      [](const provider_changed&) {},
      [](const restart_child&) {},
      [](const load_children&) {},
  };
}

outbox_actor::behavior_type scripted_outbox(std::shared_ptr<neighbours> play) {
  return {
      [](const begin_upload&) -> caf::result<upload_view> { return caf::sec::unexpected_message; },
      [](const append_upload&) -> caf::result<upload_view> { return caf::sec::unexpected_message; },
      [](const accept_mail&) -> caf::result<outbox_view> { return caf::sec::unexpected_message; },
      [](const retry_mail&) -> caf::result<outbox_view> { return caf::sec::unexpected_message; },
      [](const cancel_mail&) -> caf::result<outbox_view> { return caf::sec::unexpected_message; },
      [](const resolve_doubt&) -> caf::result<outbox_view> { return caf::sec::unexpected_message; },
      [](const report_outbox&) -> caf::result<outbox_figures> {
        return caf::sec::unexpected_message;
      },
      [](const await_children&) { return done{}; },
      [](const grant_changed&) {},
      [](const provider_mended&) {},
      [](const mailbox_altered&) {},
      [play](const mail_reported& news) { play->reports.push_back(news); },
      [](const mail_attempted&) {},
      [](const mail_composed&) {},
      [](const outbox_due&) {},
      [](const outbox_purge&) {},
      [](const load_children&) {},
  };
}

mailbox_actor mailbox_fixture::start(mailbox_record who) {
  world.log->records.emplace(key_of(who), who);
  if (who.provider)
    world.log->records.emplace(key_of(a_provider()), a_provider());
  mailbox_surroundings around{world.ports(),
                              {},
                              spawn(store, world.log, world.journal),
                              spawn(scripted_providers, play),
                              spawn(scripted_parent, play),
                              budget,
                              index,
                              spawn(scripted_outbox, play)};
  auto aut = spawn(mailbox, around, who, 0ms);
  pass(0ms);
  return aut;
}

} // namespace mailfleet::test
