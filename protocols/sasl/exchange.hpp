#pragma once

#include "protocols/sasl/error_challenge.hpp"
#include "protocols/sasl/mechanism.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::sasl {

/// Who signs in, where, with what.
struct identity {
  std::string user;
  /// Access token or password, as the mechanism wants.
  secret credential;
  /// The server's name and port as configured (OAUTHBEARER names them).
  std::string host;
  std::uint16_t port = 0;
};

/// The client's side of one authentication exchange (RFC 4422). All texts are
/// base64, without line ends. One thread at a time.
class exchange {
public:
  exchange(mechanism which, identity who);

  /// Fails with `invalid_argument` if user or credential holds a byte that the
  /// mechanism uses to separate fields. Ask before anything is sent.
  [[nodiscard]] result<void> check() const;

  /// Bytes of the initial response; 0 if the mechanism lets the server speak first.
  [[nodiscard]] std::size_t initial_size() const;

  /// The initial response; nothing if the mechanism lets the server speak first.
  [[nodiscard]] std::optional<secret> initial_response();

  /// Answers a challenge, the initial response to an empty one if it was not
  /// sent yet. Fails with `protocol_violation` when there is nothing left to say.
  [[nodiscard]] result<secret> answer(std::string_view challenge);

  /// The server's reason, if it gave one before it refused.
  [[nodiscard]] const std::optional<error_challenge>& refusal() const noexcept {
    return refusal_;
  }

private:
  [[nodiscard]] secret first_message() const;

  mechanism mechanism_;
  identity who_;
  int challenges_ = 0;
  /// Messages of ours that carried a part of the identity.
  int sent_ = 0;
  std::optional<error_challenge> refusal_;
};

} // namespace mailfleet::sasl
