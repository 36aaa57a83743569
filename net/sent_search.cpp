#include "net/sent_search.hpp"

#include "messages/values/outgoing.hpp"
#include "net/imap_connection.hpp"
#include "net/imap_limits.hpp"
#include "net/imap_login.hpp"
#include "protocols/imap/commands.hpp"
#include "protocols/imap/folder_names.hpp"
#include "protocols/imap/sent_folder.hpp"
#include "protocols/imap/tokens.hpp"
#include "protocols/mime/header_block.hpp"
#include "protocols/sasl/echo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

namespace {

constexpr std::string_view message_id_header = "Message-ID";

/// What is to stand in which header field.
struct wanted_field {
  std::string_view name;
  std::string text;
};

/// Whether a header says it: an id of ours is the whole value, a Message-ID ends with its
/// bracket, and some programs write a comment behind it.
bool says(std::string_view header, const wanted_field& wanted) {
  auto fields = mime::take_header_block(header);
  return std::ranges::any_of(fields, [&](const mime::header_field& field) {
    if (!imap::same_word(field.name, wanted.name))
      return false;
    if (wanted.name == message_id_header)
      return field.value.find(wanted.text) != std::string::npos;
    return mime::trimmed(field.value) == wanted.text;
  });
}

/// One look behind the greeting. Its functions are steps, in their order.
class folder_look {
public:
  folder_look(imap_connection& connection, const sent_query& what)
    : connection_{connection}, what_{what} {}

  awaitable<result<sent_answer>> run() {
    auto in = co_await imap_log_in(connection_, what_.account);
    if (!in)
      co_return in.error();
    auto listed = co_await list();
    if (!listed)
      co_return listed.error();
    sent_answer answer;
    auto folder = imap::choose_sent_folder(folders_, what_.folder);
    folders_ = {};
    answer.no_folder = !folder;
    if (!folder)
      co_return answer;
    answer.folder = folder->name;
    auto opened = co_await examine(*folder);
    if (!opened)
      co_return opened.error();
    // Named: g++ 12 destroys temporaries in such calls twice.
    wanted_field own{mailfleet_id_header, what_.own_id};
    auto found = co_await search(std::move(own));
    if (found && !*found && !what_.message_id.empty()) {
      wanted_field other{message_id_header, what_.message_id};
      found = co_await search(std::move(other));
    }
    if (found && !*found)
      found = co_await read_newest();
    if (!found)
      co_return found.error();
    answer.found = *found;
    co_return answer;
  }

private:
  awaitable<result<void>> carry_out(std::string text, std::string_view doing,
                                    imap_connection::event_handler handler) {
    auto command = co_await connection_.send(text);
    if (!command)
      co_return command.error();
    auto answered =
        co_await connection_.finish(*command, doing, limits::command_deadline, std::move(handler));
    if (!answered)
      co_return answered.error();
    if (answered->refused)
      co_return answered->refused->reason;
    co_return result<void>{};
  }

  awaitable<result<void>> list() {
    std::size_t bytes = 0;
    bool too_many = false;
    imap_connection::event_handler take = [&](const imap::event& what) {
      const auto* one = std::get_if<imap::folder_listed>(&what);
      if (one == nullptr || too_many)
        return;
      bytes += one->folder.name.size();
      for (const auto& attribute : one->folder.attributes)
        bytes += attribute.size();
      too_many = folders_.size() >= limits::max_folders || bytes > limits::max_folder_bytes;
      if (!too_many)
        folders_.push_back({imap::folder_name(one->folder.name), one->folder.attributes,
                            one->folder.delimiter, one->folder.name});
    };
    auto text = imap::folders_command(connection_.able);
    auto done = co_await carry_out(std::move(text), "LIST", std::move(take));
    if (!done)
      co_return done;
    // The folder that counts may be among those that were not kept.
    if (too_many)
      co_return failure{errc::too_large, "the server lists more folders than the folder of sent "
                                         "mail is looked for among ("
                                             + std::to_string(limits::max_folders) + ")"};
    // INBOX is in every mailbox (RFC 9051 5.1): this server does not list what it has.
    if (folders_.empty())
      co_return failure{errc::protocol_violation, "the server lists no folder, not even INBOX"};
    co_return result<void>{};
  }

