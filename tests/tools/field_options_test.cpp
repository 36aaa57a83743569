// What a person is told of: the option, where the API names a field.
#include "tests/tools/scripted_api.hpp"
#include "tools/mailfleet/field_options.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet::tools;
using mailfleet::testing::api_request;
using mailfleet::testing::refusal_of;
using mailfleet::testing::scripted_api;
using nlohmann::json;

TEST_CASE("a field gives way to its option, at the beginning only") {
  auto told = [](const char* detail) { return with_option(detail, mailbox_fields()); };
  CHECK(told("imap.host is empty; give the host") == "--imap-host is empty; give the host");
  CHECK(told("imap.proxy.no_proxy has an entry") == "--no-proxy has an entry");
  CHECK(told("pop3.ca_file \"/x\" cannot be read") == "--pop3-ca-file \"/x\" cannot be read");
  CHECK(told("address has no domain") == "ADDRESS has no domain");
  CHECK(told("the request is not JSON") == "the request is not JSON");
  CHECK(told("mailbox of the address") == "mailbox of the address");
  CHECK(told("address") == "address");
  CHECK(told("").empty());
}

TEST_CASE("a field in an object stands for the object's option where it has none") {
  CHECK(with_option("smtp.port is 0", provider_fields()) == "--smtp is 0");
  CHECK(with_option("secrets[0].expires_at is x", provider_fields()) == "--secret-expires is x");
  CHECK(with_option("mail.to[1].address is x", mail_fields()) == "--to (number 2) is x");
  CHECK(with_option("to[0].address is x", mail_fields()) == "--to is x");
  for (const auto* odd : {"[ is x", "to[ is x", "to[1 is x", "to[] is x", "to]0[ is x"})
    CHECK(with_option(odd, mail_fields()).ends_with(" is x"));
}

TEST_CASE("a person is told of options, a program of fields") {
  scripted_api api{[](const api_request&) {
    return refusal_of("invalid_argument", "imap.host is no host name; give a name", 400);
  }};
  auto add = std::string{"mailbox add ann@example.org --provider office --imap-host x_y"};
  CHECK(api.run(add).err
        == "mailfleet: invalid_argument: --imap-host is no host name; give a name\n");
  CHECK(json::parse(api.run(add + " --json").err)["error"]["detail"]
        == "imap.host is no host name; give a name");
  CHECK(api.run("certificate x_y").err
        == "mailfleet: invalid_argument: HOST is no host name; give a name\n");
}

TEST_CASE("what a server says is not taken for a field") {
  scripted_api api{[](const api_request&) {
    return refusal_of("server_refused", "address is unknown here", 502);
  }};
  CHECK(api.run("mailbox add ann@example.org --provider office").err
        == "mailfleet: server_refused: address is unknown here\n");
}
