#include "actors/provider.hpp"
#include "jobs/examination.hpp"

#include <memory>
#include <utility>

/// Looks at a provider for `mailfleet doctor`: asks, and changes nothing.
namespace mailfleet {

caf::result<examination> provider_machine::examine() {
  auto client = self_->make_response_promise<examination>();
  endpoint_->discover([this, client](const result<void>& reached) mutable {
    auto unreached = reached ? std::nullopt : std::optional{reached.error()};
    examination found;
    found.subject = record_.name;
    found.findings.push_back(jobs::examine_discovery(endpoint_->where(), unreached, record_.name));
    found.findings.push_back(jobs::examine_secrets(record_, endpoint_->refused_secrets(), now()));
    found.findings.push_back(jobs::examine_redirect(record_, around_.settings.sign_in_origin));
    if (unreached)
      return void(client.deliver(std::move(found)));
    examine_credential(std::move(found), client);
  });
  return client;
}

/// A refresh token that is none: the answer is `invalid_grant` where the client's own
/// credential is good. An app asks for its own token.
void provider_machine::examine_credential(examination found,
                                          caf::typed_response_promise<examination> client) {
  auto then = [this, found = std::move(found), client](token_endpoint::reply reply) mutable {
    std::optional<jobs::token_fault> fault;
    if (auto* ended = std::get_if<jobs::token_fault>(&reply))
      fault = std::move(*ended);
    found.findings.push_back(jobs::examine_credential(fault, record_.name));
    found.findings.push_back(jobs::examine_clock(endpoint_->clock_ahead()));
    client.deliver(std::move(found));
  };
  if (is_app_only())
    endpoint_->authenticate_app(0, std::move(then));
  else
    endpoint_->refresh(secret{"mailfleet-doctor"}, {}, 0, std::move(then));
}

} // namespace mailfleet
