#include "protocols/mime/library.hpp"

#include "protocols/mime/ascii.hpp"
#include "protocols/mime/limits.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

namespace mailfleet::mime {

namespace {

struct g_free_bytes {
  void operator()(char* bytes) const noexcept {
    g_free(bytes);
  }
};
struct unref {
  void operator()(void* object) const noexcept {
    g_object_unref(object);
  }
};
struct unref_date {
  void operator()(GDateTime* date) const noexcept {
    g_date_time_unref(date);
  }
};

using text_ptr = std::unique_ptr<char, g_free_bytes>;
using date_ptr = std::unique_ptr<GDateTime, unref_date>;

/// Adds a list's mailboxes; false if one is none. Groups do not nest (RFC 5322 3.4), but what
/// GMime reads might.
bool add_mailboxes(InternetAddressList* list, int depth, std::vector<mail_address>& to) {
  constexpr int most_depth = 4;
  if (depth > most_depth)
    return false;
  for (int at = 0; at < internet_address_list_length(list); ++at) {
    auto* one = internet_address_list_get_address(list, at);
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
      auto* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one));
      if (members && !add_mailboxes(members, depth + 1, to))
        return false;
      continue;
    }
    const auto* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
    const auto* name = internet_address_get_name(one);
    if (!address)
      return false;
    to.push_back({name ? name : "", address});
  }
  return true;
}

} // namespace

void ensure_library() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string decoded_text(std::string_view value, std::size_t limit) {
  ensure_library();
  std::string text{value};
  text_ptr decoded{g_mime_utils_header_decode_text(nullptr, text.c_str())};
  return printable(decoded ? decoded.get() : "", limit);
}

std::optional<std::vector<mail_address>> read_address_list(std::string_view value) {
  ensure_library();
  if (std::ranges::count(value, ':') > static_cast<std::ptrdiff_t>(max_list_colons))
    return std::nullopt;
  std::string text{value};
  std::unique_ptr<InternetAddressList, unref> list{
      internet_address_list_parse(nullptr, text.c_str())};
  std::vector<mail_address> found;
  if (!list || !add_mailboxes(list.get(), 0, found))
    return std::nullopt;
  return found;
}

std::optional<wall_time> read_date(std::string_view value) {
  ensure_library();
  std::string text{value};
  date_ptr date{g_mime_utils_header_decode_date(text.c_str())};
  if (!date)
    return std::nullopt;
  return wall_time{std::chrono::seconds{g_date_time_to_unix(date.get())}};
}

std::string write_date(wall_time when) {
  ensure_library();
  date_ptr date{g_date_time_new_from_unix_utc(when.time_since_epoch().count())};
  if (!date)
    return {};
  text_ptr text{g_mime_utils_header_format_date(date.get())};
  return text ? text.get() : "";
}

media_type read_media_type(std::string_view value) {
  ensure_library();
  std::string text{value};
  std::unique_ptr<GMimeContentType, unref> type{
      g_mime_content_type_parse(nullptr, text.empty() ? "text/plain" : text.c_str())};
  text_ptr name{type ? g_mime_content_type_get_mime_type(type.get()) : nullptr};
  media_type read;
  read.name = name ? name.get() : "text/plain";
  for (auto& c : read.name)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  const auto* boundary = type ? g_mime_content_type_get_parameter(type.get(), "boundary") : nullptr;
  read.boundary = boundary ? boundary : "";
  return read;
}

std::string decoded_content(std::string_view content, std::string_view encoding) {
  ensure_library();
  std::string name{encoding};
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, g_mime_content_encoding_from_string(name.c_str()));
  std::string decoded(g_mime_encoding_outlen(&state, content.size()), '\0');
  decoded.resize(g_mime_encoding_flush(&state, content.data(), content.size(), decoded.data()));
  return decoded;
}

bool is_utf8_text(std::string_view text) {
  // Most texts begin with much ASCII, which GLib looks at byte by byte.
  constexpr std::size_t step = 1024;
  while (!text.empty() && is_ascii(text.substr(0, step))
         && text.substr(0, step).find('\0') == text.npos)
    text.remove_prefix(std::min(step, text.size()));
  return g_utf8_validate_len(text.data(), text.size(), nullptr) != 0;
}

} // namespace mailfleet::mime
