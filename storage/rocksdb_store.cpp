#include "storage/rocksdb_store.hpp"

#include "messages/values/fail_point.hpp"
#include "storage/limits.hpp"
#include "storage/sweep.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace mailfleet::storage {

namespace {

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

failure unreadable(const rocksdb::Status& status) {
  return {errc::storage_corrupt, "the database cannot be read: " + printable(status.ToString())};
}

failure wrong_key() {
  return {errc::storage_wrong_key, "the key file does not belong to this state folder; give the"
                                   " one that `mailfleetd init` or the last rotation made"};
}

result<void> check_key(database& db, const cipher_key& wrapping) {
  rocksdb::PinnableSlice check;
  auto found = db.find(db.meta(), meta_key::check, check);
  if (!found)
    return found.error();
  gcm_cipher cipher;
  if (!*found || !opens_check_value(cipher, wrapping, check.ToStringView()))
    return wrong_key();
  return {};
}

/// Unwraps every data key in the order of owners and numbers.
result<void> each_data_key(database& db, const cipher_key& wrapping,
                           const std::function<result<void>(data_key)>& visit) {
  gcm_cipher cipher;
  std::unique_ptr<rocksdb::Iterator> at{
      db.db().NewIterator(rocksdb::ReadOptions{}, db.handle(family::keys))};
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    auto place = decode_key(family::keys, at->key().ToStringView());
    if (!place)
      return place.error();
    auto key =
        unwrap_key(cipher, wrapping, place->owner, place->folder, at->value().ToStringView());
    if (!key)
      return key.error();
    if (auto good = visit(*std::move(key)); !good)
      return good;
  }
  if (!at->status().ok())
    return unreadable(at->status());
  return {};
}

} // namespace

// -- opening ------------------------------------------------------------------

result<void> prepare_database(database& db, const cipher_key& wrapping, random_source& random) {
  gcm_cipher cipher;
  auto check = make_check_value(cipher, random, wrapping);
  if (!check)
    return check.error();
  rocksdb::WriteBatch batch;
  batch.Put(db.meta(), slice(meta_key::check), *check);
  return db.write(batch);
}

result<void> rewrap_keys(database& db, const cipher_key& wrapping, const cipher_key& next,
                         random_source& random) {
  if (auto good = check_key(db, wrapping); !good)
    return good;
  gcm_cipher cipher;
  rocksdb::WriteBatch batch;
  std::size_t count = 0;
  auto rewrap = [&](data_key key) -> result<void> {
    if (++count > max_rewrapped_keys)
      return failure{errc::too_large, "the store has more data keys than one rotation takes"};
    auto wrapped = wrap_key(cipher, random, next, key);
    if (!wrapped)
      return wrapped.error();
    batch.Put(db.handle(family::keys),
              encode_key({.in = family::keys, .owner = key.owner, .folder = key.number}), *wrapped);
    return {};
  };
  if (auto good = each_data_key(db, wrapping, rewrap); !good)
    return good;
  auto check = make_check_value(cipher, random, next);
  if (!check)
    return check.error();
  batch.Put(db.meta(), slice(meta_key::check), *check);
  if (auto written = db.write(batch); !written)
    return written;
  return scrub_keys(db);
}

result<std::unique_ptr<rocksdb_store>> rocksdb_store::open(std::unique_ptr<database> db,
                                                           const cipher_key& wrapping,
                                                           random_source& random,
                                                           std::shared_ptr<store_health> health) {
  if (auto good = check_key(*db, wrapping); !good)
    return good.error();
  if (auto swept = sweep_unfinished_bodies(*db); !swept)
    return swept.error();
  std::unique_ptr<rocksdb_store> store{
      new rocksdb_store{std::move(db), wrapping, random, std::move(health)}};
  if (auto good = store->load(); !good)
    return good.error();
  return store;
}

rocksdb_store::rocksdb_store(std::unique_ptr<database> db, const cipher_key& wrapping,
                             random_source& random, std::shared_ptr<store_health> health)
  : health_{std::move(health)},
    db_{std::move(db)},
    wrapping_{wrapping},
    builder_{*db_, ring_, wrapping_, random} {}

result<void> rocksdb_store::load() {
  if (auto good = load_keys(); !good)
    return good;
  if (auto good = load_counters(); !good)
    return good;
  scrubber_.emplace(*db_, *health_);
  return {};
}

result<void> rocksdb_store::load_keys() {
  return each_data_key(*db_, wrapping_, [&](data_key key) -> result<void> {
    ring_.add(std::move(key));
    return {};
  });
}

result<void> rocksdb_store::load_counters() {
  rocksdb::PinnableSlice sealed;
  auto found = db_->find(db_->meta(), meta_key::counters, sealed);
  if (!found)
    return found.error();
  if (*found) {
    gcm_cipher cipher;
    auto opened = open_with(cipher, ring_, 0, {0, meta_key::counters}, sealed.ToStringView());
    if (!opened)
      return opened.error();
    auto counters = counters_from(opened->text);
    if (!counters)
      return counters.error();
    counters_ = *counters;
  }
  auto event = last_number(family::events);
  auto audit = last_number(family::audit);
  if (!event || !audit)
    return event ? audit.error() : event.error();
  // Logs and counters change in one batch; a log may be shortened at its front only.
  if (event->value_or(counters_.last_event) != counters_.last_event
      || audit->value_or(counters_.last_audit) != counters_.last_audit)
    return failure{errc::storage_corrupt, "the event log does not end where the counters say"};
  return {};
}

