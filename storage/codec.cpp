#include "storage/codec.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace mailfleet::storage {

namespace {

/// The format of every record so far. A record whose fields change other than
/// by additions at the end gets a number of its own.
constexpr std::uint8_t record_format = 1;

/// How many of the numbers of a key a family uses: owner, folder, validity and
/// number together, part.
enum class key_shape : std::uint8_t { owner, folder, message, part };

struct family_row {
  family in;
  std::string_view name;
  key_shape shape;
  bool owned;
};

constexpr std::array family_table{
    family_row{family::providers, "providers", key_shape::owner, true},
    family_row{family::mailboxes, "mailboxes", key_shape::owner, true},
    family_row{family::grants, "grants", key_shape::owner, true},
    family_row{family::cursors, "cursors", key_shape::folder, true},
    family_row{family::messages, "messages", key_shape::message, true},
    family_row{family::bodies, "bodies", key_shape::part, true},
    family_row{family::owed_actions, "owed_actions", key_shape::message, true},
    family_row{family::outbox, "outbox", key_shape::message, true},
    family_row{family::events, "events", key_shape::owner, false},
    family_row{family::subscribers, "subscribers", key_shape::owner, false},
    // Data keys: the folder's place holds the number of the key.
    family_row{family::keys, "keys", key_shape::folder, false},
    family_row{family::audit, "audit", key_shape::owner, false},
};

const family_row* row_of(family in) noexcept {
  auto index = static_cast<std::size_t>(in);
  return index == 0 || index > family_table.size() ? nullptr : &family_table[index - 1];
}

template <class Number>
void append_number(std::string& out, Number number) {
  for (auto shift = 8 * sizeof(Number); shift != 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(number >> (shift - 8))));
}

template <class Number>
Number take_number(std::string_view& bytes) {
  Number number = 0;
  for (std::size_t count = 0; count < sizeof(Number); ++count)
    number = static_cast<Number>((number << 8) | static_cast<unsigned char>(bytes[count]));
  bytes.remove_prefix(sizeof(Number));
  return number;
}

constexpr std::size_t key_size(key_shape shape) {
  switch (shape) {
  case key_shape::owner: return 8;
  case key_shape::folder: return 12;
  case key_shape::message: return 20;
  case key_shape::part: return 24;
  }
  return 0;
}

failure corrupt(family in, std::string_view what) {
  std::string detail{"a record of family "};
  detail.append(name_of(in)).append(" ").append(what);
  return {errc::storage_corrupt, std::move(detail)};
}

} // namespace

// -- the fields of each struct, in the order they have on disk ----------------

template <class Archive, class T>
using held = typename Archive::template of<T>;

template <class Archive>
void fields(Archive& a, held<Archive, record_header>& x) {
  a(x.tenant, x.node, x.epoch, x.version);
}

template <class Archive>
void fields(Archive& a, held<Archive, message_key>& x) {
  a(x.mailbox, x.folder, x.validity, x.number);
}

template <class Archive>
void fields(Archive& a, held<Archive, proxy_settings>& x) {
  a(x.url, x.user, x.password, x.no_proxy);
}

template <class Archive>
void fields(Archive& a, held<Archive, endpoint>& x) {
  a(x.host, x.port, x.tls, x.ca_file, x.pin_sha256, x.proxy);
}

template <class Archive>
void fields(Archive& a, held<Archive, client_secret>& x) {
  a(x.number, x.value, x.expires_at, x.added_at);
  a.later(x.added_by, x.warned_days, x.key_id, x.listed_expires_at);
}

template <class Archive>
void fields(Archive& a, held<Archive, fetch_from>& x) {
  a(x.what, x.date);
}

template <class Archive>
void fields(Archive& a, held<Archive, owed_message>& x) {
  a(x.number, x.attempts);
}

template <class Archive>
void fields(Archive& a, held<Archive, event_draft>& x) {
  a(x.kind, x.about, x.at, x.message, x.detail);
}