  awaitable<result<void>> examine(const imap::sent_folder& folder) {
    auto name = folder.wire_name.empty() ? imap::quoted_mailbox(folder.name)
                                         : imap::quoted_spelling(folder.wire_name);
    if (!name)
      co_return name.error();
    auto doing = "EXAMINE of the folder \"" + printable(folder.name) + "\"";
    auto text = "EXAMINE " + *name;
    imap_connection::event_handler nobody;
    auto opened = co_await carry_out(std::move(text), doing, std::move(nobody));
    if (opened)
      connection_.at = imap::stage::selected;
    co_return opened;
  }

  awaitable<result<bool>> search(wanted_field wanted) {
    auto text = imap::header_search_command(wanted.name, wanted.text);
    if (!text)
      co_return text.error();
    bool answered = false;
    std::vector<std::uint32_t> hits;
    imap_connection::event_handler take = [&](const imap::event& what) {
      const auto* found = std::get_if<imap::search_found>(&what);
      if (found == nullptr)
        return;
      answered = true;
      hits.insert(hits.end(), found->numbers.begin(), found->numbers.end());
    };
    auto done = co_await carry_out(*std::move(text), "SEARCH", std::move(take));
    if (!done)
      co_return done.error();
    // An untagged answer is required, also when nothing was found (RFC 3501 6.4.4, RFC 9051
    // 6.4.4): an OK alone is a server that has not searched, and proves nothing.
    if (!answered)
      co_return failure{errc::protocol_violation,
                        "the server completed SEARCH without saying what it found"};
    if (hits.size() > limits::max_search_hits)
      co_return failure{errc::too_large, "the server's SEARCH found " + std::to_string(hits.size())
                                             + " messages with one id"};
    co_return co_await confirm(std::move(hits), wanted);
  }

  /// Whether one of these messages is the mail.
  awaitable<result<bool>> confirm(std::vector<std::uint32_t> hits, const wanted_field& wanted) {
    // The mail is among the newest.
    std::ranges::sort(hits, std::greater{});
    std::span<const std::uint32_t> rest{hits};
    while (!rest.empty()) {
      auto part = rest.first(std::min(rest.size(), limits::headers_per_command));
      rest = rest.subspan(part.size());
      auto found = co_await confirm_part(part, wanted);
      if (!found || *found)
        co_return found;
    }
    co_return false;
  }

  awaitable<result<bool>> confirm_part(std::span<const std::uint32_t> part,
                                       const wanted_field& wanted) {
    std::vector<std::uint32_t> shown;
    bool found = false;
    imap_connection::event_handler take = [&](const imap::event& what) {
      const auto* one = std::get_if<imap::message_fetched>(&what);
      if (one == nullptr || !one->message.header_fields || shown.size() > part.size())
        return;
      shown.push_back(one->message.uid);
      found = found || says(*one->message.header_fields, wanted);
    };
    auto text = imap::fetch_fields_command(part, wanted.name);
    auto done = co_await carry_out(std::move(text), "FETCH", std::move(take));
    if (!done)
      co_return done.error();
    // One that went meanwhile may have been it, moved by a person or a program.
    bool all_shown = std::ranges::all_of(
        part, [&](auto uid) { return std::ranges::find(shown, uid) != shown.end(); });
    if (!found && !all_shown)
      co_return failure{errc::server_refused,
                        "the server does not show the header of a message that it found"};
    co_return found;
  }

