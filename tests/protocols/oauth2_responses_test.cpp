#include "protocols/oauth2/limits.hpp"
#include "protocols/oauth2/responses.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace mailfleet;
using namespace mailfleet::oauth2;
using namespace std::chrono_literals;

namespace {

nlohmann::json answer() {
  return {{"access_token", "at"}, {"token_type", "Bearer"}, {"expires_in", 3600}};
}

/// Tue, 24 Nov 2026 12:00:00 UTC.
const wall_time noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 12h;

std::optional<std::chrono::seconds> wait_of(std::string value) {
  return retry_after({{"content-type", "text/plain"}, {"retry-after", std::move(value)}}, noon);
}

nlohmann::json device() {
  return {{"device_code", "dc"},
          {"user_code", "GTHK-QPMN"},
          {"verification_uri", "https://microsoft.com/devicelogin"},
          {"expires_in", 900}};
}

} // namespace

TEST_CASE("a token answer is read in full", "[oauth2]") {
  auto body = answer();
  body["refresh_token"] = "rt";
  body["refresh_in"] = 1800;
  body["id_token"] = "a.b.c";
  body["scope"] = "openid mail";
  body["ext_expires_in"] = 7200;
  auto found = parse_token_answer(body.dump());
  REQUIRE(found);
  CHECK(found->access_token.reveal() == "at");
  CHECK(found->refresh_token.reveal() == "rt");
  CHECK(found->id_token.reveal() == "a.b.c");
  CHECK(found->scope == "openid mail");
  CHECK(found->expires_in == 3600s);
  CHECK(found->refresh_in == 1800s);
}

TEST_CASE("a token answer may lack everything but the token and its type", "[oauth2]") {
  auto found = parse_token_answer(R"({"access_token":"at","token_type":"bearer","x":null,
                                      "refresh_token":null})");
  REQUIRE(found);
  CHECK(found->refresh_token.empty());
  CHECK(found->id_token.empty());
  CHECK(found->scope.empty());
  CHECK_FALSE(found->expires_in);
  CHECK_FALSE(found->refresh_in);
}

TEST_CASE("of a repeated name in a token answer the last value counts", "[oauth2]") {
  auto found = parse_token_answer(R"({"access_token":"one","token_type":"Bearer","expires_in":1,
                                      "access_token":"two","expires_in":3600})");
  REQUIRE(found);
  CHECK(found->access_token.reveal() == "two");
  CHECK(found->expires_in == 3600s);
}

TEST_CASE("a life may be a string, and what is not positive is not said", "[oauth2]") {
  auto life = [](nlohmann::json value) {
    auto body = answer();
    body["expires_in"] = std::move(value);
    return parse_token_answer(body.dump())->expires_in;
  };
  CHECK(life("3600") == 3600s);
  CHECK(life(0) == std::nullopt);
  CHECK(life(-1) == std::nullopt);
  CHECK(life("soon") == std::nullopt);
  CHECK(life(9'223'372'036'854'775'808U) == max_token_life);
}

TEST_CASE("a token is taken up to its size limit", "[oauth2]") {
  auto body = answer();
  body["access_token"] = std::string(5'000, 'x');
  CHECK(parse_token_answer(body.dump()));
  body["access_token"] = std::string(max_token_bytes, 'x');
  CHECK(parse_token_answer(body.dump()));
  body["access_token"] = std::string(max_token_bytes + 1, 'x');
  CHECK_FALSE(parse_token_answer(body.dump()));
}

TEST_CASE("a token with control bytes is refused and not quoted", "[oauth2]") {
  for (const auto* name : {"access_token", "refresh_token", "id_token"}) {
    for (const auto* value : {"canary\x01"
                              "auth=x",
                              "canary\r\nx", "canary x", "canary\x7f"}) {
      auto body = answer();
      body[name] = value;
      auto found = parse_token_answer(body.dump());
      REQUIRE_FALSE(found);
      CHECK(found.error().code == errc::token_unavailable);
      CHECK(found.error().detail.find("canary") == std::string::npos);
    }
  }
}

TEST_CASE("what is no token answer is an outage, not a refusal", "[oauth2]") {
  for (const auto* body :
       {"", "<html>", "{}", "[]", R"({"access_token":""})", R"({"access_token":5})",
        R"({"access_token":"a","token_type":"mac"})", R"({"access_token":"a"})",
        R"({"access_token":"a","token_type":"Bearer","refresh_token":{}})"}) {
    auto found = parse_token_answer(body);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::token_unavailable);
  }
}

