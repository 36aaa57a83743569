#include "storage/compose_chunks.hpp"

#include "storage/limits.hpp"

#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace mailfleet::storage {

namespace {

/// Waits for the answer that `call` hands to the function it is given.
template <class Answer, class Call>
result<Answer> answer_to(Call call) {
  // Shared: the thread that answers may still be in `set_value` when this one goes on.
  auto promised = std::make_shared<std::promise<result<Answer>>>();
  auto answer = promised->get_future();
  call([promised](result<Answer> given) { promised->set_value(std::move(given)); });
  return answer.get();
}

result<void> commit_now(commit_log& log, commit_request request) {
  auto receipt = answer_to<commit_receipt>(
      [&](auto done) { log.commit(std::move(request), std::move(done)); });
  return receipt ? result<void>{} : receipt.error();
}

} // namespace

// -- writing ----------------------------------------------------------------

result<void> chunk_writer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto run = bytes.substr(0, max_chunk_bytes - begun_.size());
    begun_.append(run);
    bytes.remove_prefix(run.size());
    if (begun_.size() < max_chunk_bytes)
      break;
    if (auto ended = end_chunk(); !ended)
      return ended;
  }
  return {};
}

result<void> chunk_writer::finish() {
  return begun_.empty() ? result<void>{} : end_chunk();
}

result<void> chunk_writer::end_chunk() {
  held_.push_back(make_body(std::exchange(begun_, {})));
  ++chunks_;
  return chunks_ * max_chunk_bytes <= max_held_mail_bytes ? result<void>{} : make_durable();
}

result<void> chunk_writer::make_durable() {
  for (auto& piece : std::exchange(held_, {})) {
    body_chunk chunk;
    chunk.key = key_;
    chunk.part = committed_++;
    chunk.bytes = std::move(piece);
    commit_request request;
    request.urgency = commit_class::bulk;
    request.puts.emplace_back(std::move(chunk));
    if (auto written = commit_now(log_, std::move(request)); !written)
      return written;
  }
  return {};
}

void chunk_writer::take_back() {
  if (committed_ == 0)
    return;
  commit_request request;
  request.urgency = commit_class::bulk;
  for (std::uint32_t part = 0; part < committed_; ++part)
    request.deletes.push_back(key_in(family::bodies, key_, part));
  // Whoever asked is told why there is no mail, not that its remains are still there.
  static_cast<void>(commit_now(log_, std::move(request)));
}

// -- reading ----------------------------------------------------------------

result<body_handle> upload_reader::part(const uploaded& from, std::uint32_t number) {
  auto key = key_in(family::bodies, from.key, number);
  if (held_ && at_ == key)
    return held_;
  held_ = nullptr;
  auto found =
      answer_to<std::optional<record>>([&](auto done) { log_.read(key, std::move(done)); });
  if (!found)
    return found.error();
  const auto* chunk = *found ? std::get_if<body_chunk>(&**found) : nullptr;
  bool last = number + 1 == from.parts;
  // A part that is not full would put those behind it in a wrong place.
  if (!chunk || !chunk->bytes || (!last && chunk->bytes->bytes.size() != max_chunk_bytes))
    return bad_field(from.field, "has lost its part " + std::to_string(number), "upload it again");
  at_ = key;
  held_ = chunk->bytes;
  return held_;
}

result<std::string> upload_reader::read(const uploaded& from, std::uint64_t offset,
                                        std::size_t most) {
  if (offset / max_chunk_bytes >= from.parts)
    return std::string{};
  auto piece = part(from, static_cast<std::uint32_t>(offset / max_chunk_bytes));
  if (!piece)
    return piece.error();
  const auto& bytes = (*piece)->bytes;
  auto begin = static_cast<std::size_t>(offset % max_chunk_bytes);
  return begin < bytes.size() ? bytes.substr(begin, most) : std::string{};
}

} // namespace mailfleet::storage
