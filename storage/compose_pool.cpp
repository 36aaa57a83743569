#include "storage/compose_pool.hpp"

#include "protocols/mime/compose.hpp"
#include "protocols/mime/raw_checker.hpp"
#include "storage/compose_chunks.hpp"
#include "storage/limits.hpp"

#include <exception>
#include <string>
#include <utility>

namespace mailfleet::storage {

namespace {

/// What `call` gives, or an internal failure where it throws: its text may hold mail. GMime,
/// which is C, must see no exception either.
template <class Call>
auto guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception&) {
    return failure{errc::internal, "the making of a mail ended in an exception"};
  }
}

failure stops() {
  return {errc::shutting_down, "the runtime stops; ask again after it is back"};
}

/// Carries out one order.
class composing {
public:
  composing(commit_log& log, const compose_order& order, const std::atomic<bool>& stopping)
    : order_{order}, stopping_{stopping}, chunks_{log, order.key}, uploads_{log} {}

  result<written_mail> run() {
    auto made = guarded([&]() -> result<written_mail> {
      auto mail = std::visit([&](const auto& content) { return make(content); }, order_.content);
      if (!mail)
        return mail.error();
      if (auto ended = chunks_.finish(); !ended)
        return ended.error();
      return written_mail{*std::move(mail), chunks_.chunks(), chunks_.take_held()};
    });
    if (!made)
      static_cast<void>(guarded([&]() -> result<void> {
        chunks_.take_back();
        return {};
      }));
    return made;
  }

private:
  result<composed_mail> make(const outgoing_mail& mail) {
    std::vector<std::optional<uploaded>> files;
    for (std::size_t file = 0; file < mail.files.size(); ++file) {
      auto from = upload_of(mail.files[file].upload, "files[" + std::to_string(file) + "].upload");
      if (!from)
        return from.error();
      files.push_back(*std::move(from));
    }
    mime::compose_options options;
    options.mailfleet_id = to_string(order_.key);
    options.now = order_.now;
    if (order_.max_recipients > 0)
      options.max_recipients = order_.max_recipients;
    auto read = [&](std::size_t file, std::uint64_t offset, std::size_t most) {
      return guarded([&]() -> result<std::string> {
        if (stopping_)
          return stops();
        return files[file] ? uploads_.read(*files[file], offset, most)
                           : read_content(mail.files[file].content, offset, most);
      });
    };
    return mime::compose(mail, options, sink(), read);
  }

  result<composed_mail> make(const raw_mail& mail) {
    auto from = upload_of(mail.upload, "upload");
    if (!from)
      return from.error();
    mime::raw_options options;
    options.mailfleet_id = to_string(order_.key);
    options.now = order_.now;
    options.convert_lf = mail.convert_lf;
    options.sender = mail.sender;
    options.recipients = mail.recipients;
    if (order_.max_recipients > 0)
      options.max_recipients = order_.max_recipients;
    mime::raw_checker checker{std::move(options), sink()};
    auto given = *from ? (*from)->parts : mail.content.size();
    for (std::uint32_t part = 0; part < given; ++part) {
      auto piece = *from ? uploads_.part(**from, part) : result{mail.content[part]};
      if (!piece)
        return piece.error();
      if (auto taken = checker.append((*piece)->bytes); !taken)
        return taken.error();
    }
    return checker.finish();
  }

  /// What is known of an upload that the content names.
  result<std::optional<uploaded>> upload_of(const std::optional<message_key>& key,
                                            std::string field) const {
    if (!key)
      return std::optional<uploaded>{};
    auto found = order_.uploads.find(*key);
    if (found == order_.uploads.end())
      return bad_field(field, "is no upload that is known", "upload it before");
    return std::optional{uploaded{*key, found->second, std::move(field)}};
  }

  static result<std::string> read_content(const std::vector<body_handle>& content,
                                          std::uint64_t offset, std::size_t most) {
    for (const auto& handle : content) {
      if (offset < handle->bytes.size())
        return handle->bytes.substr(static_cast<std::size_t>(offset), most);
      offset -= handle->bytes.size();
    }
    return std::string{};
  }

  mime::byte_sink sink() {
    return [this](std::string_view piece) {
      return guarded([&] { return stopping_ ? result<void>{stops()} : chunks_.write(piece); });
    };
  }

  const compose_order& order_;
  const std::atomic<bool>& stopping_;
  chunk_writer chunks_;
  upload_reader uploads_;
};

} // namespace

compose_pool::compose_pool(std::shared_ptr<commit_log> log)
  : log_{std::move(log)}, threads_{compose_threads, max_waiting_mails} {}

compose_pool::~compose_pool() {
  stop();
}

void compose_pool::stop() {
  stopping_ = true;
  threads_.stop();
}

void compose_pool::compose(compose_order order, std::function<void(result<written_mail>)> done) {
  struct work {
    compose_order order;
    std::function<void(result<written_mail>)> done;
  };
  auto one = std::make_shared<work>(work{std::move(order), std::move(done)});
  auto taken = threads_.submit([this, one] {
    one->done(stopping_ ? result<written_mail>{stops()}
                        : composing{*log_, one->order, stopping_}.run());
  });
  switch (taken) {
  case reader_pool::taken::yes: return;
  case reader_pool::taken::full:
    return one->done(failure{errc::overloaded, "too many mails wait to be made; ask again later"});
  case reader_pool::taken::stopped: return one->done(stops());
  }
}

std::shared_ptr<mail_composer> make_mail_composer(std::shared_ptr<commit_log> log) {
  return std::make_shared<compose_pool>(std::move(log));
}

} // namespace mailfleet::storage
