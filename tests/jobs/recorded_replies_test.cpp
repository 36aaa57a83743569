#include "jobs/diagnosis.hpp"
#include "jobs/limits.hpp"
#include "jobs/mailbox_setback.hpp"
#include "protocols/imap/refusal.hpp"
#include "tests/jobs/recorded_replies.hpp"

#include <catch2/catch.hpp>

// Goal: from the line of a mail server to the words shown.
// Method: every recorded line goes through the table; those of IMAP also go the way of a
// session: the parser, the judgement, and what the mailbox does after it.

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::testing;

namespace {

reply_meaning meaning(const recorded_reply& said) {
  auto reply = read_reply(said.protocol, said.phase, said.line);
  reply.auth = said.auth;
  reply.challenged = said.challenged;
  return meaning_of(reply);
}

/// What a session reports that ended with an IMAP line; none if it goes on.
std::optional<session_closed> session_end(const recorded_reply& said) {
  auto reply = read_reply(said.protocol, said.phase, said.line);
  auto status = imap::read_status(reply.status);
  if (!status || *status == imap::status::ok || *status == imap::status::preauth)
    return std::nullopt;
  auto text = said.line.substr(
      static_cast<std::size_t>(reply.status.data() + reply.status.size() - said.line.data()));
  text.remove_prefix(text.starts_with(' ') ? 1 : 0);
  bool logs_in = said.phase != reply_phase::session;
  auto judged = imap::judge(*status, imap::read_response_text(text),
                            logs_in ? imap::stage::signing_in : imap::stage::selected,
                            logs_in ? "the sign-in" : "UID FETCH");
  if (!imap::ends_session(judged))
    return std::nullopt;
  return session_closed{judged.reason, false, judged.retry_after};
}

setback after(const session_closed& end, mailbox_auth auth) {
  return after_session(end, {.auth = auth,
                             .address = "box@example.com",
                             .provider = "office",
                             .failures = 2,
                             .credential_was_renewed = true,
                             .now = wall_time{1'000s},
                             .fraction = 0.5});
}

} // namespace

TEST_CASE("every recorded reply has its meaning", "[recorded]") {
  for (const auto& said : recorded_replies()) {
    INFO(said.line);
    auto found = meaning(said);
    CHECK(found.diagnosis == said.diagnosis);
    CHECK((found.diagnosis.empty() || find_diagnosis(found.diagnosis)));
  }
}

TEST_CASE("words and codes count in any case, the line's end does not", "[recorded]") {
  auto imap = [](std::string_view line) {
    return meaning_of(read_reply(reply_protocol::imap, reply_phase::session, line)).diagnosis;
  };
  CHECK(imap("a1 bad USER IS AUTHENTICATED BUT NOT CONNECTED.\r\n") == "imap.not_connected");
  CHECK(imap("a1 no [overQuota] x") == "imap.over_quota");
  CHECK(imap("a1 no [not closed") == "imap.server_refused");
  auto smtp = read_reply(reply_protocol::smtp, reply_phase::log_in, "535-5.7.8 no\r\n");
  CHECK(smtp.status == "535");
  CHECK(smtp.code == "5.7.8");
  CHECK(smtp.words == "no");
  CHECK(read_reply(reply_protocol::smtp, reply_phase::log_in, "5.7.8").code.empty());
}

TEST_CASE("a wait that the words name is told, cut at our limit", "[recorded]") {
  auto wait = [](std::string_view line) {
    return meaning_of(read_reply(reply_protocol::imap, reply_phase::session, line)).wait;
  };
  CHECK(wait("A1 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds")
        == 92'415ms);
  CHECK(wait("A1 BAD Suggested Backoff Time: 99999999999 milliseconds") == server_wait_max);
  CHECK_FALSE(wait("A1 BAD Suggested Backoff Time: -1 milliseconds"));
  CHECK_FALSE(wait("A1 BAD Request is throttled."));
}

TEST_CASE("a session's end is told by the server's own words", "[recorded]") {
  for (const auto& said : recorded_replies()) {
    auto end = said.protocol == reply_protocol::imap ? session_end(said) : std::nullopt;
    if (!end || !meaning(said).is_close)
      continue;
    INFO(said.line);
    auto shown = after(*end, said.auth);
    REQUIRE(shown.trouble);
    CHECK(shown.trouble->code == said.diagnosis);
  }
}

TEST_CASE("a mailbox does what its diagnosis says", "[recorded]") {
  for (const auto& said : recorded_replies()) {
    auto end = said.protocol == reply_protocol::imap ? session_end(said) : std::nullopt;
    if (!end)
      continue;
    INFO(said.line);
    auto shown = after(*end, said.auth);
    REQUIRE(shown.trouble);
    bool soon = find_diagnosis(shown.trouble->code)->then == course::retried;
    CHECK(soon == (shown.state == mailbox_state::backing_off));
  }
}

TEST_CASE("a mailbox that does not open is told with what to check", "[recorded]") {
  session_closed end{{errc::authentication_failed,
                      "the server refused SELECT INBOX: User is authenticated but not connected."},
                     false,
                     std::nullopt};
  auto shown = after(end, mailbox_auth::oauth2);
  REQUIRE(shown.trouble);
  CHECK(shown.state == mailbox_state::parked);
  CHECK(shown.wait >= refused_wait_first);
  CHECK(shown.trouble->code == "imap.not_connected");
  CHECK(shown.trouble->who == "tenant_admin");
  CHECK(shown.trouble->cure.find("`Get-CASMailbox -Identity box@example.com`")
        != std::string::npos);
  CHECK(shown.trouble->cure.ends_with("`mailfleet mailbox sign-in box@example.com`"));
}

TEST_CASE("a 535 is the token's fault only after a challenge", "[recorded]") {
  auto reply = read_reply(reply_protocol::smtp, reply_phase::log_in, "535 5.7.3 no");
  CHECK(meaning_of(reply).diagnosis == "smtp.log_in_unproven");
  CHECK(find_diagnosis("smtp.log_in_unproven")->who == "nobody");
  reply.challenged = true;
  CHECK(meaning_of(reply).diagnosis == "smtp.authentication_failed");
}
