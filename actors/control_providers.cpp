#include "actors/control_relay.hpp"
#include "jobs/addresses.hpp"
#include "jobs/provider_presets.hpp"
#include "jobs/validation.hpp"
#include "protocols/oauth2/client_assertion.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace mailfleet {

namespace {

/// Sees that key and certificate of a `private_key_jwt` client can be used, and takes
/// over when the certificate ends.
result<void> load_certificate(client_secret& held, client_auth auth, wall_time now) {
  if (auth != client_auth::private_key_jwt)
    return {};
  auto loaded = oauth2::load_pem_certificate(held.value);
  if (!loaded)
    return loaded.error();
  if (!loaded->sha256 && held.key_id.empty())
    return bad_field("key_id", "is empty, and there is no certificate to know the key by",
                     "add the certificate to the text, or give the key's name");
  if (loaded->not_after)
    held.expires_at = loaded->not_after;
  if (held.expires_at && *held.expires_at <= now)
    return bad_field("value", "holds a certificate that has expired", "give one that is valid");
  return {};
}

} // namespace

void control_desk::carry_out(add_provider& command, client to) {
  auto who = std::move(command.wanted);
  if (who.redirect_uri.empty())
    who.redirect_uri = jobs::redirect_uri_of(who.service, around_.settings.sign_in_origin);
  auto now = around_.outside.clock->now();
  if (auto valid = jobs::validate(who, now); !valid)
    return refuse(to, valid.error());
  who.header = {};
  who.id = fresh_id();
  std::uint32_t number = 0;
  for (auto& held : who.secrets) {
    if (auto loaded = load_certificate(held, who.auth, now); !loaded)
      return refuse(to, loaded.error());
    held.number = ++number;
    held.added_at = now;
    held.added_by = to.note ? to.note->actor : std::string{};
  }
  auto files = jobs::ca_files_of(who);
  look_at_ca_files({std::move(files), std::move(to), [this, who = std::move(who)](client& asker) {
                      relay<provider_view>(around_.providers, start_provider{who}, asker);
                    }});
}

void control_desk::carry_out(list_providers&, client to) {
  ask<provider_list>(around_.providers, list_views{}, std::move(to),
                     [this](provider_list& found, client& asker) {
                       with_counts(std::move(found), std::move(asker),
                                   [this](provider_list& counted, client& who) {
                                     finish(who, std::move(counted));
                                   });
                     });
}

void control_desk::carry_out(show_provider& command, client to) {
  ask<provider_list>(around_.providers, list_views{command.which}, std::move(to),
                     [this](provider_list& found, client& asker) {
                       with_counts(std::move(found), std::move(asker),
                                   [this](provider_list& counted, client& who) {
                                     finish(who, std::move(counted.providers.front()));
                                   });
                     });
}

/// Those of a list are in the order of their names. A provider does not know its mailboxes.
void control_desk::with_counts(provider_list providers, client to,
                               std::function<void(provider_list&, client&)> then) {
  sort_by_name(providers.providers);
  ask<mailbox_list>(around_.mailboxes, list_views{}, std::move(to),
                    [providers = std::move(providers),
                     then = std::move(then)](mailbox_list& all, client& asker) mutable {
                      count_mailboxes(providers.providers, all);
                      then(providers, asker);
                    });
}

void control_desk::sort_by_name(std::vector<provider_view>& providers) {
  std::ranges::sort(providers, jobs::stands_before,
                    [](const provider_view& view) -> std::string_view { return view.record.name; });
}

void control_desk::count_mailboxes(std::vector<provider_view>& of, const mailbox_list& all) {
  for (const auto& mailbox : all.mailboxes)
    for (auto& provider : of)
      if (provider.record.id == mailbox.record.provider)
        ++provider.mailboxes;
}

void control_desk::carry_out(remove_provider& command, client to) {
  with_provider(
      command.which, std::move(to), [this](const provider_record& provider, client& asker) {
        ask<mailbox_list>(
            around_.mailboxes, list_views{}, std::move(asker),
            [this, id = provider.id](mailbox_list& all, client& who) {
              for (const auto& mailbox : all.mailboxes)
                if (mailbox.record.provider == id)
                  return refuse(who, {errc::in_use, "the mailbox `" + mailbox.record.address
                                                        + "` uses this provider; remove its "
                                                          "mailboxes first"});
              relay<done>(around_.providers, remove_entity{{to_string(id)}}, std::move(who));
            });
      });
}

// -- client secrets ----------------------------------------------------------

void control_desk::carry_out(add_secret& command, client to) {
  command.wanted.added_at = around_.outside.clock->now();
  command.wanted.added_by = to.note ? to.note->actor : std::string{};
  with_provider(command.provider, std::move(to),
                [this, added = std::move(command.wanted)](const provider_record& provider,
                                                          client& asker) mutable {
                  auto now = around_.outside.clock->now();
                  if (auto valid = jobs::validate_secret(added, provider, now); !valid)
                    return refuse(asker, valid.error());
                  if (auto loaded = load_certificate(added, provider.auth, now); !loaded)
                    return refuse(asker, loaded.error());
                  relay<provider_view>(around_.providers,
                                       put_secret{{to_string(provider.id)}, std::move(added)},
                                       std::move(asker));
                });
}

void control_desk::carry_out(retire_secret& command, client to) {
  relay<provider_view>(around_.providers, drop_secret{command.provider, command.number},
                       std::move(to));
}

void control_desk::carry_out(read_secret_expiry& command, client to) {
  with_provider(
      command.provider, std::move(to), [this](const provider_record& provider, client& asker) {
        relay<provider_view>(around_.providers, look_for_expiry{provider.id}, std::move(asker));
      });
}

// -- consent -----------------------------------------------------------------

void control_desk::carry_out(request_consent& command, client to) {
  with_provider(
      command.provider, std::move(to), [this](const provider_record& provider, client& asker) {
        relay<consent_link>(around_.providers, begin_consent{provider.id}, std::move(asker));
      });
}

} // namespace mailfleet
