#pragma once

#include "jobs/mail_replies.hpp"

#include <span>

/// The table of replies; for jobs/mail_replies.cpp only.
namespace mailfleet::jobs {

/// What the log-in before the reply must have been.
enum class log_in_kind : std::uint8_t { any, password, challenged };

/// One kind of reply. What is empty fits all; `?` fits any character of a pattern.
struct reply_row {
  reply_protocol protocol = reply_protocol::imap;
  std::optional<reply_phase> phase;
  std::string_view status;
  std::string_view code;
  /// A part of the words, in any case.
  std::string_view words;
  std::string_view diagnosis;
  log_in_kind kind = log_in_kind::any;
};

/// The first row that fits a reply counts.
[[nodiscard]] std::span<const reply_row> reply_rows();

} // namespace mailfleet::jobs
