#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/provider.hpp"

#include <utility>

/// A sign-in on another device (RFC 8628): a person types a code in there, while the
/// token is asked for here.
namespace mailfleet {

caf::result<device_sign_in_started>
provider_machine::begin_device(const begin_mailbox_device_sign_in& request) {
  if (is_app_only())
    return as_error(no_sign_in_needed());
  if (devices_.size() >= max_open_device_sign_ins)
    return as_error({errc::overloaded, "too many sign-ins are open; they end by themselves"});
  auto client = self_->make_response_promise<device_sign_in_started>();
  endpoint_->discover([this, mailbox = request.mailbox,
                       client](const result<void>& reached) mutable {
    if (!reached)
      return void(client.deliver(as_error(reached.error())));
    if (endpoint_->where().device_endpoint.empty())
      return void(client.deliver(as_error(
          {errc::invalid_argument, "this provider has no sign-in by code; sign in with a browser: "
                                   "`mailfleet mailbox sign-in` without --device"})));
    endpoint_->authorize_device(
        [this, mailbox = std::move(mailbox), client](token_endpoint::device_reply reply) {
          on_device_code(mailbox, std::move(reply), client);
        });
  });
  return client;
}

void provider_machine::on_device_code(const mailbox_record& mailbox,
                                      token_endpoint::device_reply reply,
                                      caf::typed_response_promise<device_sign_in_started> client) {
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
    return void(client.deliver(as_error(fault->as_failure())));
  auto& answer = std::get<device_answer>(reply);
  auto number = ++last_device_;
  auto expires_at = now() + answer.expires_in;
  devices_.emplace(
      number, device_visit{mailbox, std::move(answer.device_code), answer.interval, expires_at});
  send_later(self_, answer.interval, device_poll_due{number});
  client.deliver(device_sign_in_started{std::move(answer.user_code),
                                        std::move(answer.verification_uri),
                                        std::move(answer.verification_uri_complete), expires_at});
}

void provider_machine::on_device_poll_due(const device_poll_due& look) {
  auto found = devices_.find(look.visit);
  if (found == devices_.end())
    return;
  if (now() >= found->second.expires_at) {
    auto mailbox = std::move(devices_.extract(found).mapped().mailbox);
    return tell_of_failed_sign_in(mailbox,
                                  {errc::sign_in_required, "nobody typed the code in in time"});
  }
  ++redeeming_;
  endpoint_->poll_device(found->second.device_code,
                         [this, number = look.visit](token_endpoint::reply reply) {
                           on_device_reply(number, std::move(reply));
                         });
}

void provider_machine::on_device_reply(std::uint64_t number, token_endpoint::reply reply) {
  auto found = devices_.find(number);
  if (found == devices_.end())
    return count_redeemed();
  auto& visit = found->second;
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply)) {
    if (fault->diagnosis == "device.slow_down")
      visit.interval += device_slow_down;
    else if (fault->code == errc::token_unavailable)
      visit.interval *= 2;
    if (fault->diagnosis == "device.pending" || is_temporary(fault->code)) {
      send_later(self_, visit.interval, device_poll_due{number});
      return count_redeemed();
    }
  }
  sign_in_desk::visit ended;
  ended.mailbox = std::move(devices_.extract(found).mapped().mailbox);
  on_redeemed(ended, std::move(reply),
              [this, id = ended.mailbox.id](const result<signed_in>& outcome) {
                if (outcome)
                  self_->send(around_.parent, grant_changed{id});
              });
}

} // namespace mailfleet
