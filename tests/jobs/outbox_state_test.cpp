#include "tests/jobs/outbox_attempts.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::jobs::test;

namespace {

send_report lost(send_phase phase, errc code = errc::connection_lost) {
  send_report report;
  report.phase = phase;
  report.trouble = failure{code, "words"};
  return report;
}

} // namespace

TEST_CASE("a mail that the server takes is sent", "[outbox]") {
  auto after =
      after_attempt(dot_sent(), answered(send_phase::dot, words(250), both_taken), context());
  CHECK(after.mail.status == outbox_status::sent);
  CHECK(after.taken == std::vector<std::string>{"a@x.test", "b@y.test"});
  CHECK(after.refused.empty());
  CHECK_FALSE(after.rest);
  CHECK(after.mail.reason.empty());
  CHECK(is_final(after.mail.status));
}

TEST_CASE("a lost answer to the dot leaves the mail in doubt", "[outbox]") {
  for (auto code : {errc::connection_lost, errc::timed_out, errc::protocol_violation,
                    errc::shutting_down, errc::tls_failed}) {
    auto after = after_attempt(dot_sent(), lost(send_phase::dot, code), context());
    CHECK(after.mail.status == outbox_status::in_doubt);
    CHECK(after.mail.reason == "smtp.outcome_unknown");
    CHECK(recipients_waiting(after.mail).empty());
    CHECK_FALSE(begin_attempt(after.mail, start));
    CHECK(cancel(after.mail, start).error().code == errc::precondition_failed);
  }
}

TEST_CASE("trouble before the dot is tried again freely", "[outbox]") {
  for (auto phase :
       {send_phase::connecting, send_phase::greeting, send_phase::log_in, send_phase::sender,
        send_phase::recipients, send_phase::data, send_phase::body}) {
    auto after = after_attempt(being_sent(), lost(phase), context());
    CHECK(after.mail.status == outbox_status::deferred);
    CHECK(recipients_waiting(after.mail).size() == 2);
    // Either the mailbox rests, or the mail does.
    CHECK(after.rest.has_value() == (phase < send_phase::sender));
    CHECK((after.mail.failures == 1) == (phase >= send_phase::sender));
    CHECK((after.mail.due > start) == (phase >= send_phase::sender));
  }
}

TEST_CASE("a restart repeats what was not ended, and doubts what was", "[outbox]") {
  auto again = after_restart(being_sent(), start + 9s);
  CHECK(again.status == outbox_status::deferred);
  CHECK(again.due <= start + 9s);
  CHECK(again.failures == 0);
  CHECK(after_restart(dot_sent(), start + 9s).status == outbox_status::in_doubt);
  CHECK(after_restart(mail(), start + 9s) == mail());
}

TEST_CASE("only the recipients that were refused fail or are tried again", "[outbox]") {
  auto three = being_sent(mail({"a@x.test", "b@y.test", "c@z.test"}));
  const std::vector<recipient_answer> answers{{"a@x.test", words(250)},
                                              {"b@y.test", words(550, "5.1.1", "unknown")},
                                              {"c@z.test", words(452, "4.2.2", "full")}};
  auto dot = *before_dot(three, answers, start);
  CHECK(dot.recipients[0].status == recipient_status::admitted);
  auto after = after_attempt(dot, answered(send_phase::dot, words(250), answers), context());
  CHECK(after.mail.status == outbox_status::deferred);
  CHECK(after.taken == std::vector<std::string>{"a@x.test"});
  REQUIRE(after.refused.size() == 1);
  CHECK(after.refused[0].address == "b@y.test");
  CHECK(recipients_waiting(after.mail) == std::vector<std::string>{"c@z.test"});
  CHECK(after.mail.due > start + 3s);
  // The rest goes by itself, and what was taken is never asked for again.
  auto second = *begin_attempt(after.mail, after.mail.due);
  second = *before_dot(second, {{"c@z.test", words(250)}}, second.since);
  auto end = after_attempt(
      second, answered(send_phase::dot, words(250), {{"c@z.test", words(250)}}), context());
  CHECK(end.mail.status == outbox_status::sent);
  CHECK(end.taken == std::vector<std::string>{"c@z.test"});
}

