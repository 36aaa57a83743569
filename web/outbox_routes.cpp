#include "web/json_outbox.hpp"
#include "web/limits.hpp"
#include "web/route_table.hpp"

#include <array>
#include <utility>

namespace mailfleet::web {

namespace {

// -- handing in -------------------------------------------------------------

/// The value of an Idempotency-Key field: a string in quotes
/// (draft-ietf-httpapi-idempotency-key-header), or bare, as most clients send it.
std::string_view unquoted(std::string_view value) {
  bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

made make_submit_mail(const route_input& input) {
  auto command = read_submit_mail(input.body);
  if (!command)
    return command.error();
  command->mailbox = input.which();
  auto& key = command->wishes.idempotency_key;
  if (auto header = unquoted(input.idempotency_key); !header.empty()) {
    if (!key.empty() && key != header)
      return bad_field("idempotency_key", "differs from the Idempotency-Key field of the header",
                       "give one of them");
    key = header;
  }
  return control_command{*std::move(command)};
}

made make_append_upload(const route_input& input) {
  auto key = key_of("upload", input.captured[0]);
  if (!key)
    return key.error();
  auto part = count_of("part", input.captured[1], "count the parts from 0");
  if (!part)
    return part.error();
  if (input.body.empty() || input.body.size() > max_chunk_bytes)
    return bad_field("body", "is empty or too long",
                     "send 1 to " + std::to_string(max_chunk_bytes) + " bytes a part");
  return control_command{append_upload{*key, *part, make_body(std::string{input.body})}};
}

// -- looking and deciding ---------------------------------------------------

made make_list_outbox(const route_input& input) {
  list_outbox command;
  if (auto field = input.query.find("mailbox"); field != input.query.end())
    command.mailbox = reference{field->second};
  if (auto field = input.query.find("status"); field != input.query.end()) {
    command.status = parse_outbox_status(field->second);
    if (!command.status)
      return bad_field("status", "is not a state of a mail",
                       "give accepted, sending, dot_sent, sent, deferred, failed, in_doubt or "
                       "cancelled");
  }
  auto page = page_of(input);
  if (!page)
    return page.error();
  command.after = page->after;
  command.limit = page->limit;
  return control_command{std::move(command)};
}

made make_resolve_doubt(const route_input& input) {
  auto key = key_of("key", input.captured.front());
  if (!key)
    return key.error();
  auto how = read_doubt_end(input.body);
  if (!how)
    return how.error();
  return control_command{resolve_doubt{*key, *how}};
}

made make_set_sending(const route_input& input) {
  auto wanted = read_sending(input.body);
  if (!wanted)
    return wanted.error();
  return control_command{set_sending{input.which(), *std::move(wanted)}};
}

constexpr std::array rows{
    route_row{"POST", "mailboxes/*/outbox", make_submit_mail, 201, ""},
    route_row{"POST", "mailboxes/*/uploads", on_reference<open_upload>, 201, ""},
    route_row{"PUT", "mailboxes/*/sending", make_set_sending, 200, ""},
    route_row{"PUT", "uploads/*/parts/*", make_append_upload, 200, ""},
    route_row{"GET", "outbox", make_list_outbox, 200, "mailbox status after limit"},
    route_row{"GET", "outbox/*", on_message<show_outbox>, 200, ""},
    route_row{"POST", "outbox/*/retry", on_message<retry_mail>, 200, ""},
    route_row{"POST", "outbox/*/cancel", on_message<cancel_mail>, 200, ""},
    route_row{"POST", "outbox/*/resolve", make_resolve_doubt, 200, ""},
};

} // namespace

std::span<const route_row> outbox_routes() {
  return rows;
}

} // namespace mailfleet::web
