#pragma once

#include "jobs/outbox_state.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Mails in the middle of an attempt, and how attempts end, for the tests of what follows.
namespace mailfleet::jobs::test {

using namespace std::chrono_literals;

inline const wall_time start{1'000'000s};

inline outbox_progress mail(std::vector<std::string> recipients = {"a@x.test", "b@y.test"}) {
  mail_envelope envelope;
  envelope.recipients = std::move(recipients);
  return accepted_mail(envelope, start, start);
}

inline outbox_progress being_sent(outbox_progress of = mail()) {
  return *begin_attempt(std::move(of), start + 1s);
}

inline server_words words(std::uint16_t code, std::string enhanced = {},
                          std::string text = "words") {
  return {code, std::move(enhanced), std::move(text)};
}

inline const std::vector<recipient_answer> both_taken{{"a@x.test", {250, "", "ok"}},
                                                      {"b@y.test", {250, "", "ok"}}};

inline outbox_progress dot_sent(const std::vector<recipient_answer>& answers = both_taken) {
  return *before_dot(being_sent(), answers, start + 2s);
}

inline send_report answered(send_phase phase, server_words said,
                            std::vector<recipient_answer> recipients = {}) {
  send_report report;
  report.phase = phase;
  report.answer = std::move(said);
  report.recipients = std::move(recipients);
  return report;
}

inline attempt_context context(wall_time now = start + 3s) {
  return {mailbox_auth::oauth2, 0, false, now, 0.5};
}

} // namespace mailfleet::jobs::test
