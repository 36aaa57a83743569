// Goal: no bytes of a server crash the engine, and where the network cuts them
// changes nothing. Method: the input is fed whole, byte by byte, and cut at
// places that it names itself; all three must give equal events. Tags are
// constant, so that the corpus can complete commands: MAAAAAAAAAAAA.
#include "protocols/imap/capabilities.hpp"
#include "protocols/imap/commands.hpp"
#include "protocols/imap/engine.hpp"
#include "protocols/imap/folder_names.hpp"
#include "protocols/imap/refusal.hpp"
#include "protocols/imap/tokens.hpp"
#include "tests/protocols/imap_transcript.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace mailfleet;

/// What the engine says when `cut` gives the length of each next part.
template <class Cut>
std::string heard(std::string_view bytes, Cut cut) {
  imap::engine engine{[](std::size_t count) { return std::string(count, '\0'); }};
  for (int commands = 0; commands < 4; ++commands)
    static_cast<void>(engine.start("NOOP"));
  testing::transcript said;
  while (!bytes.empty()) {
    // A copy of its own size: the sanitizer sees any byte read past its end.
    std::string part{bytes.substr(0, cut())};
    bytes.remove_prefix(part.size());
    if (!said.feed(engine, part))
      break;
  }
  return said.text;
}

void demand_equal(const std::string& a, const std::string& b) {
  if (a == b)
    return;
  std::fprintf(stderr, "--- whole\n%s\n--- cut\n%s\n", a.c_str(), b.c_str());
  std::abort();
}

void demand_printable(std::string_view text) {
  for (auto c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      std::abort();
}

void try_values(std::string_view text) {
  auto said = imap::read_response_text(text);
  auto judged = imap::judge(imap::status::no, said, imap::stage::selected, "FETCH");
  if (judged.retry_after && *judged.retry_after > imap::max_retry_after)
    std::abort();
  demand_printable(judged.reason.detail);
  static_cast<void>(imap::capabilities{text}.mechanisms());
  // A folder's name is fit to be shown, and to be asked for again.
  auto name = imap::folder_name(text);
  demand_printable(name);
  auto again = imap::quoted_mailbox(name);
  if (again && imap::folder_name(imap::unescaped(again->substr(1, again->size() - 2))) != name)
    std::abort();
  // Whatever a folder is called, its quoted name is one quoted string.
  auto quoted = imap::quoted_mailbox(text);
  if (!quoted)
    return;
  demand_printable(*quoted);
  std::string_view rest = *quoted;
  if (imap::next_token(rest).what != imap::token::kind::quoted || !rest.empty())
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto whole = heard(bytes, [&] { return std::max<std::size_t>(size, 1); });
  demand_equal(whole, heard(bytes, [] { return std::size_t{1}; }));
  std::size_t at = 0;
  demand_equal(whole, heard(bytes, [&] { return 1 + std::size_t{data[at++ % size]} % 37; }));
  try_values(bytes.substr(0, 512));
  return 0;
}
