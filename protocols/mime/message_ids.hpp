#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::mime {

/// Whether `id` is a `msg-id` (RFC 5322 3.6.4) that every server leaves alone: brackets, ASCII,
/// one '@', no blank, at most `max_message_id_bytes`.
[[nodiscard]] bool is_sound_message_id(std::string_view id);

/// The ids in the value of In-Reply-To or References: sound ones, each once. Of more than
/// `max_references` the first one and the latest are kept.
[[nodiscard]] std::vector<std::string> message_ids_in(std::string_view value);

/// References, then In-Reply-To, each id once.
[[nodiscard]] std::vector<std::string> thread_of(std::string_view references,
                                                 std::string_view in_reply_to);

/// `id` in angle brackets; it may have them already.
[[nodiscard]] std::string with_brackets(std::string_view id);

} // namespace mailfleet::mime