TEST_CASE("a mail that no recipient's server takes has failed", "[outbox]") {
  const std::vector<recipient_answer> answers{{"a@x.test", words(550, "5.1.1")},
                                              {"b@y.test", words(551)}};
  auto after =
      after_attempt(being_sent(), answered(send_phase::recipients, words(551), answers), context());
  CHECK(after.mail.status == outbox_status::failed);
  CHECK(after.refused.size() == 2);
  CHECK(after.mail.reason == "smtp.recipient_refused");
}

TEST_CASE("a sender that is refused at RCPT TO is told as that", "[outbox]") {
  auto said = words(553, "5.7.1", "<ann@x.test>: Sender address rejected: not owned by user");
  auto alone =
      after_attempt(being_sent(mail({"a@x.test"})),
                    answered(send_phase::recipients, said, {{"a@x.test", said}}), context());
  CHECK(alone.mail.status == outbox_status::failed);
  CHECK(alone.mail.reason == "smtp.sender_refused");
  // Of two recipients, one of whom had the mail.
  const std::vector<recipient_answer> answers{{"a@x.test", words(250)}, {"b@y.test", said}};
  auto one =
      after_attempt(dot_sent(answers), answered(send_phase::dot, words(250), answers), context());
  CHECK(one.mail.status == outbox_status::sent);
  CHECK(one.mail.reason == "smtp.sender_refused");
}

TEST_CASE("a mailbox without a server rests until a person names one", "[outbox]") {
  auto report = lost(send_phase::connecting, errc::not_found);
  // A provider that is gone is no missing server.
  CHECK(after_attempt(being_sent(), report, context()).rest->diagnosis != "smtp.no_server");
  report.trouble->detail = no_smtp_server;
  auto after = after_attempt(being_sent(), report, context());
  REQUIRE(after.rest);
  CHECK(after.rest->diagnosis == "smtp.no_server");
  CHECK_FALSE(after.rest->until);
  CHECK(after.mail.status == outbox_status::deferred);
}

TEST_CASE("what troubled a mail is told no more once it is decided", "[outbox]") {
  auto doubt = after_restart(dot_sent(), start + 9s);
  doubt.detail = "no search can tell";
  CHECK(settle_doubt(doubt, doubt_end::was_sent, start)->detail.empty());
  auto waiting = mail();
  waiting.reason = "smtp.mailbox_full";
  waiting.detail = "words";
  auto gone = *cancel(waiting, start);
  CHECK(gone.detail.empty());
  CHECK(gone.reason.empty());
}

TEST_CASE("one recipient refused and one put off leaves the one put off", "[outbox]") {
  const std::vector<recipient_answer> answers{{"a@x.test", words(451, "4.3.0")},
                                              {"b@y.test", words(550, "5.1.1")}};
  auto after =
      after_attempt(being_sent(), answered(send_phase::recipients, words(550), answers), context());
  CHECK(after.mail.status == outbox_status::deferred);
  CHECK(recipients_waiting(after.mail) == std::vector<std::string>{"a@x.test"});
  CHECK(after.mail.due > start + 3s);
}

TEST_CASE("the answer to the dot is final by its first digit", "[outbox]") {
  auto later = after_attempt(dot_sent(), answered(send_phase::dot, words(451, "4.3.0"), both_taken),
                             context());
  CHECK(later.mail.status == outbox_status::deferred);
  CHECK(later.mail.put_off_since == start + 3s);
  auto never = after_attempt(dot_sent(), answered(send_phase::dot, words(554, "5.6.0"), both_taken),
                             context());
  CHECK(never.mail.status == outbox_status::failed);
  CHECK(never.refused.size() == 2);
  CHECK(never.mail.said->code == 554);
}

