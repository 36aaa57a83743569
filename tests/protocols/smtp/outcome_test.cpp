#include "protocols/smtp/outcome.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using phase = smtp::engine::phase;

TEST_CASE("Content without its dot counts as not sent, and nothing else does", "[smtp]") {
  CHECK(smtp::send_phase_of(phase::dot) == send_phase::dot);
  CHECK(smtp::send_phase_of(phase::before_dot) == send_phase::body);
  for (auto early : {phase::greeting, phase::hello, phase::ready, phase::log_in, phase::reset,
                     phase::sender, phase::recipients, phase::data, phase::quit})
    CHECK(smtp::send_phase_of(early) < send_phase::body);
}

TEST_CASE("A server's words are kept printable, on one line", "[smtp]") {
  smtp::smtp_reply reply;
  reply.code = 550;
  reply.enhanced = smtp::enhanced_status{5, 1, 1};
  reply.lines = {"no\x1b[2J", "", "body"};
  auto said = smtp::server_words_of(reply);
  CHECK(said == server_words{550, "5.1.1", "no?[2J body"});
  reply.lines = {std::string(5'000, 'x')};
  CHECK(smtp::server_words_of(reply).words.size() < 500);
}