TEST_CASE("Microsoft's error answer is read with its codes and ids", "[oauth2]") {
  auto found = parse_token_error(R"({"error":"interaction_required",
 "error_description":"AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '...'.\r\nTrace ID: ...",
 "error_codes":[50076],"timestamp":"2020-07-06 22:31:52Z","trace_id":"t-1","correlation_id":"c-1",
 "error_uri":"https://login.microsoftonline.com/error?code=50076","suberror":"basic_action"})");
  CHECK(found.error == "interaction_required");
  CHECK(found.suberror == "basic_action");
  CHECK(found.codes == std::vector<std::uint32_t>{50076});
  CHECK(found.trace_id == "t-1");
  CHECK(found.correlation_id == "c-1");
  CHECK(found.timestamp == "2020-07-06 22:31:52Z");
  CHECK(found.description.starts_with("AADSTS50076: Due to"));
  CHECK(found.description.find('\r') == std::string::npos);
}

TEST_CASE("a code that stands only in the description is found", "[oauth2]") {
  auto found = parse_token_error(
      R"({"error":"invalid_grant","error_description":"AADSTS50196: The server terminated"})");
  CHECK(found.codes == std::vector<std::uint32_t>{50196});
  CHECK(parse_token_error(R"({"error":"x","error_description":"AADSTS: none"})").codes.empty());
  CHECK(parse_token_error(R"({"error":"x","error_description":"see AADSTS5"})").codes.empty());
  CHECK(parse_token_error(R"({"error":"x","error_description":"AADSTS99999999999: x"})")
            .codes.empty());
}

