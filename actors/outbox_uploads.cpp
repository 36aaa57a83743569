#include "actors/outbox_uploads.hpp"

#include "actors/limits.hpp"
#include "messages/values/mail.hpp"

#include <string>

namespace mailfleet {

namespace {

failure no_upload(const message_key& key) {
  return {errc::not_found, "there is no upload `" + to_string(key)
                               + "`: it was used, was left alone for too long, or mailfleet was "
                                 "started again; begin a new one"};
}

} // namespace

result<upload_view> outbox_uploads::begin(const message_key& key, wall_time now) {
  if (uploads_.size() >= max_uploads)
    return failure{errc::overloaded, "too many uploads are open; use them, or wait until they end"};
  upload fresh;
  fresh.shown.key = key;
  fresh.shown.expires_at = now + upload_life;
  return uploads_.emplace(key, fresh).first->second.shown;
}

result<upload_view> outbox_uploads::check(const append_upload& piece, wall_time now) const {
  auto found = uploads_.find(piece.upload);
  if (found == uploads_.end() || found->second.shown.expires_at < now || found->second.reserved)
    return no_upload(piece.upload);
  const auto& have = found->second;
  auto bytes = piece.bytes->bytes.size();
  bool again = piece.part + 1 == have.shown.parts;
  if (piece.part != have.shown.parts && !again)
    return bad_field("part", "is out of turn",
                     "give part " + std::to_string(have.shown.parts) + " next");
  if (bytes == 0 || bytes > max_chunk_bytes)
    return bad_field("bytes", "is empty or too long",
                     "give 1 to " + std::to_string(max_chunk_bytes) + " bytes a part");
  if (!again && have.shown.parts > 0 && have.last_piece_bytes != max_chunk_bytes)
    return bad_field("part", "comes after a part that was not full",
                     "give each part but the last " + std::to_string(max_chunk_bytes) + " bytes");
  auto shown = have.shown;
  shown.bytes += bytes;
  if (again)
    shown.bytes -= have.last_piece_bytes;
  else
    ++shown.parts;
  if (shown.bytes > max_upload_bytes)
    return failure{errc::too_large, "a file that goes with a mail, or a whole mail, has at most "
                                        + std::to_string(max_upload_bytes)
                                        + " bytes; put it elsewhere"};
  shown.expires_at = now + upload_life;
  return shown;
}

result<upload_view> outbox_uploads::add(const append_upload& piece, wall_time now) {
  auto shown = check(piece, now);
  if (!shown)
    return shown;
  auto& have = uploads_.at(piece.upload);
  have.shown = *shown;
  have.last_piece_bytes = piece.bytes->bytes.size();
  return shown;
}

result<std::uint32_t> outbox_uploads::reserve(const message_key& key, entity_id mailbox,
                                              wall_time now) {
  auto found = uploads_.find(key);
  if (found == uploads_.end() || key.mailbox != mailbox || found->second.shown.expires_at < now)
    return no_upload(key);
  auto& have = found->second;
  if (have.shown.parts == 0)
    return bad_field("upload", "has no bytes", "give it some, or leave the file out");
  if (have.reserved)
    return failure{errc::in_use, "the upload `" + to_string(key)
                                     + "` is being used by another mail; upload it once more"};
  have.reserved = true;
  return have.shown.parts;
}

void outbox_uploads::release(const message_key& key) {
  if (auto found = uploads_.find(key); found != uploads_.end())
    found->second.reserved = false;
}

void outbox_uploads::drop(const message_key& key) {
  uploads_.erase(key);
}

std::vector<upload_view> outbox_uploads::take_expired(wall_time now) {
  std::vector<upload_view> expired;
  for (auto at = uploads_.begin(); at != uploads_.end();) {
    if (at->second.shown.expires_at >= now || at->second.reserved) {
      ++at;
      continue;
    }
    expired.push_back(at->second.shown);
    at = uploads_.erase(at);
  }
  return expired;
}

} // namespace mailfleet
