#include "protocols/mime/compose_checks.hpp"

#include "protocols/imap/tokens.hpp"
#include "protocols/mime/address.hpp"
#include "protocols/mime/library.hpp"
#include "protocols/mime/limits.hpp"
#include "protocols/mime/message_ids.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mailfleet::mime {

namespace {

using namespace std::string_view_literals;
using imap::same_word;

/// Have fields of their own, or are not for a program to say.
constexpr std::array reserved_names{"From"sv,        "Sender"sv,
                                    "Reply-To"sv,    "To"sv,
                                    "Cc"sv,          "Bcc"sv,
                                    "Subject"sv,     "Date"sv,
                                    "Message-ID"sv,  "References"sv,
                                    "Received"sv,    "In-Reply-To"sv,
                                    "Return-Path"sv, mailfleet_id_header};

/// Names that begin so are MIME's, or of mail that is sent on (RFC 5322 3.6.6).
constexpr std::array reserved_prefixes{"Content-"sv, "MIME-"sv, "Resent-"sv};

std::string at(std::string_view name, std::size_t index, std::string_view member = {}) {
  return std::string{name}.append("[").append(std::to_string(index)).append("]").append(member);
}

result<void> check_shown(std::string_view field, std::string_view text, std::size_t limit) {
  if (text.size() > limit)
    return bad_field(field, "is too long", "give at most " + std::to_string(limit) + " bytes");
  if (printable(text, limit + 1) != text)
    return bad_field(field, "holds a control character or bytes that are not UTF-8",
                     "give one line of text");
  return {};
}

result<mail_address> check(std::string_view field, const mail_address& given) {
  auto read = read_address(std::string{field}.append(".address"), given.address);
  if (!read)
    return read.error();
  if (auto checked =
          check_shown(std::string{field}.append(".name"), given.name, max_display_name_bytes);
      !checked)
    return checked.error();
  return mail_address{given.name, read->text()};
}

result<std::vector<mail_address>> check(std::string_view field,
                                        const std::vector<mail_address>& given) {
  std::vector<mail_address> checked;
  for (std::size_t index = 0; index < given.size(); ++index) {
    auto one = check(at(field, index), given[index]);
    if (!one)
      return one.error();
    checked.push_back(*std::move(one));
  }
  return checked;
}

result<std::string> check_id(std::string_view field, std::string_view given) {
  if (given.empty())
    return std::string{};
  auto id = with_brackets(given);
  if (!is_sound_message_id(id))
    return bad_field(field, "is no Message-ID", "give LEFT@RIGHT in ASCII, without blanks");
  return id;
}

result<void> check_addresses(const outgoing_mail& mail, checked_mail& to) {
  auto from = check("from", mail.from);
  if (!from)
    return from.error();
  to.from = *std::move(from);
  if (mail.sender) {
    auto sender = check("sender", *mail.sender);
    if (!sender)
      return sender.error();
    to.sender = *std::move(sender);
  }
  std::vector<mail_address> bcc;
  const std::array lists{std::tuple{"reply_to"sv, &mail.reply_to, &to.reply_to},
                         std::tuple{"to"sv, &mail.to, &to.to}, std::tuple{"cc"sv, &mail.cc, &to.cc},
                         std::tuple{"bcc"sv, &mail.bcc, &bcc}};
  for (auto [name, given, into] : lists) {
    auto checked = check(name, *given);
    if (!checked)
      return checked.error();
    *into = *std::move(checked);
    if (into != &to.reply_to)
      for (const auto& one : *into)
        to.recipients.push_back(one.address);
  }
  if (to.recipients.empty())
    return bad_field("to", "is empty, and cc and bcc are too", "name at least one recipient");
  return {};
}

result<void> check_ids(const outgoing_mail& mail, checked_mail& to) {
  auto own = check_id("message_id", mail.message_id);
  if (!own)
    return own.error();
  auto parent = check_id("in_reply_to", mail.in_reply_to);
  if (!parent)
    return parent.error();
  std::string all;
  for (std::size_t index = 0; index < mail.references.size(); ++index) {
    auto one = check_id(at("references", index), mail.references[index]);
    if (!one)
      return one.error();
    all.append(*one);
  }
  to.message_id = *std::move(own);
  to.in_reply_to = *std::move(parent);
  // RFC 5322 3.6.4: the parent is the last of the references.
  to.references = thread_of(all, to.in_reply_to);
  return {};
}

bool is_token(std::string_view text) {
  constexpr auto specials = "()<>@,;:\\\"/[]?="sv;
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > 0x20 && c < 0x7F && specials.find(c) == specials.npos;
  });
}