template <class Archive>
void fields(Archive& a, held<Archive, provider_record>& x) {
  a(x.header, x.id, x.name, x.service, x.type, x.tenant_id, x.client_id, x.auth, x.secrets);
  a(x.redirect_uri, x.discovery_url, x.scopes, x.imap, x.ca_file, x.proxy);
  a.later(x.flow, x.smtp, x.pop3, x.reads_expiry, x.last_secret_number);
}

template <class Archive>
void fields(Archive& a, held<Archive, sending_settings>& x) {
  a(x.in_doubt, x.send_as, x.sent_folder, x.connections, x.messages_per_minute);
  a(x.messages_per_day, x.recipients_per_day, x.recipients_per_message);
}

template <class Archive>
void fields(Archive& a, held<Archive, mailbox_record>& x) {
  a(x.header, x.id, x.address, x.auth, x.provider, x.user, x.imap, x.from, x.action, x.paused);
  a(x.added_at);
  a.later(x.move_target, x.delegate, x.smtp, x.pop3, x.sending);
}

template <class Archive>
void fields(Archive& a, held<Archive, grant_record>& x) {
  a(x.header, x.owner, x.refresh_token, x.previous_refresh_token, x.access_token);
  a(x.access_expires_at, x.access_granted_at, x.refresh_at, x.scope, x.subject, x.account);
  a(x.password, x.parked_reason, x.parked_at);
}

template <class Archive>
void fields(Archive& a, held<Archive, cursor_record>& x) {
  a(x.header, x.mailbox, x.folder, x.via, x.validity, x.high_water, x.owed);
  a(x.possible_duplicates_until);
}

template <class Archive>
void fields(Archive& a, held<Archive, message_record>& x) {
  a(x.header, x.key, x.size, x.chunks, x.sha256, x.internal_date, x.flags, x.fetched_at);
  a(x.possible_duplicate, x.quarantined);
  a.later(x.kind, x.message_id, x.thread, x.about);
}

template <class Archive>
void fields(Archive& a, held<Archive, body_chunk>& x) {
  a(x.header, x.key, x.part, x.bytes);
}

template <class Archive>
void fields(Archive& a, held<Archive, owed_action_record>& x) {
  a(x.header, x.key, x.action, x.target, x.attempts);
}

template <class Archive>
void fields(Archive& a, held<Archive, mail_envelope>& x) {
  a(x.sender, x.recipients, x.needs_smtputf8, x.needs_8bitmime, x.bytes);
}

template <class Archive>
void fields(Archive& a, held<Archive, mail_facts>& x) {
  a(x.message_id, x.subject, x.from, x.thread);
}

template <class Archive>
void fields(Archive& a, held<Archive, composed_mail>& x) {
  a(x.envelope, x.facts);
}

template <class Archive>
void fields(Archive& a, held<Archive, server_words>& x) {
  a(x.code, x.enhanced, x.words);
}

template <class Archive>
void fields(Archive& a, held<Archive, recipient_progress>& x) {
  a(x.address, x.status, x.said);
}

template <class Archive>
void fields(Archive& a, held<Archive, outbox_progress>& x) {
  a(x.status, x.since, x.due, x.recipients, x.attempts, x.failures, x.put_off_since);
  a(x.dot_sent_at, x.said, x.reason, x.detail);
  a.later(x.unknown_to);
}

template <class Archive>
void fields(Archive& a, held<Archive, outbox_record>& x) {
  a(x.header, x.key, x.mail, x.progress, x.priority, x.accepted_at, x.idempotency_key, x.chunks);
}

template <class Archive>
void fields(Archive& a, held<Archive, event_record>& x) {
  a(x.header, x.number, x.about_number, x.what);
}

template <class Archive>
void fields(Archive& a, held<Archive, audit_record>& x) {
  a(x.header, x.number, x.at, x.actor, x.command, x.subject, x.outcome);
}

