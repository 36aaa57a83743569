// Goal: no mail crashes the recogniser of reports, and what it tells is bounded and printable.
#include "protocols/mime/limits.hpp"
#include "protocols/mime/message_ids.hpp"
#include "protocols/mime/report.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace mailfleet;

void demand(bool what) {
  if (!what)
    std::abort();
}

void demand_shown(std::string_view text, std::size_t limit) {
  // The mark of what was cut is longer than the limit.
  demand(text.size() <= limit + 8);
  for (auto c : text)
    demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read = mime::read_meaning({reinterpret_cast<const char*>(data), size});
  demand(read.recipients.size() <= mime::max_reported_recipients);
  demand(read.thread.size() <= mime::max_references);
  for (const auto& one : read.recipients) {
    demand_shown(one.address, 4 * mime::max_address_bytes);
    demand_shown(one.diagnostic, mime::max_report_text_bytes);
    demand_shown(one.status, 16);
  }
  for (const auto& id : read.thread)
    demand(mime::is_sound_message_id(id));
  for (const auto* id : {&read.message_id, &read.about_message_id})
    demand(id->empty() || mime::is_sound_message_id(*id));
  demand_shown(read.own_id, mime::max_message_id_bytes);
  demand_shown(read.about_mailfleet_id, mime::max_message_id_bytes);
  demand_shown(read.about_envelope_id, mime::max_report_text_bytes);
  demand_shown(read.reason, mime::max_report_text_bytes);
  demand(read.kind != mail_kind::ordinary || read.recipients.empty());
  return 0;
}
