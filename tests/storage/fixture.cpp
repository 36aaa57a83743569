#include "tests/storage/fixture.hpp"

#include "tests/storage/support.hpp"

namespace mailfleet::storage::testing {

namespace {

/// What the fixture of format 1 was made before: these fields came later.
void drop_later_fields(record& of) {
  if (auto* provider = std::get_if<provider_record>(&of)) {
    provider->flow = grant_flow::delegated;
    provider->smtp = provider->pop3 = {};
    provider->reads_expiry = true;
    provider->last_secret_number = 0;
    for (auto& held : provider->secrets) {
      held.added_by.clear();
      held.warned_days.reset();
      held.key_id.clear();
      held.listed_expires_at.reset();
    }
  } else if (auto* mailbox = std::get_if<mailbox_record>(&of)) {
    mailbox->move_target.clear();
    mailbox->delegate.clear();
    mailbox->smtp = mailbox->pop3 = {};
    mailbox->sending = {};
  } else if (auto* message = std::get_if<message_record>(&of)) {
    message->kind = mail_kind::ordinary;
    message->message_id.clear();
    message->thread.clear();
    message->about.reset();
  }
}

} // namespace

std::vector<commit_request> fixture_commits() {
  commit_request all;
  all.puts = sample_puts(ann, "fixture");
  for (auto& other : sample_puts(bob, "fixture"))
    all.puts.push_back(std::move(other));
  // Large enough for a blob file.
  all.puts.emplace_back(small_body(ann, 77, std::string(5'000, 'f')));
  all.puts.emplace_back(small_message(ann, 77));
  all.events = {sample_event(ann, "fixture"), sample_event(bob, "fixture")};
  all.audit = sample_audit("fixture");
  for (auto& put : all.puts)
    drop_later_fields(put);
  commit_request erase;
  erase.erased_owners = {bob};
  erase.events = {sample_event(ann, "fixture")};
  commit_request unfinished;
  unfinished.puts = {small_body(ann, 78, "unfinished")};
  return {all, erase, unfinished};
}

commit_request numbered_commit(std::uint32_t number) {
  commit_request request;
  grant_record grant;
  grant.header.version = number;
  grant.owner = ann;
  grant.access_token = secret{std::to_string(number)};
  request.puts = {small_message(ann, number), small_body(ann, number, std::to_string(number)),
                  cursor_of(ann, number, number), grant};
  request.preconditions = {{cursor_key(ann, inbox_folder), number - 1}};
  request.events = {sample_event(ann, std::to_string(number)),
                    sample_event(bob, std::to_string(number))};
  return request;
}

} // namespace mailfleet::storage::testing
