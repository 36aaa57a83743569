#pragma once

#include "messages/values/records.hpp"
#include "protocols/line_reader.hpp"
#include "protocols/pop3/limits.hpp"
#include "protocols/pop3/reply.hpp"
#include "protocols/sasl/exchange.hpp"
#include "protocols/sasl/log_in.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::pop3 {

/// A log-in behind greeting and TLS, from CAPA on. AUTH takes two steps, always: Exchange
/// calls a line with an initial response a protocol error.
/// https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
/// A password goes by USER and PASS where no mechanism for it is offered. STAT follows: only
/// an open maildrop is a log-in. Nothing is changed.
class log_in_engine {
public:
  log_in_engine(sasl::identity who, mailbox_auth auth);

  void feed(std::string_view bytes) {
    lines_.feed(bytes);
  }

  /// What is to be done now.
  [[nodiscard]] sasl::log_in_step next();

private:
  enum class stage : std::uint8_t {
    silent = 1,
    asking,
    listing,
    proving,
    naming,
    telling,
    opening
  };

  [[nodiscard]] std::optional<sasl::log_in_step> on_line(std::string_view line);
  [[nodiscard]] std::optional<sasl::log_in_step> on_capability(std::string_view line);
  [[nodiscard]] sasl::log_in_step on_reply(const pop3_reply& reply);
  [[nodiscard]] sasl::log_in_step on_challenge(std::string_view text);
  [[nodiscard]] sasl::log_in_step begin_auth();
  [[nodiscard]] sasl::log_in_step say(stage next, std::string_view command, std::string_view rest);
  [[nodiscard]] sasl::log_in_ended ended(std::optional<failure> trouble) const;
  [[nodiscard]] failure refusal(const pop3_reply& reply) const;
  void keep(std::string_view line);

  sasl::identity who_;
  const mailbox_auth auth_;
  stage at_ = stage::silent;
  protocols::line_reader lines_{max_reply_line_bytes};
  std::size_t capabilities_ = 0;
  std::vector<std::string> mechanisms_;
  /// Whether CAPA was answered with a list, and names USER.
  bool listed_ = false;
  bool has_user_ = false;
  std::optional<sasl::exchange> talk_;
  std::string last_;
};

} // namespace mailfleet::pop3