namespace {

/// Decodes the fields of one type of record.
template <class Record>
result<record> decode_as(family in, std::string& bytes) {
  Record value;
  field_reader reader{std::string_view{bytes}.substr(2)};
  fields(reader, value);
  if (reader.failed())
    return corrupt(in, "has a field that ends early or has no legal value");
  if constexpr (std::is_same_v<Record, body_chunk>) {
    auto body = reader.body();
    bytes.erase(0, static_cast<std::size_t>(body.data() - bytes.data()));
    bytes.resize(body.size());
    value.bytes = make_body(std::move(bytes));
  }
  return record{std::move(value)};
}

result<record> decode_type(family in, std::string& bytes) {
  switch (in) {
  case family::providers: return decode_as<provider_record>(in, bytes);
  case family::mailboxes: return decode_as<mailbox_record>(in, bytes);
  case family::grants: return decode_as<grant_record>(in, bytes);
  case family::cursors: return decode_as<cursor_record>(in, bytes);
  case family::messages: return decode_as<message_record>(in, bytes);
  case family::bodies: return decode_as<body_chunk>(in, bytes);
  case family::owed_actions: return decode_as<owed_action_record>(in, bytes);
  case family::events: return decode_as<event_record>(in, bytes);
  case family::audit: return decode_as<audit_record>(in, bytes);
  case family::outbox: return decode_as<outbox_record>(in, bytes);
  case family::subscribers:
  case family::keys: break;
  }
  return corrupt(in, "is of a type that this program does not have");
}

} // namespace

std::string_view name_of(family in) noexcept {
  const auto* row = row_of(in);
  return row ? row->name : "unknown";
}

bool belongs_to_owner(family in) noexcept {
  const auto* row = row_of(in);
  return row && row->owned;
}

bool has_own_numbers(family in) noexcept {
  return in == family::events || in == family::audit;
}

bool is_well_formed(const record_key& key) noexcept {
  const auto* row = row_of(key.in);
  if (!row || (row->owned && (key.owner == 0 || key.owner > max_entity_id)))
    return false;
  auto shape = row->shape;
  return (shape >= key_shape::folder || key.folder == 0)
         && (shape >= key_shape::message || (key.validity == 0 && key.number == 0))
         && (shape >= key_shape::part || key.part == 0);
}

std::string encode_key(const record_key& key) {
  std::string bytes;
  append_number(bytes, key.owner);
  append_number(bytes, key.folder);
  append_number(bytes, key.validity);
  append_number(bytes, key.number);
  append_number(bytes, key.part);
  const auto* row = row_of(key.in);
  bytes.resize(row ? key_size(row->shape) : 0);
  return bytes;
}

result<record_key> decode_key(family in, std::string_view bytes) {
  const auto* row = row_of(in);
  if (!row || bytes.size() != key_size(row->shape))
    return corrupt(in, "has a key of the wrong length");
  record_key key{.in = in, .owner = take_number<std::uint64_t>(bytes)};
  for (auto* part : {&key.folder, &key.validity, &key.number, &key.part})
    if (!bytes.empty())
      *part = take_number<std::uint32_t>(bytes);
  return key;
}

void encoded_record::wipe() noexcept {
  ::explicit_bzero(head.data(), head.size());
  head.clear();
  body = {};
}

void encode(const record& from, encoded_record& into) {
  into.wipe();
  into.head.push_back(static_cast<char>(key_of(from).in));
  into.head.push_back(static_cast<char>(record_format));
  field_writer writer{into.head};
  std::visit([&](const auto& value) { fields(writer, value); }, from);
  into.body = writer.body();
}

result<record> decode(family in, std::string bytes) {
  if (bytes.size() < 2 || static_cast<unsigned char>(bytes[0]) != static_cast<unsigned char>(in))
    return corrupt(in, "is of another type");
  auto format = static_cast<unsigned char>(bytes[1]);
  if (format > record_format)
    return failure{errc::storage_newer_format,
                   "a record of family " + std::string{name_of(in)} + " has format "
                       + std::to_string(format) + "; this program knows "
                       + std::to_string(record_format) + ": run the newer program"};
  if (format == 0)
    return corrupt(in, "has no format");
  auto decoded = decode_type(in, bytes);
  ::explicit_bzero(bytes.data(), bytes.size());
  return decoded;
}

} // namespace mailfleet::storage