TEST_CASE("sign-in, TLS and provider trouble rest the mailbox and keep the mail", "[outbox]") {
  auto sign_in =
      after_attempt(being_sent(), lost(send_phase::log_in, errc::sign_in_required), context());
  REQUIRE(sign_in.rest);
  CHECK(sign_in.mail.status == outbox_status::deferred);
  CHECK(sign_in.mail.failures == 0);
  CHECK_FALSE(sign_in.mail.put_off_since);
  CHECK(after_attempt(being_sent(), lost(send_phase::connecting, errc::tls_untrusted), context())
            .rest);
  auto blocked = after_attempt(
      being_sent(), answered(send_phase::dot, words(550, "5.1.8", "bad outbound sender")),
      context());
  REQUIRE(blocked.rest);
  CHECK_FALSE(blocked.rest->until);
  CHECK(blocked.mail.status == outbox_status::deferred);
}

TEST_CASE("a mail at which a server closes each session waits longer each time", "[outbox]") {
  auto closed = answered(send_phase::recipients, words(421, "4.3.2", "too many errors"));
  auto once = after_attempt(being_sent(), closed, context());
  REQUIRE(once.rest);
  CHECK(once.mail.failures == 1);
  CHECK(once.mail.put_off_since == start + 3s);
  CHECK(once.mail.due > *once.rest->until);
  auto twice = after_attempt(*begin_attempt(once.mail, start), closed, context());
  CHECK(twice.mail.failures == 2);
  CHECK(twice.mail.due > once.mail.due);
  auto days = after_attempt(*begin_attempt(twice.mail, start), closed, context(start + 24h * 5));
  CHECK(days.mail.status == outbox_status::failed);
}

TEST_CASE("a mail whose content is lost fails, and its mailbox goes on", "[outbox]") {
  const std::vector<recipient_answer> one{{"a@x.test", words(250)}};
  auto report = lost(send_phase::body, errc::storage_corrupt);
  report.recipients = both_taken;
  auto never = after_attempt(being_sent(), report, context());
  CHECK(never.mail.status == outbox_status::failed);
  CHECK(never.mail.reason == "mail.content_lost");
  CHECK(never.mail.detail == "words");
  CHECK(never.refused.size() == 2);
  CHECK_FALSE(never.rest);
  // Who has it has it.
  auto first = after_attempt(dot_sent(one), answered(send_phase::dot, words(250), one), context());
  auto rest = after_attempt(*begin_attempt(first.mail, start), report, context());
  CHECK(rest.mail.status == outbox_status::sent);
  CHECK(rest.refused.size() == 1);
  // Before a mail is under way it is the mailbox's own record that cannot be opened.
  auto mailbox =
      after_attempt(being_sent(), lost(send_phase::connecting, errc::storage_corrupt), context());
  CHECK(mailbox.mail.status == outbox_status::deferred);
  CHECK(mailbox.rest);
}

TEST_CASE("a refused token is renewed once before the mailbox rests", "[outbox]") {
  auto report = answered(send_phase::log_in, words(535, "5.7.3"));
  auto first = after_attempt(being_sent(), report, context());
  REQUIRE(first.rest);
  CHECK(first.rest->renew_credential);
  CHECK(first.rest->until == start + 3s);
  auto renewed = context();
  renewed.credential_was_renewed = true;
  auto second = after_attempt(being_sent(), report, renewed);
  REQUIRE(second.rest);
  CHECK_FALSE(second.rest->renew_credential);
  CHECK(*second.rest->until >= start + 5min);
}

TEST_CASE("throttling rests the mailbox for as long as the server asks", "[outbox]") {
  for (auto said : {words(432, "4.3.2", "concurrent connection limit exceeded"),
                    words(421, "4.7.0", "try later"), words(450, "4.2.1", "slow"),
                    words(451, "4.7.500", "Access denied"), words(451, "4.7.1", "rate exceeded")}) {
    auto after = after_attempt(being_sent(), answered(send_phase::sender, said), context());
    REQUIRE(after.rest);
    CHECK(*after.rest->until > start + 3s);
    CHECK(after.mail.failures == 0);
  }
  auto named = words(451, "4.3.2", "Suggested Backoff Time: 1200000 milliseconds");
  auto after = after_attempt(being_sent(), answered(send_phase::greeting, named), context());
  CHECK(*after.rest->until >= start + 20min);
  auto at_dot = after_attempt(dot_sent(), answered(send_phase::dot, named, both_taken), context());
  REQUIRE(at_dot.rest);
  CHECK(*at_dot.rest->until >= start + 20min);
}

