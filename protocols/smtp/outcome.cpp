#include "protocols/smtp/outcome.hpp"

namespace mailfleet::smtp {

namespace {

/// Bytes kept of a server's words: a STOREDRV exception of Exchange names its cause within.
constexpr std::size_t kept_words_bytes = 400;

} // namespace

send_phase send_phase_of(engine::phase phase) noexcept {
  switch (phase) {
  case engine::phase::greeting:
  case engine::phase::hello: return send_phase::greeting;
  case engine::phase::log_in: return send_phase::log_in;
  // An open session that ends before a mail began is not the mail's fault.
  case engine::phase::ready:
  case engine::phase::quit:
  case engine::phase::over: return send_phase::greeting;
  case engine::phase::reset:
  case engine::phase::sender: return send_phase::sender;
  case engine::phase::recipients: return send_phase::recipients;
  case engine::phase::data: return send_phase::data;
  case engine::phase::body:
  case engine::phase::before_dot: return send_phase::body;
  case engine::phase::dot: return send_phase::dot;
  }
  return send_phase::greeting;
}

server_words server_words_of(const smtp_reply& reply) {
  server_words said;
  said.code = static_cast<std::uint16_t>(reply.code);
  if (reply.enhanced)
    said.enhanced = to_string(*reply.enhanced);
  std::string words;
  for (const auto& line : reply.lines)
    if (!line.empty())
      words.append(words.empty() ? "" : " ").append(line);
  said.words = printable(words, kept_words_bytes);
  return said;
}

} // namespace mailfleet::smtp
