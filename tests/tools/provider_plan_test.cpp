// The real program, with no server anywhere: a plan needs none.

#include "tests/tools/tool_run.hpp"
#include "tests/web/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using mailfleet::testing::holds;
using nlohmann::json;

namespace {

constexpr const char* microsoft =
    "provider plan --service microsoft --public-url https://motion.example.com ";
constexpr const char* callback =
    "https://motion.example.com/api/cloudProviders/oauth2/Outlook365/callback";

struct fixture {
  /// Standard output; `status` and `err` are left behind.
  std::string run(const std::string& arguments) {
    auto ended = testing::run_tool(folder.path, arguments);
    status = ended.status;
    err = ended.err;
    return ended.out;
  }

  testing::temporary_folder folder;
  int status = -1;
  std::string err;
};

} // namespace

TEST_CASE_METHOD(fixture, "a plan has every form and ends with the command to add it") {
  auto shown = run(std::string{microsoft} + "--tenant contoso.example");
  CHECK(status == 0);
  for (const auto* part : {"== Step by step\n", "\"requiredResourceAccess\": [", "az ad app create",
                           "POST https://graph.microsoft.com/", "New-MgApplication", "Note\n"})
    CHECK(holds(shown, part));
  CHECK(shown.ends_with(std::string{"--redirect-uri "} + callback + "\n"));
  CHECK(holds(shown, "mailfleet provider add mailfleet --service microsoft --type Outlook365 "
                     "--tenant contoso.example"));
}

TEST_CASE_METHOD(fixture, "one form of a plan is that form alone") {
  auto manifest = json::parse(run(std::string{microsoft} + "--format manifest"));
  CHECK(manifest["web"]["redirectUris"] == json::array({callback}));
  CHECK(manifest["requiredResourceAccess"][0]["resourceAccess"].size() == 7);
  auto steps = run(std::string{microsoft} + "--format text");
  CHECK(holds(steps, "Supported account types"));
  CHECK_FALSE(holds(steps, "New-MgApplication"));
  CHECK(steps.ends_with(std::string{callback} + "\n"));
  CHECK(holds(run(std::string{microsoft} + "--format graph"), "# mailfleet provider add "));
}

TEST_CASE_METHOD(fixture, "the commands for Azure CLI are a script that a shell reads") {
  for (const auto* more : {"--app-only ", "--tenant consumers ", ""}) {
    CAPTURE(more);
    auto script = folder.file("register.sh", run(std::string{microsoft} + more + "--format az"));
    CHECK(std::system(("bash -n " + script).c_str()) == 0);
  }
}

TEST_CASE_METHOD(fixture, "a plan as JSON tells what is verified") {
  auto plan = json::parse(run(std::string{microsoft} + "--app-only --json"));
  CHECK(plan["redirect_uri"] == callback);
  CHECK(plan["grant_types"] == json::array({"client_credentials"}));
  CHECK(plan["account_type"]["audience"] == "AzureADMyOrg");
  REQUIRE(plan["permissions"].size() == 3);
  CHECK(plan["permissions"][0]["id"] == "5e5addcd-3e8d-4e90-baf5-964efab2b20a");
  CHECK(plan["permissions"][0]["verified"] == false);
  CHECK(plan["permissions"][2]["id"].is_null());
  CHECK(plan["manifest"]["signInAudience"] == "AzureADMyOrg");
  auto generic = json::parse(
      run("provider plan --service generic --public-url https://motion.example.com --json"));
  CHECK(generic["scopes"] == json::array({"openid", "email", "offline_access"}));
  CHECK_FALSE(generic.contains("manifest"));
}

TEST_CASE_METHOD(fixture, "a plan that cannot be made is a matter of usage") {
  CHECK(run("provider plan --service microsoft --public-url http://motion.example.com").empty());
  CHECK(status == 2);
  CHECK(holds(err, "--public-url is not https; use https://"));
  for (const auto* wrong :
       {"provider plan --service microsoft", "provider plan --public-url https://h",
        "provider plan --service generic --public-url https://h --format az",
        "provider plan --service microsoft --public-url https://h --format pdf"}) {
    CAPTURE(wrong);
    CHECK(run(wrong).empty());
    CHECK(status == 2);
  }
}
