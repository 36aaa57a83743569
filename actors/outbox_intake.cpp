#include "actors/from_outside.hpp"
#include "actors/limits.hpp"
#include "actors/outbox.hpp"
#include "jobs/outbox_content.hpp"
#include "jobs/outbox_state.hpp"
#include "jobs/outbox_submission.hpp"
#include "messages/values/fail_point.hpp"

#include <algorithm>
#include <utility>

/// How mail comes into the outbox: bytes ahead of it, then the mail, which is accepted when it
/// is valid and durable.
namespace mailfleet {

namespace {

failure no_server(const std::string& address) {
  return {errc::precondition_failed, "no SMTP server is known for the mailbox (smtp.no_server); "
                                     "name one: `mailfleet mailbox servers "
                                         + address + " --smtp HOST`"};
}

/// The uploads that a mail's content names.
std::vector<message_key> uploads_in(const submit_mail& what) {
  std::vector<message_key> named;
  if (const auto* raw = std::get_if<raw_mail>(&what.content)) {
    if (raw->upload)
      named.push_back(*raw->upload);
  } else {
    for (const auto& file : std::get<outgoing_mail>(what.content).files)
      if (file.upload)
        named.push_back(*file.upload);
  }
  return named;
}

} // namespace

// -- uploads -----------------------------------------------------------------

caf::result<upload_view> outbox_machine::begin(const begin_upload& request) {
  drop_expired_uploads();
  auto shown =
      uploads_.begin({request.mailbox, outbox_folder, 0, next_number(request.mailbox)}, now());
  if (!shown)
    return as_error(shown.error());
  return *std::move(shown);
}

caf::result<upload_view> outbox_machine::append(append_upload& piece) {
  if (auto good = uploads_.check(piece, now()); !good)
    return as_error(good.error());
  commit_request change;
  change.urgency = commit_class::bulk;
  change.puts.emplace_back(body_chunk{{}, piece.upload, piece.part, piece.bytes});
  auto client = self_->make_response_promise<upload_view>();
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, client, piece](const commit_receipt&) mutable {
            auto shown = uploads_.add(piece, now());
            if (shown)
              return void(client.deliver(*std::move(shown)));
            // It ended meanwhile, and this piece came behind its end.
            drop_content_of(piece.upload, piece.part + 1);
            client.deliver(as_error(shown.error()));
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
  return client;
}

void outbox_machine::drop_expired_uploads() {
  for (const auto& expired : uploads_.take_expired(now()))
    drop_content_of(expired.key, expired.parts);
}

void outbox_machine::drop_content_of(const message_key& key, std::uint32_t chunks) {
  if (chunks == 0)
    return;
  commit_request change;
  change.urgency = commit_class::bulk;
  change.deletes = jobs::content_keys(key, chunks);
  // What stays is swept when the store is opened again: it has no row.
  self_->request(around_.store, until_answered, std::move(change))
      .then([](const commit_receipt&) {}, [](const caf::error&) {});
}

// -- a mail ------------------------------------------------------------------

caf::result<outbox_view> outbox_machine::accept(accept_mail& request) {
  auto client = self_->make_response_promise<outbox_view>();
  if (loaded_)
    take_in(request, client);
  else
    early_.emplace_back(std::move(request), client);
  return client;
}

void outbox_machine::take_in(accept_mail& request, view_promise client) {
  auto& [mailbox, what, has_server] = request;
  if (auto good = jobs::check_wishes(what.wishes, now()); !good)
    return void(client.deliver(as_error(good.error())));
  idempotency called{mailbox.id, what.wishes.idempotency_key};
  if (!called.second.empty()) {
    auto done = submitted_.find(called);
    if (done != submitted_.end()
        && (jobs::is_kept(done->second.second, now()) || open_.contains(done->second.first)))
      return answer_as_it_is(done->second.first, true, client);
    if (auto busy = submitting_.find(called); busy != submitting_.end())
      return intakes_.at(busy->second).clients.push_back(client);
  }
  if (!has_server)
    return void(client.deliver(as_error(no_server(mailbox.address))));
  if (stopping_)
    return void(client.deliver(as_error({errc::shutting_down, "mailfleet stops; submit it again "
                                                              "when it is back"})));
  if (intakes_.size() >= max_intakes || open_.size() >= max_open_mails)
    return void(client.deliver(as_error({errc::overloaded, "too much mail waits; submit it again "
                                                           "later"})));
  compose_order order;
  if (auto reserved = reserve_uploads(what, mailbox.id, order.uploads); !reserved)
    return void(client.deliver(as_error(reserved.error())));
  intake fresh{mailbox, what.wishes, {}, order.uploads, {client}};
  fresh.key = {mailbox.id, outbox_folder, 0, next_number(mailbox.id)};
  order.key = fresh.key;
  order.content = std::move(what.content);
  order.now = now();
  order.max_recipients = max_mail_recipients;
  auto call = ++last_call_;
  if (!called.second.empty())
    submitting_.emplace(called, call);
  intakes_.emplace(call, std::move(fresh));
  around_.outside.composer->compose(
      std::move(order),
      [to = caf::actor_cast<caf::weak_actor_ptr>(self_), call](result<written_mail> outcome) {
        send_from_outside<outbox_actor>(to, mail_composed{call, std::move(outcome)});
      });
}

/// All that a mail names, each once, or none.
result<void> outbox_machine::reserve_uploads(const submit_mail& what, entity_id mailbox,
                                             std::map<message_key, std::uint32_t>& into) {
  for (const auto& upload : uploads_in(what)) {
    if (into.contains(upload))
      continue;
    auto pieces = uploads_.reserve(upload, mailbox, now());
    if (!pieces) {
      for (const auto& [key, count] : into)
        uploads_.release(key);
      return pieces.error();
    }
    into.emplace(upload, *pieces);
  }
  return {};
}

void outbox_machine::answer_as_it_is(const message_key& key, bool is_repeated,
                                     view_promise client) {
  self_->request(around_.store, until_answered, read_record{key_in(family::outbox, key)})
      .then(
          [this, is_repeated, client](record_read& answer) mutable {
            if (!answer.found)
              return void(client.deliver(as_error({errc::not_found, "the mail is gone"})));
            auto shown = view_of(std::get<outbox_record>(*answer.found));
            shown.is_repeated = is_repeated;
            client.deliver(std::move(shown));
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

void outbox_machine::on_composed(mail_composed& made) {
  auto found = intakes_.find(made.call);
  if (found == intakes_.end())
    return;
  if (!made.outcome)
    return refuse(made.call, made.outcome.error());
  auto& its = found->second;
  auto& written = *made.outcome;
  if (auto good = check_mail(written.mail, its.mailbox); !good) {
    if (written.pieces.empty())
      drop_content_of(its.key, written.chunks);
    return refuse(made.call, good.error());
  }
  auto taken = std::make_shared<fresh_mail>();
  auto& mail = taken->record;
  mail.header.tenant = its.mailbox.header.tenant;
  mail.header.version = 1;
  mail.key = its.key;
  mail.mail = std::move(written.mail);
  mail.accepted_at = now();
  mail.progress = jobs::accepted_mail(mail.mail.envelope, now(),
                                      std::max(now(), its.wishes.due.value_or(now())));
  mail.priority = its.wishes.priority;
  mail.idempotency_key = its.wishes.idempotency_key;
  mail.chunks = written.chunks;
  taken->content = std::move(written.pieces);
  commit_accepted(made.call, taken);
}

/// Whom it may come from, and whether the mailbox's server takes one of its size, as far as that
/// is known.
result<void> outbox_machine::check_mail(const composed_mail& mail,
                                        const mailbox_record& mailbox) const {
  if (auto good =
          jobs::check_senders(mail.facts, mail.envelope, mailbox.address, mailbox.sending.send_as);
      !good)
    return good;
  auto its = lanes_.find(mailbox.id);
  bool known = its != lanes_.end() && its->second.max_bytes > 0
               && now() < its->second.size_heard_at + size_is_believed;
  return jobs::check_size(mail.envelope,
                          known ? std::optional{its->second.max_bytes} : std::nullopt);
}

void outbox_machine::commit_accepted(std::uint64_t call, const accepted_mail& mail) {
  const auto& its = intakes_.at(call);
  const auto& row = mail->record;
  commit_request change;
  // A mailbox that was removed meanwhile takes its mail with it.
  change.preconditions.push_back({key_in(family::outbox, row.key), 0});
  change.preconditions.push_back({key_of(its.mailbox), its.mailbox.header.version});
  change.puts.emplace_back(row);
  for (std::uint32_t part = 0; const auto& piece : mail->content)
    change.puts.emplace_back(body_chunk{{}, row.key, part++, piece});
  for (const auto& [upload, count] : its.uploads)
    for (const auto& key : jobs::content_keys(upload, count))
      change.deletes.push_back(key);
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, call, mail](const commit_receipt&) {
            MAILFLEET_FAIL_POINT("mail_accepted");
            on_accepted(call, *mail);
          },
          [this, call, mail](const caf::error& what) {
            auto why = as_failure(what);
            if (why.code == errc::precondition_failed && !intakes_.at(call).looked_again)
              return look_again(call, mail);
            refuse_written(call, *mail, why);
          });
}

/// Its mailbox changed meanwhile, or was removed.
void outbox_machine::look_again(std::uint64_t call, const accepted_mail& mail) {
  intakes_.at(call).looked_again = true;
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::mailboxes, .owner = mail->record.key.mailbox.value}})
      .then(
          [this, call, mail](record_read& answer) {
            if (!answer.found)
              return refuse_written(call, *mail, {errc::not_found, "the mailbox was removed"});
            auto& its = intakes_.at(call);
            its.mailbox = std::get<mailbox_record>(*std::move(answer.found));
            if (auto good = check_mail(mail->record.mail, its.mailbox); !good)
              return refuse_written(call, *mail, good.error());
            commit_accepted(call, mail);
          },
          [this, call, mail](const caf::error& what) {
            refuse_written(call, *mail, as_failure(what));
          });
}

