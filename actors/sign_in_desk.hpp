#pragma once

#include "messages/ports/random.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "protocols/oauth2/pkce.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mailfleet {

/// The sign-ins of one provider that people have begun and not finished. Tickets
/// and states begin with the provider's id, which leads the browser back to the
/// right actor; each is good once, and for `sign_in_life`. Nothing of it is
/// durable: a sign-in that a restart interrupts is begun again.
class sign_in_desk {
public:
  /// A person is at the provider's pages.
  struct visit {
    mailbox_record mailbox;
    std::string state;
    std::string nonce;
    oauth2::pkce_pair proof;
    secret browser_binding;
    wall_time expires_at{};
  };

  sign_in_desk(entity_id provider, random_source& random) : provider_{provider}, random_{random} {}

  /// A one-time ticket. Fails with `overloaded`.
  [[nodiscard]] result<std::string> begin(mailbox_record mailbox, wall_time now);

  /// Takes the ticket. Fails with `not_found`.
  [[nodiscard]] result<visit> open(std::string_view ticket, wall_time now);

  /// Takes the visit of that state. Fails with `not_found`; with
  /// `invalid_argument` if the browser is another than the one that opened it,
  /// in which case the visit is gone too.
  [[nodiscard]] result<visit> close(std::string_view state, const secret& browser_binding,
                                    wall_time now);

private:
  struct ticket {
    mailbox_record mailbox;
    wall_time expires_at{};
  };

  [[nodiscard]] std::string fresh_text();
  void sweep(wall_time now);

  entity_id provider_;
  random_source& random_;
  std::unordered_map<std::string, ticket> tickets_;
  std::unordered_map<std::string, visit> visits_;
};

/// The provider that a ticket or state belongs to; nothing for any other text.
[[nodiscard]] std::optional<entity_id> provider_of_ticket(std::string_view text);

} // namespace mailfleet
