#include "jobs/diagnosis.hpp"
#include "jobs/failure_words.hpp"
#include "tests/jobs/recorded_failures.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::testing;

namespace {

std::string told(errc code, std::string_view detail) {
  return diagnose(failure{code, std::string{detail}}, {}, wall_time{}, std::nullopt).code;
}

} // namespace

TEST_CASE("the words of net/ and protocols/ tell the closer diagnosis", "[failure_words]") {
  for (const auto& [code, detail, diagnosis] : recorded_failures) {
    INFO(detail);
    CHECK(told(code, detail) == diagnosis);
  }
}

TEST_CASE("words count only with the code that they belong to", "[failure_words]") {
  CHECK(told(errc::dns_failed, "it is self-signed") == "network.dns_failed");
  CHECK(told(errc::storage_failed, "CONNECT tunnel failed, response 407") == "storage.failed");
  CHECK(told(errc::not_found, "the server refused x: is throttled") == "request.not_found");
}

TEST_CASE("words of a mail server count behind our own only", "[failure_words]") {
  CHECK(told(errc::server_busy, "the server refused SELECT: Request is throttled.")
        == "imap.throttled");
  CHECK(told(errc::server_busy, "Request is throttled.") == "imap.server_busy");
  CHECK(told(errc::server_busy, "the server refused nothing") == "imap.server_busy");
  CHECK(told(errc::server_busy, "the server refused SELECT: words of its own")
        == "imap.server_busy");
  CHECK(told(errc::authentication_failed, "the server refused SELECT INBOX: [NOPERM] Access denied")
        == "imap.no_rights");
  CHECK(told(errc::server_busy, "the server ended the session: [SERVERBUG] oh")
        == "imap.server_fault");
  // A general meaning of the reply does not win over the failure's code.
  CHECK(told(errc::server_busy, "the server ended the session: good night") == "imap.server_busy");
}

TEST_CASE("a closer diagnosis is retried neither sooner nor later than the code's own",
          "[failure_words]") {
  for (const auto& [code, detail, diagnosis] : recorded_failures) {
    INFO(detail);
    // The code's own row is of a request that was refused, not of a connection.
    if (code != errc::sign_in_required && code != errc::invalid_argument)
      CHECK(find_diagnosis(diagnosis)->then == row_of(code).then);
  }
}
