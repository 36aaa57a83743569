#include "jobs/diagnosis.hpp"
#include "tests/jobs/recorded_answers.hpp"
#include "tests/jobs/recorded_failures.hpp"
#include "tests/jobs/recorded_replies.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

// Goal: no row of the table is dead, and none is untested.
// Method: what the tables of recorded input must be told as, checked by their own tests, is
// put together; what is left must be an `errc`'s own row, or an exception with its reason.

using namespace mailfleet;
using namespace mailfleet::testing;

namespace {

const std::map<std::string_view, std::string_view> exceptions{
    {"token.unreachable", "the network's failure, not an answer: see oauth_faults_test.cpp"},
    {"token.untrusted", "the network's failure, not an answer: see oauth_faults_test.cpp"},
    {"token.certificate_unusable", "our own key's fault: see client_assertion_test.cpp"},
    {"secret.expiring", "what the secrets' dates say; nobody answers anything"},
    {"secret.expired", "what the secrets' dates say; nobody answers anything"},
    {"identity.wrong_account", "what an id_token names: see signed_in_account_test.cpp"},
    {"identity.other_browser", "what a browser does not bring: see provider_sign_in_test.cpp"},
    {"identity.other_issuer", "what a browser brings: see provider_sign_in_test.cpp"},
    {"imap.other_account", "what facts come to, not an answer: see not_connected_test.cpp"},
    {"imap.mailbox_unusable", "what facts come to, not an answer: see not_connected_test.cpp"},
    {"imap.none_connected", "what facts come to, not an answer: see not_connected_test.cpp"},
    {"imap.app_without_rights", "what facts come to, not an answer: see not_connected_test.cpp"},
    {"imap.app_unknown", "what facts come to, not an answer: see not_connected_test.cpp"},
    {"secret.expiry_not_permitted", "the directory's answer: see secret_expiry_test.cpp"},
    {"secret.app_not_listed", "the directory's answer: see secret_expiry_test.cpp"},
    {"secret.expiry_unread", "the directory's answer: see secret_expiry_test.cpp"},
    {"secret.expiry_differs", "two dates that do not fit: see examination_test.cpp"},
    {"smtp.no_server", "what no record names: see outbox_state_test.cpp"},
    {"mail.content_lost", "what the store has not, not an answer: see outbox_state_test.cpp"},
    {"secret.none_accepted", "what several answers come to; see token_endpoint.cpp"},
};

std::set<std::string_view> reached() {
  std::set<std::string_view> codes;
  for (const auto& answer : recorded_answers())
    codes.insert(answer.diagnosis);
  for (const auto& same : recorded_aadsts())
    codes.insert(same.diagnosis);
  for (const auto& said : recorded_replies())
    codes.insert(said.diagnosis);
  for (const auto& failed : recorded_failures)
    codes.insert(failed.diagnosis);
  for (int number = 1; number < 256; ++number)
    codes.insert(jobs::row_of(static_cast<errc>(number)).code);
  return codes;
}

} // namespace

TEST_CASE("every diagnosis is reached by a recorded input or an error code", "[diagnosis]") {
  auto codes = reached();
  for (const auto& row : jobs::diagnosis_table()) {
    INFO(row.code);
    CHECK(codes.contains(row.code) != exceptions.contains(row.code));
  }
}
