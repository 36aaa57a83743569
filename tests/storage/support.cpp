#include "tests/storage/support.hpp"

#include <cstdlib>
#include <stdexcept>

namespace mailfleet::storage::testing {

namespace {

wall_time at(std::int64_t second) {
  return wall_time{std::chrono::seconds{1'700'000'000 + second}};
}

record_header header(const std::string& mark) {
  return {"tenant-" + mark, 3, 4, 5};
}

proxy_settings proxy(const std::string& mark) {
  return {"http://proxy-" + mark,
          "proxyuser-" + mark,
          secret{"proxypass-" + mark},
          {"none-" + mark, "." + mark}};
}

endpoint server(const std::string& mark) {
  return {"host-" + mark, 993, tls_mode::starttls, "ca-" + mark, "pin-" + mark, proxy(mark)};
}

provider_record provider(entity_id id, const std::string& mark) {
  provider_record x;
  x.header = header(mark);
  x.id = id;
  x.name = "name-" + mark;
  x.service = "service-" + mark;
  x.type = "type-" + mark;
  x.tenant_id = "tenantid-" + mark;
  x.client_id = "client-" + mark;
  x.auth = client_auth::secret_basic;
  x.secrets = {
      {1, secret{"secret1-" + mark}, at(1), at(2), "who-" + mark, 30, "kid-" + mark, at(7)},
      {2, secret{"secret2-" + mark}, std::nullopt, at(3), "", std::nullopt, ""}};
  x.redirect_uri = "redirect-" + mark;
  x.discovery_url = "discovery-" + mark;
  x.scopes = {"scope1-" + mark, "scope2-" + mark};
  x.imap = server(mark);
  x.ca_file = "cafile-" + mark;
  x.proxy = proxy(mark);
  x.flow = grant_flow::app_only;
  x.smtp = server("smtp-" + mark);
  x.pop3 = server("pop3-" + mark);
  x.reads_expiry = false;
  x.last_secret_number = 5;
  return x;
}

mailbox_record mailbox(entity_id id, const std::string& mark) {
  mailbox_record x;
  x.header = header(mark);
  x.id = id;
  x.address = "address-" + mark;
  x.auth = mailbox_auth::password;
  x.provider = office;
  x.user = "user-" + mark;
  x.imap = server(mark);
  x.from = {fetch_from::kind::date, at(4)};
  x.action = server_action::move;
  x.move_target = "movetarget-" + mark;
  x.paused = true;
  x.added_at = at(5);
  x.delegate = "delegate-" + mark;
  x.smtp = server("smtp-" + mark);
  x.pop3 = server("pop3-" + mark);
  x.sending = {doubt_policy::at_most_once, {"@sendas-" + mark}, "sent-" + mark, 2, 30, 31, 32, 33};
  return x;
}

grant_record grant(entity_id owner, const std::string& mark) {
  grant_record x;
  x.header = header(mark);
  x.owner = owner;
  x.refresh_token = secret{"refresh-" + mark};
  x.previous_refresh_token = secret{"previous-" + mark};
  x.access_token = secret{"access-" + mark};
  x.access_expires_at = at(6);
  x.access_granted_at = at(7);
  x.refresh_at = at(8);
  x.scope = "scope-" + mark;
  x.subject = "subject-" + mark;
  x.account = "account-" + mark;
  x.password = secret{"password-" + mark};
  x.parked_reason = "parked-" + mark;
  x.parked_at = at(9);
  return x;
}

cursor_record cursor(entity_id owner, const std::string& mark) {
  cursor_record x;
  x.header = header(mark);
  x.mailbox = owner;
  x.via = transport::pop3;
  x.validity = 10;
  x.high_water = 11;
  x.owed = {{12, 1}, {13, 2}};
  x.possible_duplicates_until = 14;
  return x;
}

message_record message(entity_id owner, const std::string& mark) {
  message_record x;
  x.header = header(mark);
  x.key = {owner, 1, 15, 16};
  x.size = std::uint64_t{1} << 40;
  x.chunks = 17;
  x.sha256.fill(0xAB);
  x.internal_date = at(10);
  x.flags = {"\\Seen-" + mark, "flag-" + mark};
  x.fetched_at = at(11);
  x.possible_duplicate = true;
  x.quarantined = true;
  x.kind = mail_kind::complaint;
  x.message_id = "messageid-" + mark;
  x.thread = {"thread1-" + mark, "thread2-" + mark};
  x.about = message_key{owner, outbox_folder, 0, 18};
  return x;
}

owed_action_record owed_action(entity_id owner, const std::string& mark) {
  return {header(mark), {owner, 1, 15, 16}, server_action::remove, "target-" + mark, 3};
}

} // namespace

temp_folder::temp_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "mailfleet-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"no temporary folder"};
  path_ = pattern;
}

temp_folder::~temp_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string seeded_random::bytes(std::size_t count) {
  std::lock_guard guard{mutex_};
  std::string out(count, '\0');
  for (auto& byte : out)
    byte = static_cast<char>(engine_() & 0xff);
  return out;
}

std::vector<record> sample_puts(entity_id owner, const std::string& mark) {
  body_chunk chunk{header(mark), {owner, 1, 15, 16}, 2, make_body("body-" + mark)};
  return {provider(owner, mark),   mailbox(owner, mark), grant(owner, mark),
          cursor(owner, mark),     message(owner, mark), chunk,
          owed_action(owner, mark)};
}

outbox_record sample_outgoing(entity_id owner, const std::string& mark) {
  outbox_record x;
  x.header = header(mark);
  x.key = {owner, outbox_folder, 0, 21};
  x.mail.envelope = {"sender-" + mark, {"one-" + mark, "two-" + mark}, true, true, 22};
  x.mail.facts = {"id-" + mark, "subject-" + mark, {"from-" + mark}, {"thread-" + mark}};
  server_words said{451, "4.7.0", "words-" + mark};
  x.progress.status = outbox_status::in_doubt;
  x.progress.since = at(14);
  x.progress.due = at(15);
  x.progress.recipients = {{"one-" + mark, recipient_status::admitted, said},
                           {"two-" + mark, recipient_status::refused, std::nullopt}};
  x.progress.attempts = 23;
  x.progress.failures = 24;
  x.progress.put_off_since = at(16);
  x.progress.dot_sent_at = at(17);
  x.progress.said = said;
  x.progress.reason = "reason-" + mark;
  x.progress.detail = "detail-" + mark;
  x.priority = send_priority::bulk;
  x.accepted_at = at(18);
  x.idempotency_key = "key-" + mark;
  x.chunks = 25;
  return x;
}

event_draft sample_event(entity_id about, const std::string& mark) {
  return {event_kind::mail_quarantined, about, at(12), message_key{about, 1, 2, 3},
          "detail-" + mark};
}

audit_record sample_audit(const std::string& mark) {
  return {header(mark),     0, at(13), "actor-" + mark, "command-" + mark, "subject-" + mark,
          "outcome-" + mark};
}

message_record small_message(entity_id mailbox, std::uint32_t number) {
  message_record x;
  x.key = {mailbox, inbox_folder, 1, number};
  x.chunks = 1;
  return x;
}

body_chunk small_body(entity_id mailbox, std::uint32_t number, std::string bytes,
                      std::uint32_t part) {
  return {{}, {mailbox, inbox_folder, 1, number}, part, make_body(std::move(bytes))};
}

cursor_record cursor_of(entity_id mailbox, std::uint64_t version, std::uint32_t high_water) {
  cursor_record x;
  x.header.version = version;
  x.mailbox = mailbox;
  x.high_water = high_water;
  return x;
}

namespace {

bool equal(const body_chunk& left, const body_chunk& right) {
  return left.header == right.header && left.key == right.key && left.part == right.part
         && left.bytes->bytes == right.bytes->bytes;
}

template <class Record>
bool equal(const Record& left, const Record& right) {
  return left == right;
}

} // namespace

bool same(const record& left, const record& right) {
  return left.index() == right.index()
         && std::visit([&]<class Record>(
                           const Record& value) { return equal(value, std::get<Record>(right)); },
                       left);
}

scan_request pages(family in, std::size_t limit, std::optional<std::uint64_t> owner,
                   std::optional<record_key> after) {
  return {in, owner, after, limit};
}

commit_request telling(entity_id about, const std::string& mark) {
  commit_request request;
  request.events = {sample_event(about, mark)};
  return request;
}

result<commit_receipt> commit(commit_log& log, commit_request request) {
  std::promise<result<commit_receipt>> answer;
  log.commit(std::move(request), [&](auto got) { answer.set_value(std::move(got)); });
  return answer.get_future().get();
}

result<std::optional<record>> read(commit_log& log, const record_key& key) {
  std::promise<result<std::optional<record>>> answer;
  log.read(key, [&](auto got) { answer.set_value(std::move(got)); });
  return answer.get_future().get();
}

result<scan_page> scan(commit_log& log, const scan_request& request) {
  std::promise<result<scan_page>> answer;
  log.scan(request, [&](auto got) { answer.set_value(std::move(got)); });
  return answer.get_future().get();
}

std::unique_ptr<commit_log> open_store(const store_settings& settings, random_source& random,
                                       fatal_callback fatal) {
  auto opened = open(settings, random, std::move(fatal));
  if (!opened)
    throw std::runtime_error{to_string(opened.error())};
  return *std::move(opened);
}

} // namespace mailfleet::storage::testing