result<std::optional<std::uint64_t>> rocksdb_store::last_number(family in) {
  std::unique_ptr<rocksdb::Iterator> at{
      db_->db().NewIterator(rocksdb::ReadOptions{}, db_->handle(in))};
  at->SeekToLast();
  if (!at->status().ok())
    return unreadable(at->status());
  if (!at->Valid())
    return std::optional<std::uint64_t>{};
  auto key = decode_key(in, at->key().ToStringView());
  if (!key)
    return key.error();
  return std::optional{key->owner};
}

// -- writing ------------------------------------------------------------------

result<void> rocksdb_store::apply(const batch_plan& plan) {
  if (auto built = builder_.build(plan); !built)
    return failure{errc::storage_failed, built.error().detail};
  if (builder_.writes_token())
    MAILFLEET_FAIL_POINT("before_token_write");
  MAILFLEET_FAIL_POINT("before_commit");
  auto written = builder_.erases() ? scrubber_->write_and_scrub(builder_.batch())
                                   : db_->write(builder_.batch());
  if (!written)
    return written;
  MAILFLEET_FAIL_POINT("after_commit_before_answer");
  if (builder_.writes_token())
    MAILFLEET_FAIL_POINT("after_token_write");
  builder_.settle();
  counters_ = plan.counters;
  versions_.note(plan);
  for (auto [about, count] : plan.events_about)
    events_about_[about] = count;
  return {};
}

result<std::uint64_t> rocksdb_store::version_of(const record_key& key) {
  if (auto known = versions_.find(key))
    return *known;
  auto found = read(key);
  if (!found)
    return found.error();
  auto version = *found ? header_of(**found).version : std::uint64_t{0};
  versions_.note(key, version);
  return version;
}

result<std::uint64_t> rocksdb_store::events_about(entity_id about) {
  if (auto known = events_about_.find(about); known != events_about_.end())
    return known->second;
  auto key = std::string{meta_key::about}.append(to_bytes(about.value));
  rocksdb::PinnableSlice sealed;
  auto found = db_->find(db_->meta(), key, sealed);
  if (!found)
    return found.error();
  if (!*found)
    return std::uint64_t{0};
  gcm_cipher cipher;
  auto opened = open_with(cipher, ring_, 0, {0, key}, sealed.ToStringView());
  if (!opened)
    return opened.error();
  return number_from(opened->text);
}

log_counters rocksdb_store::counters() const {
  return counters_;
}

// -- reading ------------------------------------------------------------------

/// A cipher of the pool, for one read.
class rocksdb_store::borrowed_cipher {
public:
  explicit borrowed_cipher(rocksdb_store& from) : from_{from} {
    std::lock_guard guard{from_.ciphers_mutex_};
    if (from_.idle_ciphers_.empty()) {
      cipher_.emplace();
      return;
    }
    cipher_ = std::move(from_.idle_ciphers_.back());
    from_.idle_ciphers_.pop_back();
  }
  ~borrowed_cipher() {
    std::lock_guard guard{from_.ciphers_mutex_};
    from_.idle_ciphers_.push_back(*std::move(cipher_));
  }
  borrowed_cipher(const borrowed_cipher&) = delete;
  borrowed_cipher& operator=(const borrowed_cipher&) = delete;

  gcm_cipher& operator*() noexcept {
    return *cipher_;
  }

private:
  rocksdb_store& from_;
  std::optional<gcm_cipher> cipher_;
};

result<std::optional<record>> rocksdb_store::read(const record_key& key) {
  rocksdb::PinnableSlice sealed;
  auto found = db_->find(db_->handle(key.in), encode_key(key), sealed);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<record>{};
  borrowed_cipher cipher{*this};
  auto opened = open_record(*cipher, ring_, key, sealed.ToStringView());
  if (!opened)
    return opened.error();
  return std::optional{*std::move(opened)};
}

result<scan_page> rocksdb_store::scan(const scan_request& request) {
  auto first = to_bytes(request.owner.value_or(0));
  auto behind = to_bytes(request.owner.value_or(0) + 1);
  auto after = request.after ? encode_key(*request.after) : std::string{};
  rocksdb::Slice bound{behind};
  rocksdb::ReadOptions options;
  if (request.owner && *request.owner != std::numeric_limits<std::uint64_t>::max())
    options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> at{db_->db().NewIterator(options, db_->handle(request.in))};
  at->Seek(std::max(first, after));
  if (request.after && at->Valid() && at->key() == after)
    at->Next();
  borrowed_cipher cipher{*this};
  scan_page page;
  std::size_t bytes = 0;
  for (; at->Valid(); at->Next()) {
    page.more = page.records.size() >= request.limit || bytes >= max_scan_bytes;
    if (page.more)
      return page;
    auto key = decode_key(request.in, at->key().ToStringView());
    if (!key)
      return key.error();
    auto opened = open_record(*cipher, ring_, *key, at->value().ToStringView());
    if (!opened)
      return opened.error();
    page.records.push_back(*std::move(opened));
    bytes += at->value().size();
  }
  if (!at->status().ok())
    return unreadable(at->status());
  return page;
}

} // namespace mailfleet::storage