result<void> check_headers(const outgoing_mail& mail) {
  if (mail.headers.size() > max_extra_headers)
    return bad_field("headers", "are too many",
                     "give at most " + std::to_string(max_extra_headers));
  for (std::size_t index = 0; index < mail.headers.size(); ++index) {
    const auto& name = mail.headers[index].name;
    const auto& value = mail.headers[index].value;
    if (!is_token(name) || name.size() > max_header_name_bytes)
      return bad_field(at("headers", index, ".name"), "is no header's name",
                       "give a word of ASCII letters, digits and '-'");
    bool reserved =
        std::ranges::any_of(reserved_names, [&](auto one) { return same_word(one, name); })
        || std::ranges::any_of(reserved_prefixes, [&](auto one) {
             return same_word(one, std::string_view{name}.substr(0, one.size()));
           });
    if (reserved)
      return bad_field(at("headers", index, ".name"), "is not for you to give",
                       "use the mail's own field, or another name");
    if (auto checked = check_shown(at("headers", index, ".value"), value, max_header_value_bytes);
        !checked)
      return checked;
  }
  return {};
}

/// `TYPE/SUBTYPE`, with parameters of visible ASCII behind it.
bool is_content_type(std::string_view text) {
  auto type = text.substr(0, text.find(';'));
  while (type.ends_with(' '))
    type.remove_suffix(1);
  auto slash = type.find('/');
  return slash != type.npos && is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1))
         && text.size() <= max_file_name_bytes
         && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

result<void> check_file(const outgoing_file& file, std::size_t index) {
  if (auto checked = check_shown(at("files", index, ".name"), file.name, max_file_name_bytes);
      !checked)
    return checked;
  if (file.name.find_first_of("/\\") != std::string::npos)
    return bad_field(at("files", index, ".name"), "holds a folder",
                     "give the file's name without it");
  if (!file.content_type.empty() && !is_content_type(file.content_type))
    return bad_field(at("files", index, ".content_type"), "is no media type",
                     "give one such as image/png");
  auto type = std::string_view{file.content_type}.substr(0, file.content_type.find('/'));
  if (same_word(type, "multipart") || same_word(type, "message"))
    return bad_field(at("files", index, ".content_type"), "cannot be encoded (RFC 2046 5.2.1)",
                     "give application/octet-stream");
  bool sound_id = file.content_id.size() <= max_message_id_bytes
                  && std::ranges::all_of(file.content_id, [](char c) {
                       return c > 0x20 && c < 0x7F && c != '<' && c != '>';
                     });
  if (!sound_id || (file.place == file_place::shown && file.content_id.empty()))
    return bad_field(at("files", index, ".content_id"), "is no content id",
                     "give the word that the HTML names behind `cid:`, without brackets");
  return {};
}

result<void> check_content(const outgoing_mail& mail) {
  const std::array texts{std::pair{"text"sv, &mail.text}, std::pair{"html"sv, &mail.html}};
  for (auto [name, text] : texts) {
    if (text->size() > max_text_bytes)
      return bad_field(name, "is too long", "give it as a file");
    if (!is_utf8_text(*text))
      return bad_field(name, "has a NUL or bytes that are not UTF-8", "give it in UTF-8");
  }
  if (mail.text.empty() && mail.html.empty() && mail.files.empty())
    return bad_field("text", "is empty, and there is no HTML and no file", "give one of them");
  if (mail.files.size() > max_files)
    return bad_field("files", "are too many", "give at most " + std::to_string(max_files));
  std::set<std::string_view> ids;
  for (std::size_t index = 0; index < mail.files.size(); ++index) {
    const auto& file = mail.files[index];
    if (auto checked = check_file(file, index); !checked)
      return checked;
    if (file.place == file_place::shown && mail.html.empty())
      return bad_field(at("files", index, ".place"), "is inline, and there is no HTML",
                       "attach the file, or give HTML");
    if (!file.content_id.empty() && !ids.insert(file.content_id).second)
      return bad_field(at("files", index, ".content_id"), "is another file's too",
                       "give each its own");
  }
  return {};
}

} // namespace

result<checked_mail> check_fields(const outgoing_mail& mail) {
  checked_mail checked;
  if (auto sound = check_addresses(mail, checked); !sound)
    return sound.error();
  if (auto sound = check_shown("subject", mail.subject, max_subject_bytes); !sound)
    return sound.error();
  if (auto sound = check_ids(mail, checked); !sound)
    return sound.error();
  if (auto sound = check_headers(mail); !sound)
    return sound.error();
  if (auto sound = check_content(mail); !sound)
    return sound.error();
  return checked;
}

} // namespace mailfleet::mime
