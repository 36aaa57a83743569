#include "net/imap_fetch_plan.hpp"

#include "messages/values/mail.hpp"
#include "net/imap_limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;

fetch_plan::fetch_plan(std::vector<listed_message> messages) : messages_{std::move(messages)} {
  std::ranges::sort(messages_, {}, &listed_message::uid);
  auto twice = std::ranges::unique(messages_, {}, &listed_message::uid);
  messages_.erase(twice.begin(), twice.end());
}

fetch_plan fetch_plan::of_one(std::uint32_t uid) {
  fetch_plan plan{{listed_message{uid, 0}}};
  plan.alone_until_ = 1;
  return plan;
}

bool fetch_plan::asks_alone() const noexcept {
  return next_ < alone_until_;
}

std::optional<fetch_plan::ask> fetch_plan::next_ask() {
  if (dropping_ || asked_ == messages_.size() || !nearly_done())
    return std::nullopt;
  if (asks_alone())
    return send(asked_ + 1);
  auto end = asked_;
  std::uint64_t bytes = 0;
  while (end < messages_.size() && end - asked_ < limits::messages_per_command
         && (end == asked_ || messages_[end].size <= limits::bytes_per_command - bytes)) {
    // A lie about the size must not overflow the sum.
    bytes += std::min(messages_[end].size, limits::bytes_per_command - bytes);
    ++end;
  }
  return send(end);
}

bool fetch_plan::nearly_done() const noexcept {
  if (in_flight_.empty())
    return true;
  if (in_flight_.size() > 1 || serial_ || asks_alone())
    return false;
  std::uint64_t left = 0;
  for (auto at = next_; at < asked_ && left <= limits::overlap_bytes; ++at)
    left += std::clamp<std::uint64_t>(messages_[at].size, 1, limits::overlap_bytes + 1);
  return left <= limits::overlap_bytes;
}

fetch_plan::ask fetch_plan::send(std::size_t end) {
  ask asked{++commands_, {messages_[asked_].uid, messages_[end - 1].uid}};
  in_flight_.push_back({asked.number, asked_, end});
  asked_ = end;
  without_body_ = another_ = false;
  return asked;
}

fetch_plan::verdict fetch_plan::body_begins(std::uint32_t uid, std::uint64_t bytes) {
  if (dropping_ || next_ >= asked_)
    return verdict::drop;
  if (uid != 0 || asks_alone())
    return settle(uid) ? verdict::take : verdict::drop;
  if (bytes <= max_chunk_bytes)
    return verdict::hold;
  // Its pieces could not be reported before its UID is known: once more, alone.
  repair(next_ + 1);
  return verdict::drop;
}

std::optional<std::uint32_t> fetch_plan::settle(std::uint32_t uid) {
  if (dropping_ || next_ >= asked_)
    return std::nullopt;
  auto expected = messages_[next_].uid;
  // Asked for by itself, a message without a UID can be no other.
  if (uid == expected || (uid == 0 && asks_alone()))
    return expected;
  if (asks_alone())
    return std::nullopt;
  auto asked_end = messages_.begin() + static_cast<std::ptrdiff_t>(asked_);
  auto found =
      std::ranges::lower_bound(messages_.begin(), asked_end, uid, {}, &listed_message::uid);
  if (uid == 0)
    repair(next_ + 1);
  else if (uid > expected && found != asked_end && found->uid == uid)
    skipped(static_cast<std::size_t>(found - messages_.begin()));
  // Any other was taken already or never asked for.
  return std::nullopt;
}

void fetch_plan::message_taken() {
  ++next_;
}

bool fetch_plan::is_another(std::optional<std::uint64_t> size) const noexcept {
  auto listed = messages_[next_].size;
  return size && listed != 0 && *size != listed;
}

void fetch_plan::another_came() {
  if (asks_alone())
    another_ = true;
  else
    repair(next_ + 1);
}

std::optional<std::uint32_t> fetch_plan::take_doubted() {
  return std::exchange(doubted_, std::nullopt);
}

void fetch_plan::settle_doubt(bool still_there) {
  if (still_there)
    messages_[next_].size = 0;
  else
    ++next_;
  asked_ = next_;
}

void fetch_plan::answered_without_body(std::uint32_t uid) {
  if (next_ < asked_ && uid == messages_[next_].uid)
    without_body_ = true;
}

void fetch_plan::command_finished(std::size_t number, bool ok) {
  auto done = std::ranges::find(in_flight_, number, &sent_ask::number);
  if (done == in_flight_.end())
    return;
  auto end = done->end;
  bool alone = asks_alone();
  in_flight_.erase(done);
  if (next_ < end && !dropping_) {
    if (!alone) {
      repair(end);
    } else if (ok && another_) {
      doubted_ = messages_[next_].uid;
    } else {
      if (!ok || without_body_)
        refused_ = messages_[next_].uid;
      ++next_;
    }
  }
  if (dropping_ && in_flight_.empty()) {
    dropping_ = false;
    asked_ = next_;
  }
}

std::optional<std::uint32_t> fetch_plan::take_refused() {
  return std::exchange(refused_, std::nullopt);
}

void fetch_plan::skipped(std::size_t end) {
  if (in_flight_.size() > 1)
    dropping_ = true;
  else
    repair(end);
  serial_ = true;
}

void fetch_plan::repair(std::size_t end) {
  dropping_ = true;
  alone_until_ = std::max(alone_until_, end);
}

} // namespace mailfleet::net
