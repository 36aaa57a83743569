#include "protocols/mime/compose.hpp"

#include "protocols/mime/compose_parts.hpp"
#include "protocols/mime/raw_checker.hpp"

namespace mailfleet::mime {

result<composed_mail> compose(const outgoing_mail& mail, const compose_options& options,
                              const byte_sink& sink, const file_reader& read) {
  auto checked = check_fields(mail);
  if (!checked)
    return checked.error();
  raw_options raw;
  raw.mailfleet_id = options.mailfleet_id;
  raw.now = options.now;
  raw.sender = checked->sender ? checked->sender->address : checked->from.address;
  raw.recipients = checked->recipients;
  raw.max_recipients = options.max_recipients;
  raw.max_bytes = options.max_bytes;
  // What was built is read again by the same rules as the mail of others.
  raw_checker checker{std::move(raw), sink};
  auto written = write_mail(
      mail, *checked, options, [&](std::string_view piece) { return checker.append(piece); }, read);
  if (!written)
    return written.error();
  return checker.finish();
}

} // namespace mailfleet::mime
