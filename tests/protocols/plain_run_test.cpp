#include "protocols/plain_run.hpp"

#include <catch2/catch.hpp>

#include <string>

using mailfleet::protocols::plain_run;

TEST_CASE("a run ends before the first CR, LF or NUL, wherever it stands", "[plain_run]") {
  constexpr std::size_t longest = 50;
  for (std::size_t size = 0; size <= longest; ++size)
    for (std::size_t at = 0; at <= size; ++at)
      for (char special : {'\r', '\n', '\0'}) {
        // Bytes beside the three, and beyond ASCII, are none of them.
        std::string text(size, at % 2 == 0 ? '\x0b' : '\x8d');
        for (auto next = at; next < size; next += 3)
          text[next] = special;
        CAPTURE(size, at, int{special});
        CHECK(plain_run(text).size() == at);
        CHECK(plain_run(text).data() == text.data());
      }
}