TEST_CASE("HTML, plain text and nothing survive as error answers", "[oauth2]") {
  CHECK(parse_token_error("") == token_error{});
  auto text = parse_token_error("Too Many\x1b Requests");
  CHECK(text.error.empty());
  CHECK(text.description == "Too Many? Requests");
  auto html = parse_token_error("<html>" + std::string(100'000, 'x'));
  CHECK(html.error.empty());
  CHECK(html.description.size() <= max_description_bytes + 3);
  CHECK(parse_token_error(R"({"error":{"code":5},"error_codes":"x"})").error.empty());
}

TEST_CASE("codes of an error answer are bounded", "[oauth2]") {
  nlohmann::json body{{"error", "x"}};
  for (std::size_t i = 1; i <= max_error_codes + 1; ++i)
    body["error_codes"].push_back(i);
  CHECK(parse_token_error(body.dump()).codes.size() == max_error_codes);
  body["error_codes"] = {-1, 1.5, "7", 4'294'967'296U, 4'294'967'295U};
  CHECK(parse_token_error(body.dump()).codes == std::vector<std::uint32_t>{4'294'967'295U});
}

TEST_CASE("Retry-After is read as seconds", "[oauth2]") {
  CHECK(wait_of("60") == 60s);
  CHECK(wait_of("1") == 1s);
  CHECK_FALSE(wait_of("0"));
  CHECK_FALSE(wait_of("-5"));
  CHECK_FALSE(wait_of(""));
  CHECK_FALSE(wait_of("5s"));
  CHECK(wait_of("86399") == 86'399s);
  CHECK(wait_of("86401") == 86'400s);
  CHECK(wait_of("99999999999999999999") == 86'400s);
  CHECK_FALSE(retry_after({{"date", "60"}}, noon));
}

TEST_CASE("Retry-After is read as any HTTP date", "[oauth2]") {
  CHECK(wait_of("Tue, 24 Nov 2026 12:01:00 GMT") == 60s);
  CHECK(wait_of("Tuesday, 24-Nov-26 12:01:00 GMT") == 60s);
  CHECK(wait_of("Tue Nov 24 12:01:00 2026") == 60s);
  CHECK(wait_of("Sun Dec  6 12:00:00 2026") == 86'400s);
  CHECK_FALSE(wait_of("Tue, 24 Nov 2026 12:00:00 GMT"));
  CHECK_FALSE(wait_of("Mon, 23 Nov 2026 12:00:00 GMT"));
  CHECK_FALSE(wait_of("Mon, 31 Feb 2027 12:00:00 GMT"));
  CHECK_FALSE(wait_of("Tue, 24 Nov 2026 12:01:00 GMT and more"));
  CHECK_FALSE(wait_of(std::string(10'000, 'x')));
}

TEST_CASE("a callback gives code, state and issuer", "[oauth2]") {
  auto found = parse_callback(
      "code=0.A%2Bx&state=s%2D1&session_state=zz&iss=https%3A%2F%2Fid.example&code_=1");
  REQUIRE(found);
  CHECK(found->code.reveal() == "0.A+x");
  CHECK(found->state == "s-1");
  CHECK(found->issuer == "https://id.example");
  CHECK(found->error.empty());
}

TEST_CASE("a callback gives the provider's refusal, printable", "[oauth2]") {
  auto found =
      parse_callback("error=access_denied&error_description=The+user%0D%0Adeclined&state=s");
  REQUIRE(found);
  CHECK(found->code.empty());
  CHECK(found->error == "access_denied");
  CHECK(found->error_description == "The user??declined");
}

TEST_CASE("a callback is refused where it could mean two things", "[oauth2]") {
  for (const auto* query :
       {"", "state=s", "code=c", "code=c&state=", "code=&state=s", "code=c&error=e&state=s",
        "code=c&code=d&state=s", "code=c&state=s&state=s", "code=c&state=s&co%64e=d",
        "code=c&state=s&iss=a&iss=a", "error=a&error=a&state=s", "code=c%&state=s",
        "code=c%0Ad&state=s", "code=c&state=s%01", "code=c&state=s&x=%zz"}) {
    auto found = parse_callback(query);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::invalid_argument);
  }
}

TEST_CASE("a callback is bounded in length and in parameters", "[oauth2]") {
  std::string query = "code=c&state=s";
  CHECK(parse_callback(query + "&x=" + std::string(max_query_bytes - query.size() - 3, 'x')));
  CHECK_FALSE(parse_callback(query + "&x=" + std::string(max_query_bytes - query.size() - 2, 'x')));
  for (std::size_t i = 2; i < max_query_parameters; ++i)
    query += "&x=1";
  CHECK(parse_callback(query));
  CHECK_FALSE(parse_callback(query + "&x=1"));
}

TEST_CASE("a device answer is read in full", "[oauth2]") {
  auto body = device();
  body["verification_uri_complete"] = "https://microsoft.com/devicelogin?code=GTHK-QPMN";
  body["interval"] = 7;
  body["message"] = "To sign in, ...";
  auto found = parse_device_answer(body.dump());
  REQUIRE(found);
  CHECK(found->device_code.reveal() == "dc");
  CHECK(found->user_code == "GTHK-QPMN");
  CHECK(found->verification_uri == "https://microsoft.com/devicelogin");
  CHECK(found->verification_uri_complete == "https://microsoft.com/devicelogin?code=GTHK-QPMN");
  CHECK(found->expires_in == 900s);
  CHECK(found->interval == 7s);
}

TEST_CASE("a device answer may lack an interval, and name the address as it once was", "[oauth2]") {
  auto body = device();
  body.erase("verification_uri");
  body["verification_url"] = "https://www.google.com/device";
  body["expires_in"] = "900";
  auto found = parse_device_answer(body.dump());
  REQUIRE(found);
  CHECK(found->verification_uri == "https://www.google.com/device");
  CHECK(found->verification_uri_complete.empty());
  CHECK(found->expires_in == 900s);
  CHECK(found->interval == 5s);
}

TEST_CASE("the times of a device answer are bounded", "[oauth2]") {
  auto body = device();
  body["expires_in"] = 1'000'000'000;
  body["interval"] = 1'000'000'000;
  auto found = parse_device_answer(body.dump());
  REQUIRE(found);
  CHECK(found->expires_in == max_device_code_life);
  CHECK(found->interval == max_device_interval);
  body["interval"] = 0;
  CHECK(parse_device_answer(body.dump())->interval == default_device_interval);
}

TEST_CASE("a device answer that cannot be used is refused", "[oauth2]") {
  for (const auto* name : {"device_code", "user_code", "verification_uri", "expires_in"}) {
    auto body = device();
    body.erase(name);
    CHECK_FALSE(parse_device_answer(body.dump()));
    body[name] = nlohmann::json::array();
    CHECK_FALSE(parse_device_answer(body.dump()));
  }
  for (const auto& [name, value] :
       {std::pair{"device_code", "canary code"}, std::pair{"user_code", "canary\x1b[2J"},
        std::pair{"verification_uri", "http://canary.example/device"},
        std::pair{"verification_uri", "javascript:canary()"},
        std::pair{"verification_uri", "https://microsoft.com@canary.example/"},
        std::pair{"verification_uri_complete", "http://canary.example/device"}}) {
    auto body = device();
    body[name] = value;
    auto found = parse_device_answer(body.dump());
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::token_unavailable);
    CHECK(found.error().detail.find("canary") == std::string::npos);
  }
  auto body = device();
  body["user_code"] = std::string(max_word_bytes + 1, 'A');
  CHECK_FALSE(parse_device_answer(body.dump()));
  CHECK_FALSE(parse_device_answer("<html>"));
}
