#include "protocols/mime/raw_checker.hpp"

#include "protocols/mime/ascii.hpp"
#include "protocols/plain_run.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::mime {

namespace {

/// Bytes given to the sink at once.
constexpr std::size_t piece_bytes = 64 * 1024;

} // namespace

result<void> raw_checker::append(std::string_view piece) {
  if (failed_)
    return *failed_;
  auto taken = take(piece);
  if (!taken)
    failed_ = taken.error();
  return taken;
}

result<void> raw_checker::take(std::string_view piece) {
  auto bad_line = [&](std::string_view fault, std::string_view cure) {
    return bad_field("line " + std::to_string(lines_), fault, cure);
  };
  while (!piece.empty()) {
    if (std::exchange(after_cr_, false)) {
      if (piece.front() != '\n')
        return bad_line("has a CR without LF", "end every line with CR and LF");
      piece.remove_prefix(1);
      if (auto ended = end_line(); !ended)
        return ended;
      continue;
    }
    auto run = protocols::plain_run(piece);
    if (auto added = add(run); !added)
      return added;
    piece.remove_prefix(run.size());
    if (piece.empty())
      break;
    auto special = piece.front();
    piece.remove_prefix(1);
    after_cr_ = special == '\r';
    if (special == '\0')
      return bad_line("has a NUL", "encode the part in base64");
    if (special != '\n')
      continue;
    if (!options_.convert_lf)
      return bad_line(
          "has an LF without CR",
          "end every line with CR and LF, or have it done (convert_lf; `--convert-lf`)");
    if (auto ended = end_line(); !ended)
      return ended;
  }
  return {};
}

result<void> raw_checker::add(std::string_view run) {
  line_bytes_ += run.size();
  if (line_bytes_ > max_line_bytes)
    return bad_field("line " + std::to_string(lines_), "has more than 998 bytes",
                     "fold the header, or encode the part in quoted-printable or base64");
  if (!in_headers_) {
    made_.envelope.needs_8bitmime = made_.envelope.needs_8bitmime || !is_ascii(run);
    return put(run);
  }
  headers_.append(run);
  if (headers_.size() > max_header_section_bytes)
    return bad_field("the mail's headers", "have no end",
                     "end them with an empty line, within "
                         + std::to_string(max_header_section_bytes) + " bytes");
  return {};
}

result<void> raw_checker::end_line() {
  ++lines_;
  if (!in_headers_) {
    line_bytes_ = 0;
    return put("\r\n");
  }
  if (std::exchange(line_bytes_, 0) == 0)
    return end_headers();
  headers_.append("\r\n");
  return {};
}

result<void> raw_checker::end_headers() {
  in_headers_ = false;
  auto checked = check_headers(headers_, options_);
  if (!checked)
    return checked.error();
  made_.envelope = std::move(checked->envelope);
  made_.facts = std::move(checked->facts);
  headers_ = {};
  return put(checked->text);
}

result<void> raw_checker::put(std::string_view bytes) {
  made_.envelope.bytes += bytes.size();
  if (made_.envelope.bytes > options_.max_bytes)
    return failure{errc::too_large, "the mail has more than " + std::to_string(options_.max_bytes)
                                        + " bytes; send it smaller"};
  waiting_.append(bytes);
  return waiting_.size() < piece_bytes ? result<void>{} : flush();
}

result<void> raw_checker::flush() {
  if (waiting_.empty())
    return {};
  auto taken = sink_(waiting_);
  waiting_.clear();
  return taken;
}

result<composed_mail> raw_checker::finish() {
  if (failed_)
    return *failed_;
  auto end = [&]() -> result<void> {
    if (after_cr_)
      return bad_field("line " + std::to_string(lines_), "has a CR without LF",
                       "end every line with CR and LF");
    if (line_bytes_ > 0)
      if (auto ended = end_line(); !ended)
        return ended;
    if (in_headers_)
      if (auto ended = end_headers(); !ended)
        return ended;
    return flush();
  };
  if (auto ended = end(); !ended) {
    failed_ = ended.error();
    return *failed_;
  }
  // Whatever comes behind the end is an error of the caller's.
  failed_ = failure{errc::internal, "the mail was ended before"};
  return std::move(made_);
}

result<composed_mail> check_raw(std::string_view bytes, raw_options options, byte_sink sink) {
  raw_checker checker{std::move(options), std::move(sink)};
  if (auto taken = checker.append(bytes); !taken)
    return taken.error();
  return checker.finish();
}

} // namespace mailfleet::mime