/// Chunks that came not with the record are durable already.
void outbox_machine::refuse_written(std::uint64_t call, const fresh_mail& mail,
                                    const failure& why) {
  if (mail.content.empty())
    drop_content_of(mail.record.key, mail.record.chunks);
  refuse(call, why);
}

void outbox_machine::on_accepted(std::uint64_t call, fresh_mail& mail) {
  auto its = std::move(intakes_.extract(call).mapped());
  const auto& row = mail.record;
  for (const auto& [upload, count] : its.uploads)
    uploads_.drop(upload);
  if (!row.idempotency_key.empty()) {
    submitting_.erase({row.key.mailbox, row.idempotency_key});
    submitted_.insert_or_assign({row.key.mailbox, row.idempotency_key},
                                std::pair{row.key, row.accepted_at});
  }
  around_.index->note(row.key, row.mail.facts.message_id);
  place(row);
  // Who gave the same key while the first was being made has the same mail.
  for (auto shown = view_of(row); auto& client : its.clients) {
    client.deliver(shown);
    shown.is_repeated = true;
  }
  if (row.progress.due <= now() + fresh_wait)
    fresh_.keep(std::move(mail));
  pump();
}

void outbox_machine::refuse(std::uint64_t call, const failure& why) {
  auto its = std::move(intakes_.extract(call).mapped());
  submitting_.erase({its.mailbox.id, its.wishes.idempotency_key});
  for (const auto& [upload, count] : its.uploads)
    uploads_.release(upload);
  for (auto& client : its.clients)
    client.deliver(as_error(why));
}

/// Higher than any before, those of mail that is long gone included: it is also the second at
/// which it was given, or later.
std::uint32_t outbox_machine::next_number(entity_id mailbox) {
  auto& last = last_numbers_[mailbox];
  last = std::max(last + 1, static_cast<std::uint32_t>(now().time_since_epoch().count()));
  return last;
}

} // namespace mailfleet
