#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/mail_composer.hpp"
#include "storage/reader_pool.hpp"

#include <atomic>
#include <memory>

namespace mailfleet::storage {

/// Makes mails (protocols/mime) on a few threads of its own, which wait for the store where
/// files were uploaded and where a mail is too large to be held: chunks of up to
/// `max_held_mail_bytes` come with the answer, more are durable by then, and are deleted where
/// the mail fails behind them. An order that names no limit of recipients gets the usual one.
/// An order that cannot be queued is answered on the calling thread, before the call returns.
class compose_pool final : public mail_composer {
public:
  explicit compose_pool(std::shared_ptr<commit_log> log);

  /// `stop`.
  ~compose_pool() override;

  void compose(compose_order order, std::function<void(result<written_mail>)> done) override;

  /// Takes no more, and answers what waits and what is under way with `shutting_down`; waits
  /// for the store no longer than for its next answer. Any thread but the pool's own.
  void stop();

private:
  const std::shared_ptr<commit_log> log_;
  std::atomic<bool> stopping_ = false;
  reader_pool threads_;
};

[[nodiscard]] std::shared_ptr<mail_composer> make_mail_composer(std::shared_ptr<commit_log> log);

} // namespace mailfleet::storage
