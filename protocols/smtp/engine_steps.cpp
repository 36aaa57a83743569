// What the caller makes an SMTP session do; engine.cpp has what the server's answers do.
#include "protocols/smtp/engine.hpp"
#include "protocols/smtp/session_limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::smtp {

result<engine> engine::begin(std::string_view client, first where) {
  auto hello = ehlo_command(client);
  if (!hello)
    return hello.error();
  engine made{*hello};
  if (where == first::hello) {
    made.phase_ = phase::hello;
    made.send(*std::move(hello));
  }
  return made;
}

result<void> engine::check_step(phase wanted) const {
  if (phase_ != wanted)
    return failure{errc::internal, "a step of the SMTP session out of its order"};
  if (!input_.empty() || has_output_)
    return failure{errc::unavailable, "the SMTP server spoke meanwhile"};
  if (amid_reply_)
    return failure{errc::protocol_violation, "the server speaks out of turn"};
  return {};
}

result<void> engine::check_server(const mail_envelope& envelope) const {
  if (server_.max_bytes && envelope.bytes > *server_.max_bytes)
    return failure{errc::too_large, "the message has " + std::to_string(envelope.bytes)
                                        + " bytes, and the server takes "
                                        + std::to_string(*server_.max_bytes)};
  if (envelope.needs_smtputf8 && !server_.smtputf8)
    return bad_field("message",
                     "has an address or header beyond ASCII, and the server has no "
                     "SMTPUTF8",
                     "write addresses in ASCII, and encode headers (RFC 2047)");
  if (envelope.needs_8bitmime && !server_.eight_bit)
    return bad_field("message", "has a body beyond ASCII, and the server has no 8BITMIME",
                     "encode it in quoted-printable or base64");
  return {};
}

result<void> engine::write_commands(const mail_envelope& envelope,
                                    const submission_options& options) {
  mail_options with;
  if (server_.size && envelope.bytes > 0)
    with.bytes = envelope.bytes;
  with.eight_bit = envelope.needs_8bitmime;
  with.smtputf8 = envelope.needs_smtputf8;
  recipient_options to;
  if (server_.delivery_status && options.notify) {
    with.returned = returned_part::headers;
    with.envelope_id = options.envelope_id;
    to = {options.notify, true};
  }
  auto mail = mail_command(envelope.sender, with);
  if (!mail)
    return mail.error();
  std::vector<std::string> recipients;
  for (const auto& address : envelope.recipients) {
    auto line = recipient_command(address, to);
    if (!line)
      return line.error();
    recipients.push_back(*std::move(line));
  }
  mail_line_ = *std::move(mail);
  recipient_lines_ = std::move(recipients);
  return {};
}

result<void> engine::log_in(sasl::mechanism which, sasl::identity who) {
  if (auto checked = check_step(phase::ready); !checked)
    return checked;
  sasl::exchange talk{which, std::move(who)};
  if (auto checked = talk.check(); !checked)
    return checked;
  // The exchange must not take a response for said that finds no room in the line.
  auto with_response = talk;
  auto line = auth_command(sasl::to_string(which), with_response.initial_response());
  if (!line)
    return line.error();
  exchange_ = line->has_response ? std::move(with_response) : std::move(talk);
  phase_ = phase::log_in;
  send(std::move(line->bytes));
  return {};
}

result<void> engine::submit(const mail_envelope& envelope, const submission_options& options) {
  if (auto checked = check_step(phase::ready); !checked)
    return checked;
  if (envelope.recipients.empty())
    return bad_field("recipients", "are none", "give at least one");
  if (auto checked = check_server(envelope); !checked)
    return checked;
  if (auto written = write_commands(envelope, options); !written)
    return written;
  recipients_sent_ = recipients_answered_ = recipients_taken_ = 0;
  none_taken_ = false;
  data_sent_ = false;
  refusal_.reset();
  stuffer_ = {};
  if (std::exchange(needs_reset_, false)) {
    phase_ = phase::reset;
    send(std::string{reset_command});
  } else {
    send_sender();
  }
  return {};
}

result<void> engine::append(std::string_view piece, std::string& out) {
  if (phase_ != phase::body)
    return failure{errc::internal, "content for the SMTP server out of its order"};
  return stuffer_.append(piece, out);
}

result<void> engine::end_body() {
  if (phase_ != phase::body)
    return failure{errc::internal, "content for the SMTP server out of its order"};
  if (auto whole = stuffer_.finish(); !whole)
    return whole;
  phase_ = phase::before_dot;
  return {};
}

result<void> engine::send_dot(std::string_view rest) {
  if (auto checked = check_step(phase::before_dot); !checked)
    return checked;
  phase_ = phase::dot;
  in_doubt_ = true;
  send(std::string{rest}.append(dot_stuffer::final_dot));
  return {};
}

result<void> engine::quit() {
  if (auto checked = check_step(phase::ready); !checked)
    return checked;
  phase_ = phase::quit;
  send(std::string{quit_command});
  return {};
}

std::optional<event> engine::send_sender() {
  phase_ = phase::sender;
  if (!server_.pipelining)
    return send(mail_line_);
  auto lines = mail_line_ + next_recipients();
  data_sent_ = recipient_lines_.size() == 1;
  if (data_sent_)
    lines += data_command;
  return send(std::move(lines));
}

std::string engine::next_recipients() {
  std::string lines;
  auto end = std::min(recipient_lines_.size(),
                      recipients_sent_ + (server_.pipelining ? max_pipelined : 1));
  for (; recipients_sent_ < end; ++recipients_sent_)
    lines += recipient_lines_[recipients_sent_];
  return lines;
}

} // namespace mailfleet::smtp
