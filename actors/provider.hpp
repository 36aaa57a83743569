#pragma once

#include "actors/sign_in_desk.hpp"
#include "actors/token_endpoint.hpp"
#include "actors/world.hpp"
#include "jobs/outage_gate.hpp"
#include "jobs/secret_expiry.hpp"
#include "jobs/token_lifecycle.hpp"
#include "messages/actors.hpp"
#include "protocols/oauth2/responses.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
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
/// people in. An access token is handed out only once it is durable. Who asks for a
/// token is met in provider.cpp, refreshing is in provider_refresh.cpp, sign-ins are in
/// provider_sign_in.cpp and provider_device.cpp, the doctor's look is in
/// provider_examination.cpp, client secrets and what others see of
/// it in provider_secrets.cpp, when they end by the directory in provider_expiry.cpp.
class provider_machine {
public:
  static inline const char* name = "provider";

  explicit provider_machine(provider_actor::pointer self) : self_{self} {}

  void init(provider_surroundings around, provider_record who);

  // -- messages

  caf::result<token_granted> token(const request_token& request);
  caf::result<sign_in_started> begin(const begin_mailbox_sign_in& request);
  caf::result<sign_in_opened> open(const open_sign_in& request);
  caf::result<sign_in_outcome> complete(const complete_sign_in& request);
  caf::result<device_sign_in_started> begin_device(const begin_mailbox_device_sign_in& request);
  caf::result<consent_link> ask_consent();
  caf::result<examination> examine();
  caf::result<provider_view> read_expiry();
  void forget(entity_id owner);
  void rest(entity_id owner);
  void on_answer(http_answered& answer) {
    endpoint_->on_answer(answer);
  }
  void on_refresh_due(const refresh_due& look);
  void on_secrets_due(const secrets_due& look);
  void on_expiry_due(const expiry_due& look);
  void renew(provider_record next);
  void on_device_poll_due(const device_poll_due& look);
  void on_exit(const caf::exit_msg& exit);

private:
  /// A grant that the store has not taken yet, and what those who wait are told.
  struct unwritten_grant {
    grant_record grant;
    std::optional<failure> then_refuse;
  };

  /// Told how a sign-in ended.
  using visit_end = std::function<void(result<signed_in>)>;

  /// A code that was redeemed, on its way to the disk.
  struct redeemed_visit {
    sign_in_desk::visit visit;
    token_answer answer;
    std::string subject;
    std::string account;
    visit_end then;
    int attempts = 0;
  };

  /// A person has a code to type in elsewhere.
  struct device_visit {
    mailbox_record mailbox;
    secret device_code;
    std::chrono::seconds interval{};
    wall_time expires_at{};
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
    /// When that was decided: a clock that was set back before it ends the wait.
    wall_time refused_at{};
    /// It failed before it went well: its mailbox may be waiting.
    bool recovers = false;
    /// A person asked for the token.
    bool hurry = false;
    /// Counts planned looks; the last one counts.
    std::uint64_t plan = 0;
    failure last_fault;
    std::optional<unwritten_grant> unwritten;
    std::vector<caf::typed_response_promise<token_granted>> waiting;
  };

  /// Looks into the directory for when the secrets end.
  struct expiry_looks {
    /// Counts planned looks; the last one counts.
    std::uint64_t plan = 0;
    unsigned failures = 0;
    bool busy = false;
    std::optional<expiry_look> last;
    std::vector<caf::typed_response_promise<provider_view>> waiting;
  };

  // -- tokens
  void serve(entity_id owner);
  void load(entity_id owner);
  void refresh(entity_id owner, jobs::refresh_with with);
  void on_reply(entity_id owner, jobs::refresh_with with, std::uint64_t asked_for,
                token_endpoint::reply reply);
  void on_fault(entity_id owner, jobs::refresh_with with, const jobs::token_fault& fault,
                bool gate_closed);
  void write(entity_id owner, grant_record next, std::optional<failure> then_refuse);
  void on_write_failed(entity_id owner, unwritten_grant what, const failure& why);
  void settle(entity_id owner, const std::optional<failure>& refused);
  void plan_refresh(entity_id owner);
  void look_again(entity_id owner, std::chrono::milliseconds wait);
  [[nodiscard]] bool close_gate(entity_id owner, const jobs::token_fault& fault);
  void mended();
  [[nodiscard]] std::optional<wall_time> next_refresh(const grant_account& account) const;
  [[nodiscard]] bool is_provider_wide(const jobs::token_fault& fault) const;
  [[nodiscard]] bool is_young(const grant_record& grant) const;
  [[nodiscard]] bool is_app_only() const {
    return record_.flow == grant_flow::app_only;
  }
  /// Whose grant serves this mailbox: its own, or that of the app.
  [[nodiscard]] entity_id grant_owner(entity_id mailbox) const {
    return is_app_only() ? record_.id : mailbox;
  }
  [[nodiscard]] bool can_refresh(const grant_record& grant) const {
    return is_app_only() || jobs::can_refresh(grant);
  }

