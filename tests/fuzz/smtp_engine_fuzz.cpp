// Goal: no server crashes the SMTP engine, gets a line of its own making out of it, or makes it
// take a message for sent whose dot was not. Method: the input is cut at 0x1E into what the server
// says between two acts of a caller that submits again and again; each part is fed whole or byte by
// byte, as its first byte says.
#include "protocols/smtp/engine.hpp"
#include "tests/protocols/smtp/transcript.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace {

using namespace mailfleet;
using phase = smtp::engine::phase;

void demand(bool what) {
  if (!what)
    std::abort();
}

class caller {
public:
  /// Takes all events; false once the session is at its end.
  bool drain() {
    for (;;) {
      auto event = engine_.next();
      if (std::holds_alternative<smtp::need_input>(event))
        return engine_.now() != phase::over;
      if (const auto* sent = std::get_if<smtp::to_send>(&event))
        demand_lines(sent->bytes);
      if (std::holds_alternative<smtp::message_taken>(event))
        demand(std::exchange(dots_, 0) == 1);
      if (std::holds_alternative<smtp::submission_refused>(event))
        dots_ = 0;
      if (std::holds_alternative<smtp::ready_for_body>(event))
        demand(std::get<smtp::ready_for_body>(event).taken > 0);
      demand(engine_.is_in_doubt() == (dots_ == 1));
      if (std::holds_alternative<smtp::broken>(event)) {
        demand(std::holds_alternative<smtp::broken>(engine_.next()));
        return false;
      }
    }
  }

  bool says(std::string_view bytes) {
    std::string part{bytes};
    engine_.feed(part);
    return drain();
  }

  /// The next step that is in order.
  bool act(unsigned char choice) {
    switch (engine_.now()) {
    case phase::ready: {
      mail_envelope envelope;
      envelope.sender = "ann@x.test";
      for (int count = choice % 130; count >= 0; --count)
        envelope.recipients.push_back("r" + std::to_string(count) + "@y.test");
      if (choice % 5 == 0)
        static_cast<void>(
            engine_.log_in(sasl::mechanism::xoauth2,
                           {"ann", secret{std::string(choice * 3u, 't') + "t"}, "h", 1}));
      else
        static_cast<void>(engine_.submit(envelope, {}));
      break;
    }
    case phase::body: {
      std::string out;
      demand(bool{engine_.append("a\r\n.\r\n", out)} && out == "a\r\n..\r\n");
      demand(bool{engine_.end_body()});
      break;
    }
    case phase::before_dot:
      if (engine_.send_dot())
        ++dots_;
      break;
    default: break;
    }
    return drain();
  }

private:
  static void demand_lines(std::string_view bytes) {
    demand(bytes.ends_with("\r\n"));
    while (!bytes.empty()) {
      auto end = bytes.find("\r\n");
      demand(bytes.substr(0, end).find_first_of(std::string_view{"\r\n\0", 3}) == bytes.npos);
      bytes.remove_prefix(end + 2);
    }
  }

  smtp::engine engine_ = *smtp::engine::begin("c.test", smtp::engine::first::greeting);
  int dots_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  caller with;
  bool alive = with.drain();
  while (alive && !bytes.empty()) {
    auto end = bytes.find('\x1e');
    auto part = bytes.substr(0, end);
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
    auto choice = static_cast<unsigned char>(part.empty() ? 0 : part.front());
    part.remove_prefix(part.empty() ? 0 : 1);
    if (choice % 2 == 0) {
      alive = with.says(part);
    } else {
      for (std::size_t at = 0; alive && at < part.size(); ++at)
        alive = with.says(part.substr(at, 1));
    }
    alive = alive && with.act(choice);
  }
  return 0;
}
