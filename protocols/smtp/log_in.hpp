#pragma once

#include "messages/values/records.hpp"
#include "protocols/sasl/exchange.hpp"
#include "protocols/sasl/log_in.hpp"
#include "protocols/smtp/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::smtp {

/// The mechanisms that an answer to EHLO offers (RFC 4954 3); the form `AUTH=LOGIN` of old
/// servers counts too.
[[nodiscard]] std::vector<std::string> auth_mechanisms(const smtp_reply& answer_to_ehlo);

/// A log-in behind TLS, from EHLO on: the lists of before TLS do not count (RFC 3207 4.2).
/// The initial response goes into the AUTH line if that fits `max_command_line_bytes`, or
/// else follows the server's 334.
class log_in_engine {
public:
  log_in_engine(sasl::identity who, mailbox_auth auth);

  void feed(std::string_view bytes) {
    replies_.feed(bytes);
  }

  /// What is to be done now.
  [[nodiscard]] sasl::log_in_step next();

private:
  enum class stage : std::uint8_t { silent = 1, listing, proving };

  [[nodiscard]] sasl::log_in_step on_reply(const smtp_reply& reply);
  [[nodiscard]] sasl::log_in_step begin_auth(const smtp_reply& listed);
  [[nodiscard]] sasl::log_in_step on_auth_reply(const smtp_reply& reply);
  [[nodiscard]] sasl::log_in_ended ended(std::optional<failure> trouble) const;
  void keep(const smtp_reply& reply);

  sasl::identity who_;
  const mailbox_auth auth_;
  stage at_ = stage::silent;
  reply_reader replies_;
  std::optional<sasl::exchange> talk_;
  std::string last_;
};

} // namespace mailfleet::smtp