TEST_CASE("a mail at whose content the server closes waits by itself", "[outbox]") {
  for (const auto* enhanced : {"4.3.2", "4.4.2", ""}) {
    auto said = words(421, enhanced, "closing");
    auto amid = after_attempt(dot_sent(), answered(send_phase::dot, said, both_taken), context());
    CHECK_FALSE(amid.rest);
    CHECK(amid.mail.failures == 1);
    CHECK(amid.mail.due > start + 3s);
    auto before = after_attempt(being_sent(), answered(send_phase::sender, said), context());
    CHECK(before.rest);
    CHECK(before.mail.failures == 0);
  }
}

TEST_CASE("a recipient answered with throttling rests the mailbox, not the mail", "[outbox]") {
  const std::vector<recipient_answer> answers{{"a@x.test", words(250)},
                                              {"b@y.test", words(450, "4.2.1", "slow")}};
  auto after = after_attempt(*before_dot(being_sent(), answers, start),
                             answered(send_phase::dot, words(250), answers), context());
  CHECK(after.taken == std::vector<std::string>{"a@x.test"});
  CHECK(after.mail.status == outbox_status::deferred);
  CHECK(after.rest);
  CHECK(after.mail.failures == 0);
}

TEST_CASE("a mail is given up five days after it was first put off", "[outbox]") {
  auto waits = being_sent();
  waits.put_off_since = start;
  waits.failures = 70;
  auto report = answered(send_phase::dot, words(451, "4.3.0"), both_taken);
  CHECK(after_attempt(waits, report, context(start + 4 * 24h)).mail.status
        == outbox_status::deferred);
  auto given_up = after_attempt(waits, report, context(start + 5 * 24h));
  CHECK(given_up.mail.status == outbox_status::failed);
  CHECK(given_up.refused.size() == 2);
  CHECK(given_up.mail.reason == "smtp.server_busy");
}

TEST_CASE("what the server cannot carry fails with its words", "[outbox]") {
  auto after = after_attempt(being_sent(), lost(send_phase::sender, errc::too_large), context());
  CHECK(after.mail.status == outbox_status::failed);
  CHECK(after.mail.detail == "words");
}

TEST_CASE("a sender refused at random gets one more try", "[outbox]") {
  auto said = words(554, "5.2.0", "STOREDRV.Submission.Exception:SendAsDenied");
  auto first = after_attempt(dot_sent(), answered(send_phase::dot, said, both_taken), context());
  CHECK(first.mail.status == outbox_status::deferred);
  CHECK(first.mail.due >= start + 7min);
  auto again = dot_sent();
  again.failures = 1;
  CHECK(after_attempt(again, answered(send_phase::dot, said, both_taken), context()).mail.status
        == outbox_status::failed);
}

TEST_CASE("a mail is cancelled while it waits, and not while it goes", "[outbox]") {
  CHECK(cancel(mail(), start)->status == outbox_status::cancelled);
  CHECK(cancel(being_sent(), start).error().code == errc::in_use);
  CHECK(cancel(dot_sent(), start).error().code == errc::in_use);
  auto gone = *cancel(mail(), start);
  CHECK_FALSE(cancel(gone, start));
  CHECK_FALSE(begin_attempt(gone, start));
  CHECK_FALSE(retry_now(gone, start));
  CHECK(retry_now(mail(), start + 5s)->due == start + 5s);
}

TEST_CASE("a doubt ends as sent, to be sent again, or given up", "[outbox]") {
  auto doubt = after_restart(dot_sent(), start + 9s);
  auto sent = settle_doubt(doubt, doubt_end::was_sent, start + 20min);
  CHECK(sent->status == outbox_status::sent);
  auto again = settle_doubt(doubt, doubt_end::send_again, start + 20min);
  CHECK(again->status == outbox_status::deferred);
  CHECK(recipients_waiting(*again).size() == 2);
  CHECK(settle_doubt(doubt, doubt_end::give_up, start)->status == outbox_status::failed);
  CHECK_FALSE(settle_doubt(mail(), doubt_end::was_sent, start));
}

