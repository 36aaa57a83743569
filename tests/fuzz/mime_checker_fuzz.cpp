// Goal: what the checker takes is one mail for every reader, and where its bytes are cut changes
// nothing; no field of a composed mail gets out of its place. Method: the input is checked whole,
// byte by byte and cut at places that it names itself; what comes out must pass again unchanged,
// go through the dot-stuffer, and be free of Bcc. Cut at 0x1E, it fills the fields of a mail.
#include "protocols/mime/address.hpp"
#include "protocols/mime/compose.hpp"
#include "protocols/mime/header_block.hpp"
#include "protocols/mime/limits.hpp"
#include "protocols/mime/raw_checker.hpp"
#include "protocols/smtp/commands.hpp"
#include "protocols/smtp/dot_stuffer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mailfleet;

void demand(bool what) {
  if (!what)
    std::abort();
}

mime::raw_options options(bool convert) {
  mime::raw_options made;
  made.mailfleet_id = "m-1";
  made.convert_lf = convert;
  return made;
}

struct outcome {
  std::string bytes;
  std::optional<composed_mail> mail;
  bool operator==(const outcome&) const = default;
};

/// What becomes of the bytes when `cut` gives the length of each next part.
template <class Cut>
outcome checked(std::string_view bytes, bool convert, Cut cut) {
  outcome out;
  mime::raw_checker checker{options(convert), [&](std::string_view piece) -> result<void> {
                              out.bytes.append(piece);
                              return {};
                            }};
  while (!bytes.empty()) {
    // A copy of its own size: the sanitizer sees any byte read past its end.
    std::string part{bytes.substr(0, cut())};
    bytes.remove_prefix(part.size());
    if (!checker.append(part))
      break;
  }
  if (auto made = checker.finish())
    out.mail = *std::move(made);
  else
    out.bytes.clear();
  return out;
}

void demand_canonical(std::string_view bytes) {
  smtp::dot_stuffer stuffer;
  std::string wire;
  demand(bool{stuffer.append(bytes, wire)} && bool{stuffer.finish()});
  auto lines = bytes;
  while (!lines.empty()) {
    auto end = lines.find("\r\n");
    demand(end != lines.npos && end <= mime::max_line_bytes);
    lines.remove_prefix(end + 2);
  }
  auto rest = bytes;
  auto headers = mime::take_header_block(rest);
  demand(!mime::has_field(headers, "Bcc"));
  demand(mime::value_of(headers, mailfleet_id_header) == "m-1");
  demand(mime::has_field(headers, "From") && mime::has_field(headers, "Message-ID"));
}

void demand_sound(const mail_envelope& envelope) {
  demand(bool{smtp::mail_command(envelope.sender, {})});
  demand(!envelope.recipients.empty());
  for (const auto& one : envelope.recipients)
    demand(bool{smtp::recipient_command(one, {})});
}

void try_raw(std::string_view bytes, bool convert) {
  auto size = bytes.size();
  auto whole = checked(bytes, convert, [&] { return std::max<std::size_t>(size, 1); });
  demand(whole == checked(bytes, convert, [] { return std::size_t{1}; }));
  std::size_t at = 0;
  demand(whole == checked(bytes, convert, [&] {
           return 1 + static_cast<std::size_t>(static_cast<unsigned char>(bytes[at++ % size])) % 37;
         }));
  if (!whole.mail)
    return;
  demand_canonical(whole.bytes);
  demand_sound(whole.mail->envelope);
  auto again = checked(whole.bytes, false, [&] { return whole.bytes.size(); });
  // Bcc is gone, so the second time only the others get it, if there are others.
  demand(!again.mail || again.bytes == whole.bytes);
}

std::vector<std::string> split(std::string_view bytes) {
  std::vector<std::string> parts;
  while (parts.size() < 12) {
    auto end = bytes.find('\x1e');
    parts.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  }
  return parts;
}

void try_compose(std::string_view bytes) {
  auto part = split(bytes);
  outgoing_mail mail;
  mail.from = {part[0], "ann@x.test"};
  mail.to = {{part[1], part[2].empty() ? "bob@y.test" : part[2]}};
  mail.bcc = {{"", "hidden@z.test"}};
  mail.subject = part[3];
  mail.text = part[4];
  mail.html = part[5];
  if (!part[6].empty())
    mail.headers = {{part[7].empty() ? "X-Any" : part[7], part[6]}};
  if (!part[8].empty()) {
    outgoing_file file;
    file.name = part[8];
    file.content_type = part[9];
    file.content_id = part[10];
    file.content = {make_body(part[11])};
    mail.files = {file};
  }
  mime::compose_options with;
  with.mailfleet_id = "m-1";
  std::string out;
  auto made = mime::compose(mail, with, [&](std::string_view piece) -> result<void> {
    out.append(piece);
    return {};
  });
  if (!made)
    return;
  demand_canonical(out);
  demand_sound(made->envelope);
  demand(made->envelope.recipients.size() <= 2);
  demand(made->facts.from.size() == 1 && made->facts.from[0] == "ann@x.test");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (size == 0)
    return 0;
  try_raw(bytes, false);
  try_raw(bytes, true);
  try_compose(bytes);
  if (auto address = mime::read_address("to", bytes.substr(0, 300)))
    demand(
        bool{smtp::recipient_command(address->text(), {.notify = {}, .original_recipient = true})});
  return 0;
}
