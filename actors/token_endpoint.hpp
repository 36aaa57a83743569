#pragma once

#include "actors/world.hpp"
#include "jobs/client_secrets.hpp"
#include "jobs/oauth_faults.hpp"
#include "jobs/pace.hpp"
#include "jobs/provider_presets.hpp"
#include "jobs/secret_expiry.hpp"
#include "messages/actors.hpp"
#include "messages/values/oauth2.hpp"
#include "protocols/oauth2/client_assertion.hpp"
#include "protocols/oauth2/jwks.hpp"
#include "protocols/oauth2/requests.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace mailfleet {

/// A provider's identity server as its actor sees it: finds the endpoints, picks
/// the client secret and goes on to the next one when one is refused, bounds how
/// many requests are open and how many begin in a second. Secrets, certificates and
/// keys are in token_endpoint_proof.cpp. Every callback runs as a message of the
/// actor.
class token_endpoint {
public:
  using reply = std::variant<token_answer, jobs::token_fault>;
  using reply_handler = std::function<void(reply)>;
  using device_reply = std::variant<device_answer, jobs::token_fault>;

  token_endpoint(provider_actor::pointer self, world outside, provider_record provider,
                 std::size_t requests_per_second);

  // -- requests

  /// `granted_scope` is what the grant was given, blank-separated: nothing beyond it
  /// may be asked for (RFC 6749 6). Empty: not known.
  void refresh(secret refresh_token, std::string_view granted_scope, unsigned failures_before,
               reply_handler then);
  /// A token for the app itself, without any person.
  void authenticate_app(unsigned failures_before, reply_handler then);
  /// The same, for the directory that lists the app's secrets.
  void authenticate_for_directory(reply_handler then);
  /// What the directory lists of the app; any HTTP status is an answer. Waits for its
  /// turn as a token request does.
  void read_listing(secret token, std::function<void(result<http_response>)> then);
  void redeem(secret code, secret verifier, reply_handler then);
  /// A code that a person types in elsewhere (RFC 8628), and whether they did.
  void authorize_device(std::function<void(device_reply)> then);
  void poll_device(secret device_code, reply_handler then);

  /// Checks an id_token's signature with the issuer's keys, fetching them if they are
  /// not there or lack the key. An issuer that names no keys is vouched for by TLS
  /// alone (OpenID Connect Core 3.1.3.7, item 6).
  void verify(secret id_token, std::function<void(result<void>)> then);

  /// Who is told of a client secret that the server refused, the first time.
  void on_secret_refused(std::function<void(std::uint32_t, const jobs::token_fault&)> then) {
    tell_of_refused_ = std::move(then);
  }

  /// Calls `then` once the endpoints are known, or with why they are not.
  void discover(std::function<void(result<void>)> then);

  /// Answers the refreshes that wait for their turn with this fault; codes keep theirs.
  void fail_queued(const jobs::token_fault& fault);

  /// Goes on with the client secrets of this record.
  void renew(const provider_record& provider);

  /// Calls `then` after `wait`.
  void later(std::chrono::milliseconds wait, std::function<void()> then);

  // -- events

  void on_answer(http_answered& answer);

  // -- queries

  /// Valid after `discover`.
  [[nodiscard]] const jobs::resolved_provider& where() const {
    return where_;
  }
  /// By how much our clock was ahead of the server's at its last answer.
  [[nodiscard]] std::optional<std::chrono::seconds> clock_ahead() const;
  /// What names the certificates that stand in place of secrets.
  [[nodiscard]] jobs::certificate_prints prints();
  /// The client secrets that the server refused, and when.
  [[nodiscard]] const jobs::secret_refusals& refused_secrets() const {
    return refused_;
  }

private:
  /// One token request, kept so that it can be sent again with another secret.
  struct errand {
    std::function<oauth2::token_request(const oauth2::client_identity&)> make;
    unsigned failures_before = 0;
    /// Takes the body of a good answer, or why there is none.
    std::function<void(std::variant<std::string_view, jobs::token_fault>)> then;
    std::string jobs::resolved_provider::*where = &jobs::resolved_provider::token_endpoint;
    /// A person waits for it, or a code that ends soon.
    bool urgent = false;
    /// Set: this is asked instead of the token endpoint, and answered whole.
    std::optional<http_request> other{};
    std::function<void(result<http_response>)> answered{};
  };

  void run(errand what);
  void drain();
  void drain_later(std::chrono::milliseconds wait);
  void find_endpoints();
  void post(errand what);
  void on_posted(errand what, std::uint32_t secret_number, result<http_response>& outcome);
  void note_answer(std::vector<std::pair<std::string, std::string>> headers);
  void on_discovered(result<http_response>& outcome);
  void send(http_request request, std::function<void(result<http_response>&)> then);
  void next_errand();
  [[nodiscard]] const client_secret* choose_secret();
  [[nodiscard]] result<oauth2::client_identity> identify(const client_secret* chosen);
  [[nodiscard]] result<const oauth2::client_certificate*> certificate_of(const client_secret& held);
  [[nodiscard]] bool note_refused(std::uint32_t number, const jobs::token_fault& fault);
  void fetch_keys(std::function<void(result<void>)> then, unsigned attempt = 1);

  provider_actor::pointer self_;
  world outside_;
  provider_record provider_;
  jobs::resolved_provider where_;
  bool discovered_ = false;
  std::vector<std::function<void(result<void>)>> waiting_for_endpoints_;
  jobs::secret_refusals refused_;
  /// Those of them that were told of.
  std::set<std::uint32_t> told_of_refused_;
  /// Loaded when they are first used: an RSA key takes a while.
  std::map<std::uint32_t, oauth2::client_certificate> certificates_;
  std::function<void(std::uint32_t, const jobs::token_fault&)> tell_of_refused_;
  /// When the last of them was refused.
  wall_time refused_at_{};
  oauth2::jwk_set keys_;
  wall_time keys_fetched_at_{};
  /// Of the last answer: its headers, and when it came.
  std::vector<std::pair<std::string, std::string>> last_headers_;
  wall_time last_answer_at_{};
  std::size_t open_ = 0;
  std::deque<errand> queued_;
  jobs::pace pace_;
  bool draining_ = false;
  bool drain_planned_ = false;
  bool finding_ = false;
  std::uint64_t last_call_ = 0;
  std::unordered_map<std::uint64_t, std::function<void(result<http_response>&)>> calls_;
};

} // namespace mailfleet
