#pragma once

#include "actors/limits.hpp"
#include "messages/actors.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace mailfleet {

/// Reads, step by step, what it takes to log in to a mailbox's servers: its record, its
/// provider's, and a good credential. For one actor, of the interface `Handle`; one step at a
/// time. What was read stays, so that a later failure can be told with the names.
template <class Handle>
class account_access {
public:
  explicit account_access(typename Handle::pointer self) : self_{self} {}

  void init(store_actor store, providers_actor providers, entity_id mailbox) {
    store_ = std::move(store);
    providers_ = std::move(providers);
    mailbox_.id = mailbox;
  }

  /// Reads the records. Fails with `not_found` for one that does not exist.
  void load(std::function<void(result<void>)> then) {
    auto next = [this, then](result<record> found) {
      if (!found)
        return then(found.error());
      mailbox_ = std::get<mailbox_record>(*std::move(found));
      load_provider(then);
    };
    read({.in = family::mailboxes, .owner = mailbox_.id.value}, "the mailbox does not exist", next);
  }

  /// Gets the credential, once the records are read.
  void get_credential(std::function<void(result<secret>)> then) {
    was_renewed_ = std::exchange(renews_, false);
    if (mailbox_.auth == mailbox_auth::password)
      return read(grant_key(mailbox_.id), "", [then](result<record> found) {
        if (found)
          return then(std::get<grant_record>(*found).password);
        auto why = found.error();
        if (why.code == errc::not_found)
          why = {errc::sign_in_required, "there is no password for the mailbox"};
        then(std::move(why));
      });
    ask<token_granted>(
        providers_, token_timeout,
        request_token{*mailbox_.provider, mailbox_.id, was_renewed_ ? granted_at_ : wall_time{}},
        [this, then](result<token_granted> token) {
          if (!token)
            return then(token.error());
          granted_at_ = token->granted_at;
          then(std::move(token->access_token));
        });
  }

  /// What is under way comes to nothing.
  void cancel() {
    ++round_;
  }

  /// Whether the next credential must be another than the last, which was refused.
  void renew(bool other) {
    renews_ = other;
  }

  /// Whether the last one was asked for so.
  [[nodiscard]] bool was_renewed() const noexcept {
    return was_renewed_;
  }

  [[nodiscard]] const mailbox_record& mailbox() const noexcept {
    return mailbox_;
  }

  /// Null: the mailbox has none, or it is not read.
  [[nodiscard]] const provider_record* provider() const noexcept {
    return provider_ ? &*provider_ : nullptr;
  }

  /// The name to log in by.
  [[nodiscard]] const std::string& user() const noexcept {
    return mailbox_.user.empty() ? mailbox_.address : mailbox_.user;
  }

  /// Asks `whom`; the answer comes to nothing after `cancel`.
  template <class Answer, class To, class Timeout, class Message, class Next>
  void ask(const To& whom, Timeout timeout, Message message, Next next) {
    self_->request(whom, timeout, std::move(message))
        .then(
            [this, next, asked = round_](Answer& answer) {
              if (asked == round_)
                next(result<Answer>{std::move(answer)});
            },
            [this, next, asked = round_](const caf::error& what) {
              if (asked == round_)
                next(result<Answer>{as_failure(what)});
            });
  }

  /// Reads a record; `missing` says what it is that does not exist.
  template <class Next>
  void read(record_key key, std::string missing, Next next) {
    ask<record_read>(store_, until_answered, read_record{key},
                     [next, missing = std::move(missing)](result<record_read> answer) {
                       if (!answer)
                         return next(result<record>{answer.error()});
                       if (!answer->found)
                         return next(result<record>{failure{errc::not_found, missing}});
                       next(result<record>{*std::move(answer->found)});
                     });
  }

private:
  void load_provider(std::function<void(result<void>)> then) {
    provider_.reset();
    if (!mailbox_.provider)
      return then({});
    auto next = [this, then](result<record> found) {
      if (!found)
        return then(found.error());
      provider_ = std::get<provider_record>(*std::move(found));
      then({});
    };
    read({.in = family::providers, .owner = mailbox_.provider->value},
         "the mailbox's provider does not exist", next);
  }

  typename Handle::pointer self_;
  store_actor store_;
  providers_actor providers_;
  mailbox_record mailbox_;
  std::optional<provider_record> provider_;
  std::uint64_t round_ = 0;
  wall_time granted_at_{};
  bool renews_ = false;
  bool was_renewed_ = false;
};

} // namespace mailfleet
