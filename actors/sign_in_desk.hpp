#pragma once

#include "messages/ports/random.hpp"
#include "messages/values/control.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "protocols/oauth2/pkce.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mailfleet {

/// The sign-ins and consents of one provider that people have begun and not finished.
/// Tickets and states begin with the provider's id, which leads the browser back to
/// the right actor; each is good once, and for its life. They are kept as SHA-256
/// digests only. Nothing of it is durable: a sign-in that a restart interrupts is
/// begun again.
class sign_in_desk {
public:
  /// A person is at the provider's pages.
  struct visit {
    mailbox_record mailbox;
    std::optional<sign_in_prompt> prompt;
    std::string nonce;
    oauth2::pkce_pair proof;
    secret browser_binding;
    wall_time expires_at{};
    bool told_of_other_browser = false;
  };

  sign_in_desk(entity_id provider, random_source& random) : provider_{provider}, random_{random} {}

  /// A one-time ticket. Fails with `overloaded`.
  [[nodiscard]] result<std::string> begin(mailbox_record mailbox,
                                          std::optional<sign_in_prompt> prompt, wall_time now);

  /// A visit that begins, and the state that leads back to it.
  struct opened {
    visit begun;
    std::string state;
  };

  /// Takes the ticket. Fails with `not_found`.
  [[nodiscard]] result<opened> open(std::string_view ticket, wall_time now);

  /// Takes the visit of that state. Fails with `not_found`; with
  /// `invalid_argument` if the browser is another than the one that opened it,
  /// which may still come back.
  [[nodiscard]] result<visit> close(std::string_view state, const secret& browser_binding,
                                    wall_time now);

  /// The mailbox of a visit that another browser came back to; nothing the second time,
  /// so that whoever repeats it fills no log.
  [[nodiscard]] std::optional<mailbox_record> note_other_browser(std::string_view state);

  /// The state of an administrator's consent, good for `consent_life`: whoever is sent
  /// its address may use it, so it is bound to no browser. Fails with `overloaded`.
  [[nodiscard]] result<std::string> begin_consent(wall_time now);

  /// Takes a consent's state; whether there was one.
  [[nodiscard]] bool close_consent(std::string_view state, wall_time now);

private:
  struct ticket {
    mailbox_record mailbox;
    std::optional<sign_in_prompt> prompt;
    wall_time expires_at{};
  };

  [[nodiscard]] std::string fresh_text();
  void sweep(wall_time now);
  [[nodiscard]] result<void> check_room() const;

  entity_id provider_;
  random_source& random_;
  std::unordered_map<std::string, ticket> tickets_;
  std::unordered_map<std::string, visit> visits_;
  std::unordered_map<std::string, wall_time> consents_;
};

/// The provider that a ticket or state belongs to; nothing for any other text.
[[nodiscard]] std::optional<entity_id> provider_of_ticket(std::string_view text);

} // namespace mailfleet
