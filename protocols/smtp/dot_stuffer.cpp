#include "protocols/smtp/dot_stuffer.hpp"

#include "protocols/plain_run.hpp"

namespace mailfleet::smtp {

namespace {

failure bad_message(std::string_view fault) {
  return bad_field("message", fault, "end every line with CR and LF, and leave NUL out");
}

} // namespace

result<void> dot_stuffer::append(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    if (at_ == place::broken)
      return bad_message("was refused before");
    if (at_ == place::after_cr && piece.front() != '\n') {
      at_ = place::broken;
      return bad_message("has a CR without LF");
    }
    if (at_ == place::after_cr) {
      out.push_back('\n');
      piece.remove_prefix(1);
      at_ = place::line_begin;
      continue;
    }
    if (at_ == place::line_begin && piece.front() == '.')
      out.push_back('.');
    // A run without a special byte goes as a whole: this is the path of every body.
    auto run = protocols::plain_run(piece);
    out.append(run);
    piece.remove_prefix(run.size());
    at_ = place::within;
    if (piece.empty())
      break;
    if (piece.front() != '\r') {
      at_ = place::broken;
      return bad_message(piece.front() == '\n' ? "has an LF without CR" : "has a NUL");
    }
    out.push_back('\r');
    piece.remove_prefix(1);
    at_ = place::after_cr;
  }
  return {};
}

result<void> dot_stuffer::finish() {
  if (at_ == place::line_begin)
    return {};
  at_ = place::broken;
  return bad_message("does not end with a line end");
}

} // namespace mailfleet::smtp
