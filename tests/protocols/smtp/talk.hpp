#pragma once

#include "protocols/smtp/engine.hpp"
#include "tests/protocols/smtp/transcript.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// Conversations of the SMTP engine, for its tests.
namespace mailfleet::testing {

inline const std::string full_ehlo = "250-mail.example.test\r\n250-SIZE 1000\r\n250-PIPELINING\r\n"
                                     "250-8BITMIME\r\n250-DSN\r\n250 AUTH LOGIN XOAUTH2\r\n";
inline const std::string plain_ehlo = "250 mail.example.test\r\n";

inline mail_envelope envelope(std::size_t recipients = 2) {
  mail_envelope made;
  made.sender = "ann@example.test";
  for (std::size_t at = 0; at < recipients; ++at)
    made.recipients.push_back("r" + std::to_string(at) + "@example.test");
  made.bytes = 30;
  return made;
}

/// A conversation up to an open session.
struct talk {
  explicit talk(const std::string& ehlo = full_ehlo)
    : engine{*smtp::engine::begin("client.example.test", smtp::engine::first::hello)} {
    heard.drain(engine);
    says(ehlo);
    heard.text.clear();
  }

  talk& says(std::string_view bytes) {
    // A copy of its own size: the address sanitizer sees any byte read past it.
    std::string part{bytes};
    alive = heard.feed(engine, part);
    return *this;
  }

  talk& submit(std::size_t recipients = 2) {
    REQUIRE(engine.submit(envelope(recipients), {}));
    heard.drain(engine);
    return *this;
  }

  /// Up to the final dot.
  talk& with_body() {
    std::string out;
    REQUIRE(engine.append("Subject: x\r\n\r\n.hello\r\n", out));
    CHECK(out == "Subject: x\r\n\r\n..hello\r\n");
    REQUIRE(engine.end_body());
    return *this;
  }

  talk& with_dot() {
    REQUIRE(engine.send_dot());
    heard.drain(engine);
    return *this;
  }

  smtp::engine engine;
  smtp_transcript heard;
  bool alive = true;
};

} // namespace mailfleet::testing
