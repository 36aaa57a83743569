#include "tools/mailfleet/send_options.hpp"

#include "messages/values/time_text.hpp"
#include "protocols/mime/library.hpp"
#include "tools/mailfleet/part_source.hpp"
#include "web/limits.hpp"
#include "web/times.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <random>

namespace mailfleet::tools {

using nlohmann::json;

namespace {

/// The types that mail has most; a server looks at the name where it knows better.
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> content_types{{
    {".avif", "image/avif"},
    {".csv", "text/csv"},
    {".doc", "application/msword"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".htm", "text/html"},
    {".html", "text/html"},
    {".ics", "text/calendar"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".json", "application/json"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain"},
    {".vcf", "text/vcard"},
    {".wav", "audio/wav"},
    {".webp", "image/webp"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xml", "application/xml"},
    {".zip", "application/zip"},
}};

std::string content_type_of(const std::filesystem::path& file) {
  auto extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto& [known, type] : content_types)
    if (known == extension)
      return std::string{type};
  return "application/octet-stream";
}

/// JSON is UTF-8, and so is what a mail is made of.
result<void> check_text(const std::string& option, std::string_view text) {
  if (mime::is_utf8_text(text))
    return {};
  return bad_field(option, "has a NUL or bytes that are not UTF-8",
                   "convert it: iconv -f ISO-8859-1 -t UTF-8");
}

/// `ann@example.org` as it is, `Ann Archer <ann@example.org>` taken apart.
result<json> address_of(const std::string& option, const std::string& given) {
  if (auto sound = check_text(option, given); !sound)
    return sound.error();
  bool plain = given.find_first_of(" <>(),;\"") == given.npos;
  if (plain && given.find('@') != given.npos)
    return json(given);
  auto read = plain ? std::nullopt : mime::read_address_list(given);
  if (!read || read->size() != 1 || read->front().address.find('@') == std::string::npos)
    return bad_field(option, "is not one address: " + printable(given),
                     "give ann@example.org or 'Ann Archer <ann@example.org>', and the option once "
                     "for each; a name with a comma stands in quotes");
  const auto& [name, address] = read->front();
  return name.empty() ? json(address) : json{{"name", name}, {"address", address}};
}

result<void> put_list(json& mail, const char* field, const std::string& option,
                      const std::vector<std::string>& given) {
  for (const auto& one : given) {
    auto address = address_of(option, one);
    if (!address)
      return address.error();
    mail[field].push_back(*address);
  }
  return {};
}

result<std::pair<std::string, std::string>> split_shown(const std::string& given) {
  auto sign = given.find('=');
  if (sign == given.npos || sign == 0 || sign + 1 == given.size())
    return bad_field("--inline", "is no CID=FILE: " + printable(given),
                     "give logo=logo.png for what the HTML calls cid:logo");
  return std::pair{given.substr(0, sign), given.substr(sign + 1)};
}

json file_object(const std::string& path) {
  std::filesystem::path file{path};
  return {{"name", file.filename().string()}, {"content_type", content_type_of(file)}};
}

/// An option that may repeat, with one value each time: another one would be taken for a value
/// what is for the next option.
CLI::Option* add_repeated(CLI::App& app, const std::string& name, std::vector<std::string>& into,
                          const std::string& help, const std::string& type) {
  return app.add_option(name, into, help + " (may repeat)")
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

std::string random_key() {
  std::random_device random;
  std::string key = "mailfleet-";
  for (int i = 0; i < 4; ++i)
    key += fmt::format("{:08x}", random());
  return key;
}

} // namespace

// -- a mail of parts --------------------------------------------------------

std::vector<CLI::Option*> mail_options::add(CLI::App& app) {
  std::vector<CLI::Option*> all{
      add_repeated(app, "--to", to, "Recipient", "ADDRESS"),
      add_repeated(app, "--cc", cc, "Recipient of a copy", "ADDRESS"),
      add_repeated(app, "--bcc", bcc, "Recipient that no other sees", "ADDRESS"),
      app.add_option("--from", from, "Whom it is from, if not the mailbox's address")
          ->type_name("ADDRESS"),
      add_repeated(app, "--reply-to", reply_to, "Where answers go", "ADDRESS"),
      app.add_option("--subject", subject, "What it is about")->type_name("TEXT")};
  all.push_back(app.add_option("--text", text, "What it says")->type_name("TEXT"));
  all.push_back(app.add_option("--text-file", text_file,
                               "File with what it says, in UTF-8; - is standard input")
                    ->type_name("FILE")
                    ->excludes(all.back()));
  auto* html =
      app.add_option("--html-file", html_file, "HTML beside the text or in its place, in UTF-8")
          ->type_name("FILE");
  all.insert(
      all.end(),
      {html, add_repeated(app, "--attach", attached, "File to go with it", "FILE"),
       add_repeated(app, "--inline", shown, "File that the HTML shows as cid:CID", "CID=FILE")
           ->needs(html),
       add_repeated(app, "--header", headers, "Another header", "'NAME: VALUE'"),
       app.add_option("--in-reply-to", in_reply_to, "Message-ID that it answers")
           ->type_name("MESSAGE-ID"),
       add_repeated(app, "--reference", references, "Message-ID of its thread, the eldest first",
                    "MESSAGE-ID")});
  return all;
}

result<void> mail_options::put_addresses(json& mail) const {
  if (to.empty() && cc.empty() && bcc.empty())
    return bad_field("--to", "is missing, and so are --cc and --bcc", "say whom the mail is for");
  for (const auto& [field, option, given] :
       {std::tuple{"to", "--to", &to}, std::tuple{"cc", "--cc", &cc},
        std::tuple{"bcc", "--bcc", &bcc}, std::tuple{"reply_to", "--reply-to", &reply_to}})
    if (auto put = put_list(mail, field, option, *given); !put)
      return put;
  for (const auto& [field, option, given] :
       {std::tuple{"from", "--from", &from}, std::tuple{"sender", "--sender", &sender}}) {
    if (given->empty())
      continue;
    auto one = address_of(option, *given);
    if (!one)
      return one.error();
    mail[field] = *std::move(one);
  }
  return {};
}

result<void> mail_options::put_texts(json& mail) const {
  constexpr auto cure = "attach it (--attach), or send the whole as --eml";
  for (const auto& [field, option, path] : {std::tuple{"text", "--text-file", &text_file},
                                            std::tuple{"html", "--html-file", &html_file}}) {
    if (path->empty())
      continue;
    auto read = read_whole(option, *path, web::max_control_body_bytes, cure);
    if (!read)
      return read.error();
    if (auto sound = check_text(option + std::string{" "} + *path, *read); !sound)
      return sound;
    mail[field] = *std::move(read);
  }
  if (!text.empty())
    mail["text"] = text;
  if (!mail.contains("text") && !mail.contains("html") && attached.empty())
    return bad_field("--text", "is missing",
                     "say what to send: --text, --text-file, --html-file or --attach");
  for (const auto& [option, given] : {std::pair{"--text", &text}, std::pair{"--subject", &subject}})
    if (auto sound = check_text(option, *given); !sound)
      return sound;
  if (!subject.empty())
    mail["subject"] = subject;
  return {};
}

result<void> mail_options::put_headers(json& mail) const {
  for (const auto& given : headers) {
    if (auto sound = check_text("--header", given); !sound)
      return sound;
    auto colon = given.find(':');
    auto name = given.substr(0, colon);
    if (colon == given.npos || name.empty() || name.find_first_of(" \t") != name.npos)
      return bad_field("--header", "is no 'NAME: VALUE': " + printable(given),
                       "give 'X-Ticket: 42'");
    auto begin = given.find_first_not_of(" \t", colon + 1);
    mail["headers"].push_back(
        {{"name", name}, {"value", begin == given.npos ? "" : given.substr(begin)}});
  }
  for (const auto& id : references)
    if (auto sound = check_text("--reference", id); !sound)
      return sound;
  if (auto sound = check_text("--in-reply-to", in_reply_to); !sound)
    return sound;
  if (!in_reply_to.empty())
    mail["in_reply_to"] = in_reply_to;
  if (!references.empty())
    mail["references"] = references;
  return {};
}

result<json> mail_options::request() const {
  auto mail = json::object();
  if (auto put = put_addresses(mail); !put)
    return put.error();
  if (auto put = put_texts(mail); !put)
    return put.error();
  if (auto put = put_headers(mail); !put)
    return put.error();
  for (const auto& path : attached) {
    mail["files"].push_back(file_object(path));
    mail["files"].back()["place"] = "attached";
  }
  for (const auto& given : shown) {
    auto parts = split_shown(given);
    if (!parts)
      return parts.error();
    mail["files"].push_back(file_object(parts->second));
    mail["files"].back()["place"] = "shown";
    mail["files"].back()["content_id"] = parts->first;
  }
  for (const auto& file : mail.value("files", json::array()))
    for (const auto* field : {"name", "content_id"})
      if (auto sound = check_text("the name of a file", file.value(field, "")); !sound)
        return sound.error();
  return mail;
}

result<std::vector<enclosed_file>> mail_options::enclosed() const {
  std::vector<enclosed_file> files;
  for (const auto& path : attached)
    files.push_back({"--attach", path});
  for (const auto& given : shown) {
    auto parts = split_shown(given);
    if (!parts)
      return parts.error();
    files.push_back({"--inline", parts->second});
  }
  for (const auto& file : files)
    if (file.path == "-")
      return bad_field(file.option, "is -, and only --text-file and --eml take standard input",
                       "name a file, or a pipe such as <(command)");
  return files;
}

// -- a mail as bytes --------------------------------------------------------

CLI::Option* raw_options::add(CLI::App& app) {
  auto* eml = app.add_option("--eml", file, "The whole mail (RFC 5322); - is standard input")
                  ->type_name("FILE");
  add_repeated(app, "--recipient", recipients,
               "Goes to these, and to nobody whom its To, Cc and Bcc name", "ADDRESS")
      ->needs(eml);
  app.add_flag("--convert-lf", convert_lf,
               "Make CRLF of each LF alone; so it is done by itself where the first line of the "
               "mail ends with one")
      ->needs(eml);
  return eml;
}

result<json> raw_options::request(std::string_view first_part, const std::string& sender) const {
  for (const auto& recipient : recipients)
    if (auto sound = check_text("--recipient", recipient); !sound)
      return sound.error();
  if (auto sound = check_text("--sender", sender); !sound)
    return sound.error();
  auto end = first_part.find('\n');
  bool bare = end != first_part.npos && (end == 0 || first_part[end - 1] != '\r');
  json raw{{"convert_lf", convert_lf || bare}};
  if (!sender.empty())
    raw["sender"] = sender;
  if (!recipients.empty())
    raw["recipients"] = recipients;
  return raw;
}

// -- how it is sent ---------------------------------------------------------

void submission_options::add(CLI::App& app) {
  app.add_option(
         "--at", at,
         "Not before this time: 2026-03-01T12:00:00Z, or with an offset, +02:00, in place of the Z")
      ->type_name("TIME");
  app.add_flag("--bulk", bulk, "Nobody waits for it: mail that somebody waits for goes before");
  app.add_option("--idempotency-key", idempotency_key,
                 "A second submission with the same one sends nothing (for 30 days)")
      ->type_name("KEY")
      ->check([](const std::string& key) {
        return key.empty() ? "is empty, which protects from nothing: give a key, or leave it out"
                           : "";
      });
}

result<void> submission_options::put(json& request) const {
  if (!at.empty()) {
    auto due = web::parse_iso8601(at);
    if (!due)
      return bad_field(
          "--at", "is no time: " + printable(at),
          "give 2026-03-01T12:00:00Z, 2026-03-01T13:00:00+01:00, or 2026-03-01 for its "
          "midnight in UTC");
    request["due"] = to_iso8601(*due);
  }
  if (auto sound = check_text("--idempotency-key", idempotency_key); !sound)
    return sound;
  request["priority"] = bulk ? "bulk" : "interactive";
  request["idempotency_key"] = idempotency_key.empty() ? random_key() : idempotency_key;
  return {};
}

} // namespace mailfleet::tools
