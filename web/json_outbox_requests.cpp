#include "protocols/sasl/base64.hpp"
#include "web/json_commands.hpp"
#include "web/json_outbox.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::web {

namespace {

using nlohmann::json;

// -- bytes ------------------------------------------------------------------

std::vector<body_handle> cut(std::string_view bytes) {
  std::vector<body_handle> pieces;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(max_chunk_bytes, bytes.size())))
    pieces.push_back(make_body(std::string{bytes.substr(0, max_chunk_bytes)}));
  return pieces;
}

void read_base64(json_reader& from, std::string_view name, std::vector<body_handle>& into) {
  const auto* text = from.text(name);
  if (text == nullptr)
    return;
  if (auto bytes = sasl::decode_base64(*text))
    into = cut(*bytes);
  else
    from.refuse(name, "is not base64", "give it with its padding and without line ends");
}

void read_upload(json_reader& from, std::optional<message_key>& into) {
  std::string text;
  from.read("upload", text);
  if (!from.has("upload"))
    return;
  into = parse_message_key(text);
  if (!into)
    from.refuse("upload", "is not a key", "give the one that the upload was answered with");
}

/// Refuses an object that has none of these fields, or several.
template <std::size_t Count>
void demand_one_of(json_reader& from, const std::array<std::string_view, Count>& names) {
  auto has = [&](std::string_view name) { return from.has(name); };
  std::string all;
  for (auto name : names)
    all.append(all.empty() ? "" : " or ").append(name);
  auto first = std::ranges::find_if(names, has);
  if (first == names.end())
    from.refuse(names.front(), "is missing", "give " + all);
  else if (std::find_if(first + 1, names.end(), has) != names.end())
    from.refuse(*first, "is given together with another of " + all, "give one of them");
}

// -- a mail of fields -------------------------------------------------------

/// `"ann@example.com"`, or an object with name and address.
void read_address(const json& value, const std::string& path, std::optional<failure>& fault,
                  mail_address& into) {
  constexpr std::string_view cure = "give \"ann@example.com\" or {\"name\": ..., \"address\": ...}";
  // Read as a field of an object of its own, so that it keeps the limits of all texts.
  if (value.is_string()) {
    const json alone = {{"address", value}};
    json_reader{alone, path, fault}.read("address", into.address);
    return;
  }
  if (!value.is_object()) {
    if (!fault)
      fault = bad_field(path, std::string{"is of type "}.append(value.type_name()), cure);
    return;
  }
  json_reader from{value, path, fault};
  from.read("name", into.name);
  from.read("address", into.address);
  from.finish();
}

void read_addresses(json_reader& outer, std::string_view name, std::optional<failure>& fault,
                    std::vector<mail_address>& into) {
  outer.read_items(name, max_mail_items, [&](const json& item, const std::string& path) {
    read_address(item, path, fault, into.emplace_back());
  });
}

/// The objects of a list.
template <class Item, class Read>
void read_objects(json_reader& outer, std::string_view name, std::optional<failure>& fault,
                  std::vector<Item>& into, Read read) {
  outer.read_items(name, max_mail_items, [&](const json& item, const std::string& path) {
    if (!item.is_object()) {
      if (!fault)
        fault =
            bad_field(path, std::string{"is of type "}.append(item.type_name()), "give an object");
      return;
    }
    json_reader from{item, path, fault};
    read(from, into.emplace_back());
  });
}

void read_file(json_reader& from, outgoing_file& into) {
  from.read("name", into.name);
  from.read("content_type", into.content_type);
  from.read("content_id", into.content_id);
  read_word(from, "place", file_place_words, into.place);
  read_base64(from, "content", into.content);
  read_upload(from, into.upload);
  from.finish();
  demand_one_of(from, std::array<std::string_view, 2>{"content", "upload"});
}

void read_header(json_reader& from, extra_header& into) {
  from.read("name", into.name);
  if (const auto* value = from.text("value"))
    into.value = *value;
  from.finish();
}

void read_mail(json_reader& from, std::optional<failure>& fault, outgoing_mail& into) {
  if (const auto* value = from.any("from"))
    read_address(*value, from.path_of("from"), fault, into.from);
  if (const auto* value = from.any("sender"))
    read_address(*value, from.path_of("sender"), fault, into.sender.emplace());
  read_addresses(from, "reply_to", fault, into.reply_to);
  read_addresses(from, "to", fault, into.to);
  read_addresses(from, "cc", fault, into.cc);
  read_addresses(from, "bcc", fault, into.bcc);
  from.read("subject", into.subject);
  if (const auto* text = from.text("text"))
    into.text = *text;
  if (const auto* html = from.text("html"))
    into.html = *html;
  read_objects(from, "files", fault, into.files, read_file);
  read_objects(from, "headers", fault, into.headers, read_header);
  from.read("in_reply_to", into.in_reply_to);
  from.read("references", into.references, max_mail_items);
  from.read("date", into.date);
  from.read("message_id", into.message_id);
  from.finish();
}

// -- a mail as it is --------------------------------------------------------

void read_raw(json_reader& from, raw_mail& into) {
  read_base64(from, "content", into.content);
  if (const auto* text = from.text("text"))
    into.content = cut(*text);
  read_upload(from, into.upload);
  from.read("sender", into.sender);
  from.read("recipients", into.recipients, max_mail_items);
  from.read("convert_lf", into.convert_lf);
  from.finish();
  demand_one_of(from, std::array<std::string_view, 3>{"content", "text", "upload"});
}

void read_submission(json_reader& from, std::optional<failure>& fault, submit_mail& into) {
  from.read("due", into.wishes.due);
  read_word(from, "priority", send_priority_words, into.wishes.priority);
  from.read("idempotency_key", into.wishes.idempotency_key);
  if (const auto* object = from.object("mail")) {
    json_reader mail{*object, from.path_of("mail"), fault};
    read_mail(mail, fault, into.content.emplace<outgoing_mail>());
  }
  if (const auto* object = from.object("raw")) {
    json_reader raw{*object, from.path_of("raw"), fault};
    read_raw(raw, into.content.emplace<raw_mail>());
  }
  from.finish();
  demand_one_of(from, std::array<std::string_view, 2>{"mail", "raw"});
}

} // namespace

result<submit_mail> read_submit_mail(std::string_view body) {
  return read_command<submit_mail>(body, read_submission);
}

result<doubt_end> read_doubt_end(std::string_view body) {
  return read_command<doubt_end>(body, [](json_reader& from, auto&, auto& how) {
    read_word(from, "how", doubt_end_words, how);
    from.finish();
    demand_one_of(from, std::array<std::string_view, 1>{"how"});
  });
}

result<sending_settings> read_sending(std::string_view body) {
  return read_command<sending_settings>(body, [](json_reader& from, auto&, auto& wanted) {
    read_word(from, "in_doubt", doubt_policy_words, wanted.in_doubt);
    from.read("send_as", wanted.send_as);
    from.read("sent_folder", wanted.sent_folder);
    for (const auto& [name, number] : sending_numbers)
      from.read(name, wanted.*number);
    from.finish();
  });
}

std::optional<outbox_status> parse_outbox_status(std::string_view name) noexcept {
  for (auto status : {outbox_status::accepted, outbox_status::sending, outbox_status::dot_sent,
                      outbox_status::sent, outbox_status::deferred, outbox_status::failed,
                      outbox_status::in_doubt, outbox_status::cancelled})
    if (to_string(status) == name)
      return status;
  return std::nullopt;
}

} // namespace mailfleet::web