  /// Whether one of the newest messages is the mail, whatever SEARCH says.
  awaitable<result<bool>> read_newest() {
    auto last = connection_.exists;
    if (last == 0)
      co_return false;
    auto first = last > limits::newest_looked_at ? last - limits::newest_looked_at + 1 : 1;
    const wanted_field own{mailfleet_id_header, what_.own_id};
    const wanted_field other{message_id_header, what_.message_id};
    std::uint32_t shown = 0;
    bool found = false;
    imap_connection::event_handler take = [&](const imap::event& what) {
      const auto* one = std::get_if<imap::message_fetched>(&what);
      if (one == nullptr || !one->message.header_fields)
        return;
      ++shown;
      const auto& header = *one->message.header_fields;
      found = found || says(header, own) || (!other.text.empty() && says(header, other));
    };
    auto went = connection_.expunged;
    auto text = imap::fetch_last_fields_command(
        first, last, std::string{mailfleet_id_header} + " " + std::string{message_id_header});
    auto done = co_await carry_out(std::move(text), "FETCH", std::move(take));
    if (!done)
      co_return done.error();
    if (!found && shown + (connection_.expunged - went) < last - first + 1)
      co_return failure{errc::server_refused, "the server does not show the headers of all new "
                                              "messages in its folder of sent mail"};
    co_return found;
  }

  imap_connection& connection_;
  const sent_query& what_;
  std::vector<imap::listed_folder> folders_;
};

/// What cannot be searched for is said before anybody is asked.
result<void> check(const sent_query& what) {
  auto own = imap::header_search_command(mailfleet_id_header, what.own_id);
  if (!own)
    return own.error();
  if (what.message_id.empty())
    return {};
  auto other = imap::header_search_command(message_id_header, what.message_id);
  return other ? result<void>{} : other.error();
}

failure told_of(failure why, const secret& credential) {
  // Nobody else interrupts a look.
  if (why.code == errc::shutting_down)
    return {errc::timed_out, "the look into the folder of sent mail took too long"};
  why.detail = sasl::unrepeated(std::move(why.detail), credential);
  return why;
}

class network_search final : public sent_search {
public:
  network_search(event_loop& loop, connector& connect, random_source& random)
    : loop_{loop}, connector_{connect}, random_{random} {}

  void search(sent_query what, std::function<void(result<sent_answer>)> done) override {
    boost::asio::co_spawn(
        loop_.next(),
        search_sent_folder(connector_, random_, std::move(what), limits::sent_look_deadline),
        [done = std::move(done)](const std::exception_ptr& thrown, result<sent_answer> answer) {
          // The text of an exception may hold anything: it is not repeated.
          if (thrown)
            answer = failure{errc::internal, "the look into the folder of sent mail failed"};
          done(std::move(answer));
        });
  }

private:
  event_loop& loop_;
  connector& connector_;
  random_source& random_;
};

} // namespace

awaitable<result<sent_answer>> search_sent_folder(connector& connect, random_source& random,
                                                  sent_query what, std::chrono::milliseconds most) {
  if (auto can = check(what); !can)
    co_return can.error();
  auto stream = co_await connect.connect(mail_protocol::imap, what.account.server);
  if (!stream)
    co_return stream.error();
  auto connection = std::make_shared<imap_connection>(*std::move(stream), random);
  // Each step has its deadline; a server that uses up all of them is interrupted.
  boost::asio::steady_timer all{co_await boost::asio::this_coro::executor, most};
  all.async_wait([weak = std::weak_ptr{connection}](const boost::system::error_code& stopped) {
    auto still = weak.lock();
    if (!stopped && still)
      still->interrupt();
  });
  folder_look look{*connection, what};
  auto answer = co_await look.run();
  all.cancel();
  if (!connection->ended_by)
    co_await connection->log_out();
  if (!answer)
    co_return told_of(answer.error(), what.account.credential);
  co_return answer;
}

std::unique_ptr<sent_search> make_sent_search(event_loop& loop, connector& connect,
                                              random_source& random) {
  return std::make_unique<network_search>(loop, connect, random);
}

} // namespace mailfleet::net
