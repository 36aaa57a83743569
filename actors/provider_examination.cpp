#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "jobs/examination.hpp"

#include <memory>
#include <string_view>
#include <utility>

/// Looks at a provider for `mailfleet doctor`. A client secret that is refused is noted as for
/// any other request; nothing else is changed.
namespace mailfleet {

struct provider_machine::inspection {
  explicit inspection(caf::typed_response_promise<examination> to) : client{std::move(to)} {}

  void end() {
    ended = true;
    client.deliver(std::move(found));
  }

  caf::typed_response_promise<examination> client;
  examination found{};
  bool knows_addresses = false;
  /// What comes later comes too late.
  bool ended = false;
};

caf::result<examination> provider_machine::examine() {
  auto client = self_->make_response_promise<examination>();
  auto at = std::make_shared<inspection>(client);
  at->found.subject = record_.name;
  endpoint_->later(examination_budget, [this, at] { on_late(*at); });
  endpoint_->discover([this, at](const result<void>& reached) {
    if (at->ended)
      return;
    auto unreached = reached ? std::nullopt : std::optional{reached.error()};
    at->knows_addresses = true;
    at->found.findings.push_back(
        jobs::examine_discovery(endpoint_->where(), unreached, record_.name));
    examine_record(*at);
    if (unreached)
      return at->end();
    examine_credential(at);
  });
  return client;
}

/// What needs no answer from anywhere.
void provider_machine::examine_record(inspection& at) {
  at.found.findings.push_back(jobs::examine_secrets(record_, endpoint_->refused_secrets(), now()));
  for (auto& found : jobs::examine_expiries(record_))
    at.found.findings.push_back(std::move(found));
  at.found.findings.push_back(jobs::examine_redirect(record_, around_.settings.sign_in_origin));
}

/// A refresh token that is none: the answer is `invalid_grant` where the client's own
/// credential is good, as far as the server looks at the client first (RFC 6749 5.2 does not
/// say). An app asks for its own token.
void provider_machine::examine_credential(const std::shared_ptr<inspection>& at) {
  auto then = [this, at](token_endpoint::reply reply) {
    if (at->ended)
      return;
    std::optional<jobs::token_fault> fault;
    if (auto* ended = std::get_if<jobs::token_fault>(&reply))
      fault = std::move(*ended);
    at->found.findings.push_back(jobs::examine_credential(fault, record_.name));
    at->found.findings.push_back(jobs::examine_clock(endpoint_->clock_ahead()));
    at->end();
  };
  if (is_app_only())
    endpoint_->authenticate_app(0, std::move(then));
  else
    endpoint_->refresh(secret{"mailfleet-doctor"}, {}, 0, std::move(then));
}

void provider_machine::on_late(inspection& at) {
  if (at.ended)
    return;
  const auto* check = at.knows_addresses ? "client credential" : "addresses";
  at.found.findings.push_back(jobs::late_finding(check, examination_budget));
  if (!at.knows_addresses)
    examine_record(at);
  at.end();
}

} // namespace mailfleet
