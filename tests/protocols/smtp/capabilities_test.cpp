#include "protocols/smtp/capabilities.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("Capabilities are read as servers write them", "[smtp]") {
  smtp::smtp_reply exchange{250,
                            {},
                            {"outlook.example.test Hello", "SIZE 157286400", "PIPELINING", "DSN",
                             "ENHANCEDSTATUSCODES", "STARTTLS", "auth login XOAUTH2", "8BITMIME",
                             "BINARYMIME", "CHUNKING", "SMTPUTF8"}};
  auto able = smtp::read_capabilities(exchange);
  CHECK(able.max_bytes == 157'286'400);
  CHECK((able.pipelining && able.delivery_status && able.starttls && able.eight_bit));
  CHECK((able.smtputf8 && able.enhanced_status_codes && able.size));
  CHECK(able.mechanisms == std::vector<std::string>{"LOGIN", "XOAUTH2"});
  auto odd = smtp::read_capabilities({250, {}, {"SIZE 1", "SIZE 0", "AUTH=PLAIN", "AUTH plain"}});
  CHECK(odd.size);
  CHECK_FALSE(odd.max_bytes);
  CHECK(odd.mechanisms == std::vector<std::string>{"PLAIN"});
  CHECK(smtp::read_capabilities({250, {}, {}}) == smtp::capabilities{});
}
