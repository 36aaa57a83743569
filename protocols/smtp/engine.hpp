#pragma once

#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"
#include "protocols/sasl/exchange.hpp"
#include "protocols/smtp/capabilities.hpp"
#include "protocols/smtp/commands.hpp"
#include "protocols/smtp/dot_stuffer.hpp"
#include "protocols/smtp/events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::smtp {

/// What a submission asks of the server beyond the envelope.
struct submission_options {
  /// Reports to ask for where the server offers DSN.
  std::optional<notify_when> notify;
  /// ENVID, so that a report names our own id; empty: none.
  std::string envelope_id;
};

/// The client's side of one SMTP connection (RFC 5321), without I/O and without a clock.
/// TLS is the caller's business, before the engine begins. Bytes of the server go in with
/// `feed`; `next` gives one event after the other, what to write among them. The caller's
/// steps are `log_in`, `submit`, `append` and `end_body`, `send_dot`, `quit`, each allowed
/// in its phase only and once `next` asked for input: a step fails with `internal` in another
/// phase, with `unavailable` while bytes of the server are unread, and with
/// `protocol_violation` behind a part of a reply. One thread at a time.
///
/// Where the server pipelines, commands go as RFC 2920 groups them: MAIL with recipients, and
/// with the only recipient DATA too. For several, DATA waits for their answers: whom a message
/// reaches is known before its content goes.
///
/// The final dot is a step of its own: between `end_body` and `send_dot` nothing was
/// promised to anyone, and behind `send_dot` the message may have been taken
/// (`is_in_doubt`). So the caller makes it durable in between that the dot is about to go.
///
/// A reply that answers nothing breaks the session, but for 421, which a server may give at
/// any time (RFC 5321 3.8): a stray reply would be taken for the answer to a later command.
class engine {
public:
  enum class phase : std::uint8_t {
    greeting,   ///< Waits for 220.
    hello,      ///< EHLO is sent.
    ready,      ///< Nothing is under way.
    reset,      ///< RSET, before a submission that follows a refused one.
    log_in,     ///< AUTH.
    sender,     ///< MAIL FROM.
    recipients, ///< RCPT TO.
    data,       ///< DATA, before its 354.
    body,       ///< The content may go.
    before_dot, ///< All content is given; `send_dot` ends it.
    dot,        ///< The final dot is sent.
    quit,
    over, ///< Closed or broken.
  };

  /// Where the conversation is taken up: before the greeting, or where another (libcurl, for
  /// STARTTLS) has read greeting and answers already, so that EHLO is to be said again.
  enum class first : std::uint8_t { greeting, hello };

  /// `client` is what EHLO says. Fails with `invalid_argument` if it is no host name.
  [[nodiscard]] static result<engine> begin(std::string_view client, first where);

  /// Gives bytes of the server; they must stay until `next` asks for more, and must not be
  /// given before that.
  void feed(std::string_view bytes) noexcept;

  [[nodiscard]] event next();

  // -- the caller's steps ---------------------------------------------------

  /// In `ready`. Fails with `invalid_argument` if the credential does not fit the mechanism.
  [[nodiscard]] result<void> log_in(sasl::mechanism which, sasl::identity who);

  /// In `ready`. Before anything is sent, fails with `too_large` for a message beyond the
  /// server's SIZE, and with `invalid_argument` for an address that fits no command, or for a
  /// message that needs SMTPUTF8 or 8BITMIME where the server has none.
  [[nodiscard]] result<void> submit(const mail_envelope& envelope,
                                    const submission_options& options);

  /// In `body`. Appends what is to be written for this piece to `out`. After a failure the
  /// message cannot be ended: drop the connection; the server discards it.
  [[nodiscard]] result<void> append(std::string_view piece, std::string& out);

  /// In `body`: the content is whole. Fails with `invalid_argument` if its last line has no
  /// end.
  [[nodiscard]] result<void> end_body();

  /// In `before_dot`. `rest`: the end of what `append` gave, if it is not written yet; it goes
  /// with the dot.
  [[nodiscard]] result<void> send_dot(std::string_view rest = {});

  /// In `ready`.
  [[nodiscard]] result<void> quit();

  // -- what is known --------------------------------------------------------

  /// What is under way.
  [[nodiscard]] phase now() const noexcept {
    return phase_;
  }

  /// What was under way when the last submission was refused, or the session ended.
  [[nodiscard]] phase ended_in() const noexcept {
    return ended_in_;
  }

  /// What the submission was refused with, while answers to other commands of it are still to
  /// come; null: it was not. `refused_in` says to what.
  [[nodiscard]] const smtp_reply* refusal() const noexcept {
    return refusal_ ? &*refusal_ : nullptr;
  }
  [[nodiscard]] phase refused_in() const noexcept {
    return refused_in_;
  }

  /// The final dot was sent and not answered: should the connection end, nobody knows
  /// whether the message was taken.
  [[nodiscard]] bool is_in_doubt() const noexcept {
    return in_doubt_;
  }

  [[nodiscard]] const capabilities& server() const noexcept {
    return server_;
  }

private:
  explicit engine(std::string hello) : hello_{std::move(hello)} {}

  std::optional<event> step();
  result<std::optional<smtp_reply>> read_reply();
  std::optional<event> take_reply();
  std::optional<event> take_closing();
  std::optional<event> take_greeting();
  std::optional<event> take_hello();
  std::optional<event> take_log_in();
  std::optional<event> take_reset();
  std::optional<event> take_sender();
  std::optional<event> take_recipient();
  std::optional<event> take_data();
  std::optional<event> take_dot();
  [[nodiscard]] result<void> check_step(phase wanted) const;
  [[nodiscard]] result<void> check_server(const mail_envelope& envelope) const;
  result<void> write_commands(const mail_envelope& envelope, const submission_options& options);
  std::optional<event> take_data_for_nobody();
  std::optional<event> send_sender();
  /// The next RCPT TO, as many as may go at once.
  [[nodiscard]] std::string next_recipients();
  /// What is to be written next.
  std::optional<event> send(std::string bytes);
  std::optional<event> send(secret bytes);
  /// The submission is over; the connection can go on.
  event refuse();
  /// Notes why nobody gets the message, as `reply_` says.
  void note_refusal();
  /// `refuse` with what was noted, once DATA is answered if that is under way.
  std::optional<event> refuse_as_noted();
  event fail(std::string_view why);
  void end();

  std::string hello_;
  phase phase_ = phase::greeting;
  phase ended_in_ = phase::greeting;
  std::string_view input_;
  reply_reader reader_;
  /// A part of a reply was read.
  bool amid_reply_ = false;
  smtp_reply reply_;
  /// To be written; a secret, for it may hold a credential.
  secret output_;
  bool has_output_ = false;
  capabilities server_;
  std::optional<sasl::exchange> exchange_;
  std::optional<sasl::error_challenge> challenge_;
  std::string mail_line_;
  std::vector<std::string> recipient_lines_;
  std::size_t recipients_sent_ = 0;
  std::size_t recipients_answered_ = 0;
  std::size_t recipients_taken_ = 0;
  /// All recipients are answered, and none was taken.
  bool none_taken_ = false;
  /// DATA went with the only recipient.
  bool data_sent_ = false;
  /// Why nobody gets the message, and where that was said, while recipients that were pipelined,
  /// or DATA, are to be answered.
  std::optional<smtp_reply> refusal_;
  phase refused_in_ = phase::sender;
  bool needs_reset_ = false;
  bool in_doubt_ = false;
  dot_stuffer stuffer_;
  std::string why_broken_;
};

} // namespace mailfleet::smtp
