#include "actors/limits.hpp"
#include "actors/providers.hpp"
#include "jobs/client_secrets.hpp"

#include <utility>

/// Changes of a provider's client secrets: durable first; then its actor goes on with
/// the new ones (docs/decisions/a-new-secret-needs-no-restart.md).
namespace mailfleet {

caf::result<provider_view> providers_supervisor::put(const put_secret& request) {
  return change_secrets(request.provider, event_kind::secret_added,
                        [added = request.added](provider_record who, const provider_view&) {
                          return jobs::with_secret(std::move(who), added);
                        });
}

caf::result<provider_view> providers_supervisor::drop(const drop_secret& request) {
  return change_secrets(request.provider, event_kind::secret_retired,
                        [number = request.number](provider_record who, const provider_view& shown) {
                          return jobs::without_secret(std::move(who), number, shown.secrets);
                        });
}

caf::result<provider_view>
providers_supervisor::change_secrets(const reference& which, event_kind told, secret_change make) {
  auto* whose = children_.find(which);
  if (!whose || whose->leaving)
    return as_error(unknown_provider(which));
  auto id = whose->view.record.id;
  auto client = self_->make_response_promise<provider_view>();
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::providers, .owner = id.value}})
      .then(
          [this, client, id, told, make = std::move(make)](record_read& answer) mutable {
            auto* found = children_.find(id);
            if (!found || !answer.found)
              return void(client.deliver(as_error({errc::not_found, "the provider was removed"})));
            auto had = std::get<provider_record>(*std::move(answer.found));
            auto version = had.header.version;
            auto next = make(std::move(had), found->view);
            if (!next)
              return void(client.deliver(as_error(next.error())));
            commit_secrets(*std::move(next), version, told, client);
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
  return client;
}

void providers_supervisor::commit_secrets(provider_record next, std::uint64_t version,
                                          event_kind told,
                                          caf::typed_response_promise<provider_view> client) {
  commit_request change;
  change.preconditions.push_back({key_of(next), version});
  change.puts.emplace_back(next);
  change.events.push_back(draft_event(told, next.id, around_.outside.clock->now()));
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, next](const commit_receipt&) mutable {
            auto* whose = children_.find(next.id);
            if (!whose)
              return void(client.deliver(as_error({errc::not_found, "the provider was removed"})));
            auto refused = jobs::refused_of(whose->view.secrets);
            whose->view.secrets = jobs::secret_views(next, refused, around_.outside.clock->now());
            client.deliver(whose->view);
            // One that waits for its restart reads the record then.
            if (whose->alive)
              self_->send(whose->handle, renew_secrets{std::move(next)});
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

} // namespace mailfleet
