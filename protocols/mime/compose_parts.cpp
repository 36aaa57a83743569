#include "protocols/mime/compose_parts.hpp"

#include "protocols/mime/gmime_streams.hpp"
#include "protocols/mime/library.hpp"
#include "protocols/plain_run.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>

namespace mailfleet::mime {

namespace {

struct unref {
  void operator()(void* object) const noexcept {
    g_object_unref(object);
  }
};
template <class T>
using owned = std::unique_ptr<T, unref>;
using object = owned<GMimeObject>;

struct free_options {
  void operator()(GMimeFormatOptions* options) const noexcept {
    g_mime_format_options_free(options);
  }
};

/// Lines of a text as they stand in 7bit and quoted-printable parts before the last filter
/// writes CRLF, or in base64 parts. The text holds no NUL.
std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (;;) {
    auto line = protocols::plain_run(text);
    out.append(line);
    text.remove_prefix(line.size());
    if (text.empty())
      return out;
    text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    out.append(line_end);
  }
}

/// What a text holds that decides how it is encoded.
struct text_traits {
  std::size_t beyond_ascii = 0;
  std::size_t longest_line = 0;
  /// Blanks at the end of a line get lost, and control bytes are no text.
  bool odd = false;
};

text_traits traits_of(std::string_view text) {
  text_traits found;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    // Without an early end and a branch: this is the path of every body.
    std::size_t beyond = 0;
    std::size_t control = 0;
    for (auto c : line) {
      auto byte = static_cast<unsigned char>(c);
      beyond += byte >= 0x80 ? 1U : 0U;
      control += (byte < 0x20 && byte != '\t') || byte == 0x7F ? 1U : 0U;
    }
    found.beyond_ascii += beyond;
    found.longest_line = std::max(found.longest_line, line.size());
    bool ends = end != text.npos;
    found.odd = found.odd || control > 0 || (ends && (line.ends_with(' ') || line.ends_with('\t')));
    text.remove_prefix(ends ? end + 1 : text.size());
  }
  return found;
}

