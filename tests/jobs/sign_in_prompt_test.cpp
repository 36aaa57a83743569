#include "jobs/sign_in_prompt.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using jobs::with_prompt;

namespace {

const jobs::authorize_hints microsoft{"ann@example.com", {}};
const jobs::authorize_hints google{"ann@example.com",
                                   {{"access_type", "offline"}, {"prompt", "consent"}}};

std::string prompt_of(const jobs::authorize_hints& hints) {
  for (const auto& [name, value] : hints.extra)
    if (name == "prompt")
      return value;
  return {};
}

} // namespace

TEST_CASE("without a prompt the address stays as it is", "[sign_in_prompt]") {
  CHECK(with_prompt(microsoft, std::nullopt) == microsoft);
  CHECK(with_prompt(google, std::nullopt) == google);
}

TEST_CASE("a prompt is asked for by its word", "[sign_in_prompt]") {
  using enum sign_in_prompt;
  for (auto prompt : {none, login, consent, select_account})
    CHECK(prompt_of(with_prompt(microsoft, prompt)) == to_string(prompt));
  CHECK(with_prompt(microsoft, login).login_hint == "ann@example.com");
}

TEST_CASE("a choice of accounts names none", "[sign_in_prompt]") {
  CHECK(with_prompt(microsoft, sign_in_prompt::select_account).login_hint.empty());
}

TEST_CASE("the prompt that a service needs stays beside another, but not beside none",
          "[sign_in_prompt]") {
  CHECK(prompt_of(with_prompt(google, sign_in_prompt::select_account)) == "consent select_account");
  CHECK(prompt_of(with_prompt(google, sign_in_prompt::consent)) == "consent");
  CHECK(prompt_of(with_prompt(google, sign_in_prompt::none)) == "none");
}
