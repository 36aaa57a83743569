#pragma once

#include "messages/ports/mail_session.hpp"
#include "protocols/imap/events.hpp"

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mailfleet::net {

struct digest_context_deleter {
  void operator()(EVP_MD_CTX* context) const noexcept {
    EVP_MD_CTX_free(context);
  }
};

/// SHA-256 of one message after the other, with one context for all of them.
class body_digest {
public:
  /// Forgets the message before.
  void begin();
  void add(std::string_view bytes);
  [[nodiscard]] sha256_digest finish();

private:
  std::unique_ptr<EVP_MD_CTX, digest_context_deleter> context_;
};

/// Cuts bodies into pieces and gathers pieces in a batch. Whoever drives it
/// brings the credit: `wanted` says for how many bytes, before each piece. What a
/// message says of others is read in its first piece, so that nothing of it is kept.
class body_collector {
public:
  /// A body of `bytes` begins; uid 0: not known yet, and it is one piece.
  void begin(std::uint32_t uid, std::uint64_t bytes);

  /// Bytes of credit that the next piece needs; 0: the open one has room, or
  /// nothing is missing.
  [[nodiscard]] std::size_t wanted() const noexcept;

  /// Opens a piece of at most `wanted()` bytes.
  void open_piece(credit held);

  /// Takes what fits into the open piece from the front. A piece that is full
  /// and not the message's last goes into the batch.
  void add(std::string_view& bytes);

  /// The message is whole: its last piece goes into the batch.
  void finish(std::uint32_t uid, const imap::fetched& message);

  /// Forgets the message that began; pieces of it that are in the batch stay.
  void drop();

  [[nodiscard]] bool batch_empty() const noexcept {
    return batch_.pieces.empty();
  }
  /// Whether the batch is worth reporting by itself.
  [[nodiscard]] bool batch_full() const noexcept;
  [[nodiscard]] mail_batch take_batch();

private:
  void cut(std::optional<mail_piece::whole> last);

  body_digest digest_;
  std::uint32_t uid_ = 0;
  std::uint32_t part_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t left_ = 0;
  /// Of a message whose first piece is full.
  mail_meaning meaning_;
  std::string piece_;
  std::size_t room_ = 0;
  credit held_;
  mail_batch batch_;
  std::size_t batch_bytes_ = 0;
};

} // namespace mailfleet::net