/// 7bit for what looks the same in every program; quoted-printable while few bytes are beyond
/// ASCII; else base64.
GMimeContentEncoding encoding_for(std::string_view text) {
  // RFC 5322 2.1.1's preferred length; longer lines are folded by quoted-printable.
  constexpr std::size_t plain_line = 78;
  auto has = traits_of(text);
  if (has.beyond_ascii == 0 && !has.odd && has.longest_line <= plain_line
      && text.find("=_") == text.npos)
    return GMIME_CONTENT_ENCODING_7BIT;
  return has.beyond_ascii * 6 > text.size() ? GMIME_CONTENT_ENCODING_BASE64
                                            : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/// Builds one mail.
class builder {
public:
  builder(const outgoing_mail& mail, const checked_mail& checked, const compose_options& options,
          const file_reader& read, std::optional<failure>& fault)
    : mail_{mail}, checked_{checked}, options_{options}, read_{read}, fault_{fault} {}

  owned<GMimeMessage> build() {
    owned<GMimeMessage> message{g_mime_message_new(1)};
    add_addresses(message.get(), GMIME_ADDRESS_TYPE_FROM, {checked_.from});
    if (checked_.sender)
      add_addresses(message.get(), GMIME_ADDRESS_TYPE_SENDER, {*checked_.sender});
    add_addresses(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, checked_.reply_to);
    add_addresses(message.get(), GMIME_ADDRESS_TYPE_TO, checked_.to);
    add_addresses(message.get(), GMIME_ADDRESS_TYPE_CC, checked_.cc);
    g_mime_message_set_subject(message.get(), mail_.subject.c_str(), "utf-8");
    auto* headers = GMIME_OBJECT(message.get());
    if (mail_.date)
      g_mime_object_set_header(headers, "Date", write_date(*mail_.date).c_str(), "utf-8");
    if (!checked_.message_id.empty())
      g_mime_object_set_header(headers, "Message-ID", checked_.message_id.c_str(), "utf-8");
    if (!checked_.in_reply_to.empty())
      g_mime_object_set_header(headers, "In-Reply-To", checked_.in_reply_to.c_str(), "utf-8");
    std::string references;
    for (const auto& id : checked_.references)
      references.append(references.empty() ? "" : " ").append(id);
    if (!references.empty())
      g_mime_object_set_header(headers, "References", references.c_str(), "utf-8");
    for (const auto& [name, value] : mail_.headers)
      g_mime_object_append_header(headers, name.c_str(), value.c_str(), "utf-8");
    auto content = make_content();
    g_mime_message_set_mime_part(message.get(), content.get());
    return message;
  }

private:
  static void add_addresses(GMimeMessage* to, GMimeAddressType type,
                            const std::vector<mail_address>& addresses) {
    for (const auto& one : addresses)
      g_mime_message_add_mailbox(to, type, one.name.empty() ? nullptr : one.name.c_str(),
                                 one.address.c_str());
  }

  object make_content() {
    std::vector<object> parts;
    if (!mail_.text.empty())
      parts.push_back(make_text("plain", mail_.text));
    if (!mail_.html.empty())
      parts.push_back(
          joined("related", with_files(make_text("html", mail_.html), file_place::shown)));
    if (auto body = joined("alternative", std::move(parts)))
      return joined("mixed", with_files(std::move(body), file_place::attached));
    return joined("mixed", with_files(nullptr, file_place::attached));
  }

  std::vector<object> with_files(object first, file_place place) {
    std::vector<object> parts;
    if (first)
      parts.push_back(std::move(first));
    for (std::size_t index = 0; index < mail_.files.size(); ++index)
      if (mail_.files[index].place == place)
        parts.push_back(make_file(index));
    return parts;
  }

  /// One part by itself, more of them as a multipart.
  object joined(const char* subtype, std::vector<object> parts) {
    if (parts.empty())
      return nullptr;
    if (parts.size() == 1)
      return std::move(parts.front());
    owned<GMimeMultipart> all{g_mime_multipart_new_with_subtype(subtype)};
    // Neither quoted-printable nor base64 can hold `=_`, and 7bit is not used for what does.
    auto boundary = "=_" + std::to_string(++boundaries_) + "_" + boundary_id();
    g_mime_multipart_set_boundary(all.get(), boundary.c_str());
    for (auto& part : parts)
      g_mime_multipart_add(all.get(), part.get());
    return object{GMIME_OBJECT(all.release())};
  }

  std::string boundary_id() const {
    std::string id;
    for (auto c : options_.mailfleet_id)
      if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        id.push_back(c);
    // RFC 2046 5.1.1: at most 70 characters.
    return id.substr(0, 48);
  }

  object make_text(const char* subtype, std::string_view text) {
    auto lines = with_line_ends(text, "\n");
    auto encoding = encoding_for(lines);
    if (encoding == GMIME_CONTENT_ENCODING_BASE64)
      lines = with_line_ends(text, "\r\n");
    owned<GMimePart> part{GMIME_PART(g_mime_text_part_new_with_subtype(subtype))};
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
    owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(lines.data(), lines.size())};
    set_content(part.get(), stream.get(), encoding);
    return object{GMIME_OBJECT(part.release())};
  }

  object make_file(std::size_t index) {
    const auto& file = mail_.files[index];
    owned<GMimePart> part{g_mime_part_new_with_type("application", "octet-stream")};
    auto* headers = GMIME_OBJECT(part.get());
    if (!file.content_type.empty()) {
      owned<GMimeContentType> type{g_mime_content_type_parse(nullptr, file.content_type.c_str())};
      g_mime_object_set_content_type(headers, type.get());
    }
    g_mime_object_set_disposition(headers, file.place == file_place::shown
                                               ? GMIME_DISPOSITION_INLINE
                                               : GMIME_DISPOSITION_ATTACHMENT);
    if (!file.name.empty())
      g_mime_part_set_filename(part.get(), file.name.c_str());
    if (!file.content_id.empty())
      g_mime_object_set_content_id(headers, file.content_id.c_str());
    owned<GMimeStream> stream{reading_stream(reader_of(index), &fault_)};
    set_content(part.get(), stream.get(), GMIME_CONTENT_ENCODING_BASE64);
    return object{GMIME_OBJECT(part.release())};
  }

  stream_reader reader_of(std::size_t index) {
    if (read_)
      return [this, index](std::uint64_t offset, std::size_t most) {
        return read_(index, offset, most);
      };
    return [&content = mail_.files[index].content](std::uint64_t offset,
                                                   std::size_t most) -> result<std::string> {
      for (const auto& handle : content) {
        if (offset < handle->bytes.size())
          return handle->bytes.substr(static_cast<std::size_t>(offset), most);
        offset -= handle->bytes.size();
      }
      return std::string{};
    };
  }

  static void set_content(GMimePart* part, GMimeStream* stream, GMimeContentEncoding encoding) {
    owned<GMimeDataWrapper> content{
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT)};
    g_mime_part_set_content(part, content.get());
    g_mime_part_set_content_encoding(part, encoding);
  }

  const outgoing_mail& mail_;
  const checked_mail& checked_;
  const compose_options& options_;
  const file_reader& read_;
  std::optional<failure>& fault_;
  int boundaries_ = 0;
};

} // namespace

result<void> write_mail(const outgoing_mail& mail, const checked_mail& checked,
                        const compose_options& options, const byte_sink& sink,
                        const file_reader& read) {
  ensure_library();
  std::optional<failure> fault;
  builder build{mail, checked, options, read, fault};
  auto message = build.build();
  std::unique_ptr<GMimeFormatOptions, free_options> format{g_mime_format_options_new()};
  g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
  owned<GMimeStream> out{writing_stream(sink, &fault)};
  auto written =
      g_mime_object_write_to_stream(GMIME_OBJECT(message.get()), format.get(), out.get());
  if (fault)
    return *fault;
  if (written < 0)
    return failure{errc::internal, "the mail could not be written"};
  return {};
}

} // namespace mailfleet::mime
