#pragma once

#include "actors/sign_in_desk.hpp"
#include "actors/token_endpoint.hpp"
#include "actors/world.hpp"
#include "jobs/token_lifecycle.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mailfleet {

/// Whom and what a provider speaks to.
struct provider_surroundings {
  world outside;
  fleet_settings settings;
  store_actor store;
  providers_actor parent;
};

/// One app registration: keeps the grants of its mailboxes fresh and signs
/// people in. An access token is handed out only once it is durable.
class provider_machine {
public:
  static inline const char* name = "provider";

  explicit provider_machine(provider_actor::pointer self) : self_{self} {}

  void init(provider_surroundings around, provider_record who);

  // -- messages

  caf::result<token_granted> token(const request_token& request);
  caf::result<sign_in_started> begin(const begin_mailbox_sign_in& request);
  caf::result<sign_in_opened> open(const open_sign_in& request);
  caf::result<signed_in> complete(const complete_sign_in& request);
  void forget(entity_id owner);
  void rest(entity_id owner);
  void on_answer(http_answered& answer) {
    endpoint_->on_answer(answer);
  }
  void on_refresh_due(const refresh_due& look);
  void on_exit(const caf::exit_msg& exit);

private:
  /// A grant that the store has not taken yet, and what those who wait are told.
  struct unwritten_grant {
    grant_record grant;
    std::optional<failure> then_refuse;
  };

  /// A code that was redeemed, on its way to the disk.
  struct redeemed_visit {
    sign_in_desk::visit visit;
    token_answer answer;
    std::string subject;
    std::string account;
    caf::typed_response_promise<signed_in> client;
    int attempts = 0;
  };

  /// What is known of one owner's grant.
  struct grant_account {
    std::optional<grant_record> grant;
    bool busy = false;
    /// Its mailbox works; one that is paused has its grant kept alive.
    bool in_use = false;
    /// Faults in a row; until `not_before` all who ask get the last one.
    unsigned failures = 0;
    wall_time not_before{};
    /// Counts planned looks; the last one counts.
    std::uint64_t plan = 0;
    failure last_fault;
    std::optional<unwritten_grant> unwritten;
    std::vector<caf::typed_response_promise<token_granted>> waiting;
  };

  // -- tokens
  void serve(entity_id owner);
  void load(entity_id owner);
  void refresh(entity_id owner, jobs::refresh_with with);
  void on_reply(entity_id owner, jobs::refresh_with with, std::uint64_t asked_for,
                token_endpoint::reply reply);
  void on_fault(entity_id owner, jobs::refresh_with with, const jobs::token_fault& fault);
  void write(entity_id owner, grant_record next, std::optional<failure> then_refuse);
  void on_write_failed(entity_id owner, unwritten_grant what, const failure& why);
  void settle(entity_id owner, const std::optional<failure>& refused);
  void plan_refresh(entity_id owner);
  void look_again(entity_id owner, std::chrono::milliseconds wait);

  // -- sign-in
  void send_to_provider(const sign_in_desk::visit& visit,
                        caf::typed_response_promise<sign_in_opened> browser);
  void redeem(sign_in_desk::visit visit, secret code,
              caf::typed_response_promise<signed_in> client);
  void on_redeemed(const sign_in_desk::visit& visit, token_endpoint::reply reply,
                   caf::typed_response_promise<signed_in> client);
  void keep(std::shared_ptr<redeemed_visit> what);
  void keep_with(std::shared_ptr<redeemed_visit> what, const mailbox_record& mailbox);
  void commit_sign_in(std::shared_ptr<redeemed_visit> what, const mailbox_record& mailbox,
                      grant_record next);
  void end_sign_in(redeemed_visit& what, const failure& why);
  void count_redeemed();

  // -- what others see
  void publish();
  [[nodiscard]] bool is_idle() const;

  [[nodiscard]] wall_time now() const {
    return around_.outside.clock->now();
  }
  [[nodiscard]] double fraction() const {
    return around_.outside.random->fraction();
  }

  provider_actor::pointer self_;
  provider_surroundings around_;
  provider_record record_;
  std::unique_ptr<token_endpoint> endpoint_;
  std::unique_ptr<sign_in_desk> desk_;
  std::unordered_map<entity_id, grant_account> accounts_;
  /// A fault that concerns every mailbox of the provider.
  std::optional<jobs::token_fault> outage_;
  wall_time outage_since_{};
  std::uint64_t refreshes_ = 0;
  /// Codes that are being redeemed: a stop waits for them.
  std::size_t redeeming_ = 0;
  bool stopping_ = false;
};

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_machine> self,
                                       provider_surroundings around, provider_record who);

} // namespace mailfleet
