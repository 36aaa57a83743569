#include "protocols/mime/parts.hpp"

#include "protocols/imap/tokens.hpp"
#include "protocols/mime/header_block.hpp"
#include "protocols/mime/library.hpp"
#include "protocols/mime/limits.hpp"

namespace mailfleet::mime {

namespace {

/// Takes a line from the front, without its end.
std::string_view take_line(std::string_view& text) {
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

constexpr std::string_view part_fields[] = {"Content-Type", "Content-Transfer-Encoding"};

/// Attachments of people's mail are large: they are told from reports before any work.
bool may_matter(std::string_view type) {
  auto is = [type](std::string_view word) {
    return imap::same_word(type.substr(0, word.size()), word);
  };
  return is("multipart/") || is("message/") || is("text/rfc822-headers");
}

class walk {
public:
  explicit walk(const std::function<void(const mail_part&)>& tell) : tell_{tell} {}

  void visit(std::string_view part, std::size_t depth) {
    if (depth > max_depth || ++parts_ > max_parts)
      return;
    auto headers = take_header_block(part, part_fields);
    auto value = value_of(headers, "Content-Type");
    if (!may_matter(value))
      return;
    auto type = read_media_type(value);
    if (type.name.starts_with("multipart/")) {
      if (!type.boundary.empty())
        split(part, type.boundary, depth);
    } else {
      tell_({type.name, decoded_content(part, value_of(headers, "Content-Transfer-Encoding"))});
    }
  }

private:
  /// RFC 2046 5.1.1.
  void split(std::string_view body, const std::string& boundary, std::size_t depth) {
    const char* begin = nullptr;
    while (!body.empty() && parts_ <= max_parts) {
      const auto* at = body.data();
      auto line = take_line(body);
      if (!line.starts_with("--") || !line.substr(2).starts_with(boundary))
        continue;
      auto behind = trimmed(line.substr(2 + boundary.size()));
      if (!behind.empty() && behind != "--")
        continue;
      if (begin)
        visit({begin, static_cast<std::size_t>(at - begin)}, depth + 1);
      begin = body.data();
      if (behind == "--")
        return;
    }
    // One that was cut ends where the mail does.
    if (begin)
      visit({begin, static_cast<std::size_t>(body.data() - begin)}, depth + 1);
  }

  const std::function<void(const mail_part&)>& tell_;
  std::size_t parts_ = 0;
};

} // namespace

void for_each_report_part(std::string_view mail,
                          const std::function<void(const mail_part&)>& tell) {
  walk{tell}.visit(mail.substr(0, max_report_bytes), 0);
}

} // namespace mailfleet::mime
