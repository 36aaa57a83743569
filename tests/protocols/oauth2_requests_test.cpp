#include "protocols/oauth2/requests.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet;
using namespace mailfleet::oauth2;

namespace {

constexpr const char* nasty_secret = "[6gyXA5S20@MN+WRXAJ]I-TO7g1:h2P8";
constexpr const char* nasty_encoded = "%5B6gyXA5S20%40MN%2BWRXAJ%5DI-TO7g1%3Ah2P8";

client_identity client(client_auth auth) {
  return {"app:1", auth, secret{nasty_secret}, secret{"he.cl.sig"}};
}

authorize_request example() {
  authorize_request request;
  request.authorization_endpoint = "https://id.example/authorize";
  request.client_id = "app";
  request.redirect_uri = "https://host/cb?x=1";
  request.scopes = {"openid", "https://outlook.office.com/IMAP.AccessAsUser.All"};
  request.state = "st&ate";
  request.nonce = "non=ce";
  request.code_challenge = "chall";
  return request;
}

} // namespace

TEST_CASE("the authorize URL asks for a code with PKCE in the query", "[oauth2]") {
  CHECK(authorize_url(example())
        == "https://id.example/authorize?client_id=app&response_type=code"
           "&redirect_uri=https%3A%2F%2Fhost%2Fcb%3Fx%3D1&response_mode=query"
           "&scope=openid%20https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All"
           "&state=st%26ate&nonce=non%3Dce&code_challenge=chall&code_challenge_method=S256");
}

TEST_CASE("the authorize URL takes a hint, extras and an endpoint with a query", "[oauth2]") {
  auto request = example();
  request.authorization_endpoint += "?p=policy";
  request.login_hint = "jo+e@example.com";
  request.extra = {{"access_type", "offline"}};
  auto url = authorize_url(request);
  CHECK(url.starts_with("https://id.example/authorize?p=policy&client_id=app&"));
  CHECK(url.ends_with("&login_hint=jo%2Be%40example.com&access_type=offline"));
}

TEST_CASE("a refresh with a posted secret carries it in the body, exactly encoded", "[oauth2]") {
  auto request = refresh_request(client(client_auth::secret_post), secret{"r/1+2"}, {"a", "b"});
  CHECK(request.body.reveal()
        == std::string{"grant_type=refresh_token&refresh_token=r%2F1%2B2&scope=a%20b"
                       "&client_id=app%3A1&client_secret="}
               + nasty_encoded);
  CHECK(request.basic_user.empty());
  CHECK(request.basic_password.empty());
  CHECK(request.headers
        == std::vector<std::pair<std::string, std::string>>{
            {"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}});
}

TEST_CASE("HTTP Basic carries both parts form-encoded and the body neither", "[oauth2]") {
  auto request = refresh_request(client(client_auth::secret_basic), secret{"r"}, {});
  CHECK(request.body.reveal() == "grant_type=refresh_token&refresh_token=r");
  CHECK(request.basic_user == "app%3A1");
  CHECK(request.basic_password.reveal() == nasty_encoded);
}

TEST_CASE("a public client sends its id and no secret, even if it has one", "[oauth2]") {
  auto request = refresh_request(client(client_auth::none), secret{"r"}, {});
  CHECK(request.body.reveal() == "grant_type=refresh_token&refresh_token=r&client_id=app%3A1");
  CHECK(request.basic_user.empty());
  CHECK(request.basic_password.empty());
}

TEST_CASE("a code is redeemed with its redirect URI and verifier", "[oauth2]") {
  auto request = code_request(client(client_auth::none), secret{"c.o=de"}, "https://host/cb",
                              secret{"verifier"}, {});
  CHECK(request.body.reveal()
        == "grant_type=authorization_code&code=c.o%3Dde&redirect_uri=https%3A%2F%2Fhost%2Fcb"
           "&code_verifier=verifier&client_id=app%3A1");
}

TEST_CASE("an assertion takes the secret's place, and its type says what it is", "[oauth2]") {
  auto request = refresh_request(client(client_auth::private_key_jwt), secret{"r"}, {});
  CHECK(request.body.reveal()
        == "grant_type=refresh_token&refresh_token=r&client_id=app%3A1&client_assertion_type="
           "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
           "&client_assertion=he.cl.sig");
  CHECK(request.basic_user.empty());
  CHECK(request.basic_password.empty());
}

TEST_CASE("an assertion travels with its own method only", "[oauth2]") {
  for (auto auth : {client_auth::secret_post, client_auth::secret_basic, client_auth::none}) {
    auto request = refresh_request(client(auth), secret{"r"}, {});
    CHECK(request.body.reveal().find("assertion") == std::string_view::npos);
  }
}

TEST_CASE("a client asks for a token of its own", "[oauth2]") {
  auto request = client_credentials_request(client(client_auth::private_key_jwt),
                                            {"https://outlook.office365.com/.default"});
  CHECK(request.body.reveal().starts_with(
      "grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default"
      "&client_id=app%3A1&client_assertion_type="));
}

TEST_CASE("a device code is asked for with the scopes", "[oauth2]") {
  auto request = device_authorization_request(client(client_auth::none), {"a", "b"});
  CHECK(request.body.reveal() == "scope=a%20b&client_id=app%3A1");
  request = device_authorization_request(client(client_auth::none), {});
  CHECK(request.body.reveal() == "client_id=app%3A1");
}

TEST_CASE("a device code is redeemed", "[oauth2]") {
  auto request = device_token_request(client(client_auth::none), secret{"d/c"});
  CHECK(request.body.reveal()
        == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
           "&device_code=d%2Fc&client_id=app%3A1");
}