  void leave_app(entity_id mailbox);
  void write_unless_removed(entity_id owner, unwritten_grant what, const failure& why);

  // -- client secrets
  void look_at_secrets();
  void tell_of_secrets();
  void plan_secrets();
  void on_secret_refused(std::uint32_t number, const jobs::token_fault& why);

  // -- when they end, from the directory
  void plan_expiry(std::chrono::milliseconds wait);
  void expect_listing_of(const provider_record& next);
  void look_for_expiry_now();
  void on_listing(const result<http_response>& outcome);
  void keep_listed(std::vector<app_credential> listing, int attempt);
  void take_listed(const provider_record& next);
  void refuse_expiry_look(const failure& why);
  void end_expiry_look(const std::optional<jobs::expiry_fault>& ended);

  // -- sign-in
  void send_to_provider(const sign_in_desk::opened& opened,
                        caf::typed_response_promise<sign_in_opened> browser);
  void redeem(sign_in_desk::visit visit, secret code, visit_end then);
  void on_redeemed(const sign_in_desk::visit& visit, token_endpoint::reply reply, visit_end then);
  void on_genuine(std::shared_ptr<redeemed_visit> what);
  void keep(std::shared_ptr<redeemed_visit> what);
  void keep_with(std::shared_ptr<redeemed_visit> what, const mailbox_record& mailbox);
  void commit_sign_in(std::shared_ptr<redeemed_visit> what, const mailbox_record& mailbox,
                      grant_record next);
  void keep_again(std::shared_ptr<redeemed_visit> what, const failure& why);
  void end_sign_in(redeemed_visit& what, const failure& why);
  void tell_of_failed_sign_in(const mailbox_record& mailbox, const failure& why);
  caf::error refuse_sign_in(const mailbox_record& mailbox, const failure& why);
  void count_redeemed();
  result<consent_link> make_consent_link();
  caf::result<sign_in_outcome> complete_consent(const oauth2::callback_query& query);

  // -- sign-in on another device
  void on_device_code(const mailbox_record& mailbox, token_endpoint::device_reply reply,
                      caf::typed_response_promise<device_sign_in_started> client);
  void on_device_reply(std::uint64_t number, token_endpoint::reply reply);

  // -- the doctor's look
  struct inspection;
  void examine_record(inspection& at);
  void examine_credential(const std::shared_ptr<inspection>& at);
  void on_late(inspection& at);

  // -- what others see
  [[nodiscard]] provider_view view() const;
  void publish();
  void append(entity_id about, event_kind kind, std::string detail);
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
  /// The looks at grants that end on one tick, by its number: a `refresh_due` without an
  /// owner is for all of them.
  std::unordered_map<std::uint64_t, std::vector<refresh_due>> looks_;
  /// The mailboxes that asked for the app's token and did not rest since.
  std::set<entity_id> app_users_;
  std::unordered_map<std::uint64_t, device_visit> devices_;
  std::uint64_t last_device_ = 0;
  jobs::outage_gate gate_;
  /// The state last told of by an event.
  provider_state told_state_ = provider_state::ready;
  wall_time told_at_{};
  std::uint64_t secrets_plan_ = 0;
  expiry_looks expiry_;
  std::uint64_t refreshes_ = 0;
  /// Codes that are being redeemed: a stop waits for them.
  std::size_t redeeming_ = 0;
  bool stopping_ = false;
};

/// What is said of a sign-in at a provider that signs in as an app.
[[nodiscard]] failure no_sign_in_needed();

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_machine> self,
                                       provider_surroundings around, provider_record who);

} // namespace mailfleet
