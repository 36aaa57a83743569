// Goal: whatever a message holds, every server sees one message. Method: what the stuffer
// lets through is read by a strict reader (CRLF only) and by lax ones that take a bare LF, a
// bare CR, or any mixture around the dot for a line end; all must see one message, and its bytes.
#include "protocols/smtp/dot_stuffer.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace mailfleet;
using smtp::dot_stuffer;

namespace {

/// The wire bytes of a message, dot included; nothing if it is refused.
std::optional<std::string> stuffed(const std::string& message, std::size_t step = 0) {
  dot_stuffer stuffer;
  std::string out;
  step = step == 0 ? std::max<std::size_t>(message.size(), 1) : step;
  for (std::size_t at = 0; at < message.size(); at += step)
    if (!stuffer.append(std::string{message, at, step}, out))
      return std::nullopt;
  if (!stuffer.finish())
    return std::nullopt;
  return out.append(dot_stuffer::final_dot);
}

/// The messages in `wire` by RFC 5321, unstuffed; what follows the last one too.
std::vector<std::string> strict(std::string_view wire) {
  std::vector<std::string> found;
  std::string message;
  while (!wire.empty()) {
    auto end = wire.find("\r\n");
    auto line = wire.substr(0, end);
    wire.remove_prefix(end == wire.npos ? wire.size() : end + 2);
    if (line == ".") {
      found.push_back(std::exchange(message, {}));
      continue;
    }
    line.remove_prefix(line.starts_with('.') ? 1 : 0);
    message.append(line).append("\r\n");
  }
  if (!message.empty())
    found.push_back(message);
  return found;
}

/// How many messages a server sees that takes CR and LF by themselves for line ends too.
std::size_t lax(std::string_view wire) {
  std::size_t found = 0;
  bool text = false;
  while (!wire.empty()) {
    auto end = wire.find_first_of("\r\n");
    auto line = wire.substr(0, end);
    bool pair = end != wire.npos && wire.substr(end, 2) == "\r\n";
    wire.remove_prefix(end == wire.npos ? wire.size() : end + (pair ? 2 : 1));
    if (line == ".") {
      ++found;
      text = false;
    } else {
      text = true;
    }
  }
  return found + (text ? 1 : 0);
}

} // namespace

TEST_CASE("Dots at the beginning of lines are doubled, and only there", "[smtp]") {
  CHECK(*stuffed(".\r\n") == "..\r\n.\r\n");
  CHECK(*stuffed("a.b\r\n..c\r\n.\r\n") == "a.b\r\n...c\r\n..\r\n.\r\n");
  CHECK(*stuffed("") == ".\r\n");
  CHECK(*stuffed("\r\n") == "\r\n.\r\n");
}

TEST_CASE("The tricks with bare line ends are refused", "[smtp]") {
  for (const auto* trick :
       {"\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\r\n", "\n\r", "\n"})
    for (std::string before : {"", "a", "a\r\n"})
      CHECK_FALSE(stuffed(before + trick + "MAIL FROM:<x@y.test>\r\n"));
  CHECK_FALSE(stuffed(std::string("a\0b\r\n", 5)));
  CHECK_FALSE(stuffed("a"));
  CHECK_FALSE(stuffed("a\r"));
  CHECK(strict(*stuffed("a\r\n.\r\nMAIL FROM:<x@y.test>\r\n")).size() == 1);
}

TEST_CASE("Strict and lax readers see one message, whatever it holds and however it is cut",
          "[smtp]") {
  std::mt19937 random{11};
  const std::vector<std::string> parts{"\r\n", "\r\n", "\r\n.",     ".",    "\n",   "\r",
                                       "a",    "..",   "\r\n.\r\n", "QUIT", "\n.\n"};
  std::size_t passed = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string message;
    for (auto count = random() % 8; count > 0; --count)
      message += parts[random() % (round % 2 == 0 ? parts.size() : 4)];
    if (round % 3 != 0)
      message += "\r\n";
    auto wire = stuffed(message);
    for (std::size_t step = 1; step <= 3; ++step)
      CHECK(stuffed(message, step) == wire);
    if (!wire) {
      ++refused;
      continue;
    }
    ++passed;
    CHECK(strict(*wire) == std::vector<std::string>{message});
    CHECK(lax(*wire) == 1);
  }
  CHECK(passed > 1'000);
  CHECK(refused > 1'000);
}
