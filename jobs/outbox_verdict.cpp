#include "jobs/outbox_verdict.hpp"

#include "jobs/mail_replies.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mailfleet::jobs {

namespace {

using namespace std::string_view_literals;

/// Said of the mailbox, its tenant or our connection, at whatever mail it is said. All others
/// are about the mail or recipient at hand, but before a mail is under way.
constexpr std::array mailbox_troubles{
    "smtp.address_throttled"sv,    "smtp.app_password_required"sv,
    "smtp.auth_disabled"sv,        "smtp.authentication_failed"sv,
    "smtp.basic_auth_off"sv,       "smtp.blocked_by_policy"sv,
    "smtp.daily_limit"sv,          "smtp.log_in_unavailable"sv,
    "smtp.log_in_unproven"sv,      "smtp.not_authenticated"sv,
    "smtp.password_refused"sv,     "smtp.sender_blocked"sv,
    "smtp.sender_throttled"sv,     "smtp.slow_down"sv,
    "smtp.submission_quota"sv,     "smtp.tenant_blocked"sv,
    "smtp.too_many_connections"sv, "tls.required"sv,
};

reply_phase reply_phase_of(send_phase phase) {
  switch (phase) {
  case send_phase::connecting:
  case send_phase::greeting: return reply_phase::greeting;
  case send_phase::log_in: return reply_phase::log_in;
  case send_phase::sender: return reply_phase::sender;
  case send_phase::recipients: return reply_phase::recipient;
  case send_phase::data:
  case send_phase::body:
  case send_phase::dot: return reply_phase::content;
  }
  return reply_phase::session;
}

bool is_before_mail(send_phase phase) {
  return phase < send_phase::sender;
}

send_verdict with_row(send_scope scope, std::string_view code,
                      std::optional<std::chrono::milliseconds> wait) {
  const auto* row = find_diagnosis(code);
  return {scope, code, row ? row->then : course::retried, wait};
}

} // namespace

send_verdict judge_answer(send_phase phase, const server_words& said, mailbox_auth auth,
                          bool challenged) {
  if (said.code / 100 == 2)
    return {};
  auto status = std::to_string(said.code);
  auto meaning = meaning_of({reply_protocol::smtp, reply_phase_of(phase), status, said.enhanced,
                             said.words, auth, challenged});
  bool closes = said.code == 421 || meaning.diagnosis == "smtp.connection_dropped"sv;
  bool listed = std::ranges::find(mailbox_troubles, meaning.diagnosis) != mailbox_troubles.end();
  // RFC 5321 3.8: the whole service closes. Amid the content that may be the mail's doing, and
  // such a mail must not hold up the others for ever.
  // A wait that Exchange names, and 4.7.x to MAIL FROM, are for all that the mailbox sends; 4.7.1
  // to a recipient is greylisting.
  bool throttles =
      said.code / 100 == 4
      && (meaning.wait || (phase == send_phase::sender && said.enhanced.starts_with("4.7.")));
  bool about_mailbox =
      is_before_mail(phase) || listed || throttles || (closes && phase < send_phase::data);
  auto verdict = with_row(about_mailbox ? send_scope::mailbox : send_scope::mail, meaning.diagnosis,
                          meaning.wait);
  // A 4xx never ends a mail, however final its diagnosis is elsewhere; nor does what refuses
  // a mail refuse a mailbox.
  if (verdict.then == course::refused && (said.code / 100 == 4 || about_mailbox))
    verdict.then = about_mailbox ? course::retried_slowly : course::retried;
  // A 5xx that the table would try again soon is tried again, but not soon; one of the
  // recipient's server is for good.
  if (!about_mailbox && said.code / 100 == 5 && verdict.then != course::refused)
    verdict.then = meaning.diagnosis == "smtp.mailbox_full"sv && phase != send_phase::recipients
                       ? course::retried_slowly
                       : course::refused;
  return verdict;
}

send_verdict judge_trouble(send_phase phase, const failure& what) {
  const auto& row = row_of(what.code);
  switch (what.code) {
  case errc::invalid_argument: // The server lacks what this mail needs.
    return {send_scope::mail, row.code, course::refused, std::nullopt};
  case errc::too_large: // Larger than the server said that it takes.
    return with_row(send_scope::mail, "smtp.message_too_large", std::nullopt);
  case errc::storage_corrupt:
    // Its content is lost, and no later attempt finds it. Before, it is a record of the mailbox's.
    if (!is_before_mail(phase))
      return with_row(send_scope::mail, "mail.content_lost", std::nullopt);
    break;
  case errc::not_found:
    if (is_before_mail(phase) && what.detail == no_smtp_server)
      return with_row(send_scope::mailbox, "smtp.no_server", std::nullopt);
    break;
  case errc::internal:
  case errc::unavailable:
  case errc::overloaded:
  case errc::shutting_down: return {send_scope::mailbox, row.code, course::retried, std::nullopt};
  default: break;
  }
  // A connection that breaks amid a mail may break because of it: such a mail must not hold
  // up the others, so it waits by itself.
  if (!is_before_mail(phase) && is_temporary(what.code))
    return {send_scope::mail, row.code, course::retried, std::nullopt};
  if (!is_before_mail(phase) && what.code == errc::protocol_violation)
    return {send_scope::mail, row.code, course::retried_slowly, std::nullopt};
  auto then = row.then == course::refused ? course::retried_slowly : row.then;
  return {send_scope::mailbox, row.code, then, std::nullopt};
}

} // namespace mailfleet::jobs
