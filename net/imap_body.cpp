#include "net/imap_body.hpp"

#include "messages/values/fail_point.hpp"
#include "net/imap_limits.hpp"
#include "protocols/mime/report.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace mailfleet::net {

namespace {

struct digest_deleter {
  void operator()(EVP_MD* digest) const noexcept {
    EVP_MD_free(digest);
  }
};

/// Looked up once: OpenSSL 3 searches its providers at each look-up.
const EVP_MD* sha256() {
  static const std::unique_ptr<EVP_MD, digest_deleter> digest{
      EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return digest.get();
}

/// SHA-256 cannot fail but for memory, and a message without its digest must
/// never be reported.
void demand(int done) {
  if (done != 1)
    throw std::bad_alloc{};
}

} // namespace

// -- body_digest --------------------------------------------------------------

void body_digest::begin() {
  if (!context_)
    context_.reset(EVP_MD_CTX_new());
  demand(EVP_DigestInit_ex2(context_.get(), sha256(), nullptr));
}

void body_digest::add(std::string_view bytes) {
  demand(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

sha256_digest body_digest::finish() {
  sha256_digest digest{};
  demand(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return digest;
}

// -- body_collector -----------------------------------------------------------

void body_collector::begin(std::uint32_t uid, std::uint64_t bytes) {
  drop();
  uid_ = uid;
  part_ = 0;
  size_ = bytes;
  left_ = bytes;
  digest_.begin();
}

std::size_t body_collector::wanted() const noexcept {
  if (room_ > 0)
    return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(left_, max_chunk_bytes));
}

void body_collector::open_piece(credit held) {
  room_ = wanted();
  piece_.reserve(room_);
  held_ = std::move(held);
}

void body_collector::add(std::string_view& bytes) {
  auto part = bytes.substr(0, room_);
  digest_.add(part);
  piece_.append(part);
  bytes.remove_prefix(part.size());
  room_ -= part.size();
  left_ -= part.size();
  if (room_ > 0 || left_ == 0)
    return;
  MAILFLEET_FAIL_POINT("in_mid_chunk");
  cut(std::nullopt);
}

void body_collector::finish(std::uint32_t uid, const imap::fetched& message) {
  MAILFLEET_FAIL_POINT("after_fetch");
  uid_ = uid;
  cut(mail_piece::whole{size_, digest_.finish(), message.internal_date, message.flags, {}});
}

void body_collector::drop() {
  meaning_ = {};
  piece_ = {};
  room_ = 0;
  left_ = 0;
  held_ = {};
}

bool body_collector::batch_full() const noexcept {
  return batch_bytes_ >= imap_limits::batch_bytes
         || batch_.pieces.size() >= imap_limits::batch_pieces;
}

mail_batch body_collector::take_batch() {
  batch_bytes_ = 0;
  return std::exchange(batch_, {});
}

void body_collector::cut(std::optional<mail_piece::whole> last) {
  if (part_ == 0)
    meaning_ = mime::read_meaning(piece_);
  if (last)
    last->meaning = std::exchange(meaning_, {});
  batch_bytes_ += piece_.size();
  batch_.pieces.push_back(
      {uid_, part_++, make_body(std::exchange(piece_, {}), std::move(held_)), std::move(last)});
  held_ = {};
  room_ = 0;
}

} // namespace mailfleet::net
