#include "jobs/diagnosis.hpp"
#include "jobs/limits.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

const wall_time now{1'800'000'000s};
constexpr diagnosis_subject about{"box@example.com", "office"};

/// Every code that has a name of its own.
std::vector<errc> all_codes() {
  std::vector<errc> codes;
  for (int number = 1; number < 256; ++number) {
    auto code = static_cast<errc>(number);
    if (code == errc::internal || to_string(code) != "internal")
      codes.push_back(code);
  }
  return codes;
}

} // namespace

TEST_CASE("every code stands in the table once", "[diagnosis]") {
  std::set<std::string_view> codes;
  for (const auto& row : diagnosis_table()) {
    CHECK(codes.insert(row.code).second);
    CHECK(find_diagnosis(row.code)->code == row.code);
  }
  CHECK(find_diagnosis("no.such") == nullptr);
}

TEST_CASE("every row says what happened, who must act, and how", "[diagnosis]") {
  const std::set<std::string_view> people{"operator", "mailbox_owner", "tenant_admin", "provider",
                                          "nobody"};
  for (const auto& row : diagnosis_table()) {
    INFO(row.code);
    CHECK(people.contains(row.who));
    CHECK_FALSE(row.cure.empty());
    CHECK(row.what.ends_with('.'));
    if (row.then == course::parked && row.who == "mailbox_owner")
      CHECK(row.cure.find("mailfleet mailbox sign-in {mailbox}") != std::string_view::npos);
  }
}

TEST_CASE("every error code has a row of its own", "[diagnosis]") {
  std::set<std::string_view> rows;
  auto codes = all_codes();
  CHECK(codes.size() == 36);
  for (auto code : codes) {
    INFO(to_string(code));
    CHECK(rows.insert(row_of(code).code).second);
  }
  CHECK(row_of(static_cast<errc>(200)).code == "internal");
}

TEST_CASE("what is temporary is retried, what is not is not retried soon", "[diagnosis]") {
  for (auto code : all_codes()) {
    INFO(to_string(code));
    auto then = row_of(code).then;
    if (is_temporary(code))
      CHECK((then == course::retried || then == course::refused));
    else if (code != errc::internal)
      CHECK(then != course::retried);
  }
}

TEST_CASE("a diagnosis gives the exact command for its subject", "[diagnosis]") {
  auto made =
      diagnose(failure{errc::sign_in_required, "the refresh token is spent"}, about, now, now + 1h);
  CHECK(made.code == "identity.sign_in_required");
  CHECK(made.who == "mailbox_owner");
  CHECK(made.cure == "mailfleet mailbox sign-in box@example.com");
  CHECK(made.evidence == "the refresh token is spent");
  CHECK(made.since == now);
  CHECK(made.retry_at == now + 1h);
}

TEST_CASE("a name is one word of the command line", "[diagnosis]") {
  auto cure = [](std::string_view mailbox) {
    return diagnose("token.revoked", "", {mailbox, ""}, now, std::nullopt).cure;
  };
  CHECK(cure("o'hara$(x)@example.com") == "mailfleet mailbox sign-in 'o'\\''hara$(x)@example.com'");
  CHECK(cure("") == "mailfleet mailbox sign-in MAILBOX");
  CHECK(cure("{mailbox}@example.com") == "mailfleet mailbox sign-in '{mailbox}@example.com'");
}

TEST_CASE("evidence is printable and bounded", "[diagnosis]") {
  auto made = diagnose(failure{errc::server_refused, "NO \x1b[2J" + std::string(10'000, 'x')},
                       about, now, std::nullopt);
  CHECK(made.evidence.starts_with("NO ?[2J"));
  CHECK(made.evidence.size() <= max_evidence_bytes + 3);
}

TEST_CASE("a token fault keeps its diagnosis on its way through a failure", "[diagnosis]") {
  token_failure refused;
  refused.status = 401;
  refused.error.error = "invalid_client";
  refused.error.codes = {7000222};
  auto fault = classify(refused);
  auto made = diagnose(fault, about, now, std::nullopt);
  CHECK(made.code == "token.secret_expired");
  CHECK(made.cure.find("mailfleet provider secret add office") != std::string::npos);
  CHECK(made.evidence == "HTTP 401 invalid_client AADSTS7000222");
  CHECK(diagnose(fault.as_failure(), about, now, std::nullopt) == made);
}

TEST_CASE("a failure whose words only look alike keeps its own diagnosis", "[diagnosis]") {
  for (const auto* detail : {"token.no_such: x", "token.revoked", "imap.server_busy: x", ""}) {
    auto made = diagnose(failure{errc::dns_failed, detail}, about, now, std::nullopt);
    CHECK(made.code == "network.dns_failed");
    CHECK(made.evidence == detail);
  }
}

TEST_CASE("an event keeps code and evidence as JSON", "[diagnosis]") {
  auto detail = [](std::string_view evidence) {
    return event_detail(diagnose("identity.wrong_account", evidence, about, now, std::nullopt));
  };
  CHECK(detail("") == R"({"code":"identity.wrong_account"})");
  CHECK(detail("'a\"b\\c' signed in\n")
        == R"({"code":"identity.wrong_account","evidence":"'a\"b\\c' signed in?"})");
}

TEST_CASE("trouble that is no failure is named by its code", "[diagnosis]") {
  auto made = diagnose("secret.expiring", "expires in 30 days", about, now, std::nullopt);
  CHECK(made.code == "secret.expiring");
  CHECK(made.who == "operator");
  CHECK(diagnose("no.such", "", about, now, std::nullopt).code == "internal");
}