TEST_CASE("a doubt about some recipients touches no others", "[outbox]") {
  auto doubt = after_restart(dot_sent({{"a@x.test", words(250)}, {"b@y.test", words(451)}}), start);
  auto sent = settle_doubt(doubt, doubt_end::was_sent, start);
  CHECK(sent->status == outbox_status::deferred);
  CHECK(recipients_waiting(*sent) == std::vector<std::string>{"b@y.test"});
}

TEST_CASE("what was given up in doubt may have left a copy", "[outbox]") {
  auto doubt = after_restart(dot_sent({{"a@x.test", words(250)}, {"b@y.test", words(451)}}), start);
  auto given_up = settle_doubt(doubt, doubt_end::give_up, start);
  CHECK(given_up->unknown_to == std::vector<std::string>{"a@x.test"});
  CHECK(given_up->status == outbox_status::deferred);
}

TEST_CASE("a mail with more recipients than a message may have goes in several", "[outbox]") {
  auto three = being_sent(mail({"a@x.test", "b@y.test", "c@z.test"}));
  CHECK(recipients_waiting(three, 2) == std::vector<std::string>{"a@x.test", "b@y.test"});
  auto first = after_attempt(*before_dot(three, both_taken, start),
                             answered(send_phase::dot, words(250), both_taken), context());
  CHECK(first.mail.status == outbox_status::deferred);
  CHECK(first.mail.due <= start);
  CHECK(first.mail.reason.empty());
  CHECK(recipients_waiting(first.mail, 2) == std::vector<std::string>{"c@z.test"});
  // A dot that is refused says nothing of those who were not in this one.
  auto refused = after_attempt(*before_dot(three, both_taken, start),
                               answered(send_phase::dot, words(554), both_taken), context());
  CHECK(refused.mail.status == outbox_status::deferred);
  CHECK(refused.refused.size() == 2);
}

TEST_CASE("behind a dot nobody is left waiting who may have the mail", "[outbox]") {
  // A caller that does not say whom the server took.
  auto unsaid = *before_dot(being_sent(), {}, start);
  for (const auto& doubt : {after_restart(unsaid, start),
                            after_attempt(being_sent(), lost(send_phase::dot), context()).mail}) {
    CHECK(doubt.status == outbox_status::in_doubt);
    CHECK(recipients_waiting(doubt).empty());
    CHECK(settle_doubt(doubt, doubt_end::was_sent, start)->status == outbox_status::sent);
  }
  CHECK(after_attempt(unsaid, answered(send_phase::dot, words(250)), context()).mail.status
        == outbox_status::sent);
}

TEST_CASE("every outcome leads where the table of transitions allows", "[outbox]") {
  std::size_t tried = 0;
  for (int phase = 1; phase <= 8; ++phase)
    for (auto code : {250, 421, 432, 450, 451, 452, 500, 530, 535, 550, 552, 554})
      for (const auto* enhanced : {"", "4.7.0", "5.7.139", "5.1.8", "5.2.2", "4.5.3", "5.7.60"}) {
        auto at = static_cast<send_phase>(phase);
        auto from = at == send_phase::dot ? dot_sent() : being_sent();
        // 250 in the middle is no end of an attempt.
        if (code == 250 && at != send_phase::dot)
          continue;
        auto after = after_attempt(
            from, answered(at, words(static_cast<std::uint16_t>(code), enhanced)), context());
        CHECK(may_follow(from.status, after.mail.status));
        CHECK(after.mail.status != outbox_status::in_doubt);
        // Nothing is lost without a word, and nothing waits for nobody.
        CHECK((after.mail.status == outbox_status::sent) == (code == 250));
        CHECK((after.mail.status == outbox_status::deferred)
              == !recipients_waiting(after.mail).empty());
        if (after.mail.status == outbox_status::failed) {
          CHECK(after.refused.size() == 2);
          CHECK(code / 100 == 5);
        }
        CHECK((code == 250) == after.mail.reason.empty());
        ++tried;
      }
  CHECK(tried == 8 * 11 * 7 + 7);
}
