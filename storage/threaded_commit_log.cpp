#include "storage/threaded_commit_log.hpp"

#include "storage/codec.hpp"
#include "storage/limits.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace mailfleet::storage {

result<std::optional<record>> checked_read(record_store& store, const record_key& key) {
  if (!is_well_formed(key) || key.in == family::keys)
    return bad_field("key", "is one that no record can have",
                     "make it with the functions of messages/values/records.hpp");
  return store.read(key);
}

result<scan_page> checked_scan(record_store& store, scan_request request) {
  bool readable = name_of(request.in) != "unknown" && request.in != family::keys
                  && request.in != family::bodies;
  if (!readable)
    return bad_field("in", "is a family that is not scanned", "read body chunks one by one");
  if (request.after && (request.after->in != request.in || !is_well_formed(*request.after)))
    return bad_field("after", "is not a key of the family", "give the key of the last record");
  request.limit = std::min(request.limit, max_scan_records);
  return store.scan(request);
}

threaded_commit_log::threaded_commit_log(std::unique_ptr<record_store> store,
                                         std::shared_ptr<store_health> health)
  : health_{std::move(health)},
    store_{std::move(store)},
    readers_{reader_threads, max_waiting_reads},
    writer_{*store_, *health_} {}

threaded_commit_log::~threaded_commit_log() {
  // Answers of the writer may still read: the readers end last.
  writer_.stop();
  readers_.stop();
}

void threaded_commit_log::commit(commit_request request,
                                 std::function<void(result<commit_receipt>)> done) {
  writer_.submit(std::move(request), std::move(done));
}

void threaded_commit_log::read(record_key key,
                               std::function<void(result<std::optional<record>>)> done) {
  ask(std::move(done), [this, key] { return checked_read(*store_, key); });
}

void threaded_commit_log::scan(scan_request request, std::function<void(result<scan_page>)> done) {
  ask(std::move(done), [this, request] { return checked_scan(*store_, request); });
}

commit_log_statistics threaded_commit_log::statistics() const {
  return writer_.statistics();
}

template <class Answer, class Query>
void threaded_commit_log::ask(std::function<void(result<Answer>)> done, Query query) {
  auto shared = std::make_shared<std::function<void(result<Answer>)>>(std::move(done));
  auto answer = [this, query]() -> result<Answer> {
    if (auto trouble = health_->trouble())
      return *trouble;
    try {
      return query();
    } catch (const std::exception&) {
      return failure{errc::internal, "reading from the store ended in an exception"};
    }
  };
  switch (readers_.submit([shared, answer] { (*shared)(answer()); })) {
  case reader_pool::taken::yes: return;
  case reader_pool::taken::full:
    return (*shared)(failure{errc::overloaded, "too many reads wait; ask again later"});
  case reader_pool::taken::stopped:
    return (*shared)(failure{errc::shutting_down, "the store stops; ask again after it is back"});
  }
}

} // namespace mailfleet::storage
