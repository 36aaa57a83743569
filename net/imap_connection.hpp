#pragma once

#include "messages/ports/random.hpp"
#include "net/byte_stream.hpp"
#include "net/step_clock.hpp"
#include "protocols/imap/capabilities.hpp"
#include "protocols/imap/engine.hpp"
#include "protocols/imap/refusal.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::net {

/// One IMAP connection: a byte stream, the engine on it, and what every state
/// of a session needs. For the one coroutine that owns it.
class imap_connection {
public:
  imap_connection(std::unique_ptr<byte_stream> stream, random_source& random);

  // -- sending

  /// Sends one command; its number.
  [[nodiscard]] boost::asio::awaitable<result<std::uint32_t>> send(std::string_view text);

  /// The same for a command that holds a secret.
  [[nodiscard]] boost::asio::awaitable<result<std::uint32_t>> send_secret(const secret& text);

  /// AUTHENTICATE.
  [[nodiscard]] boost::asio::awaitable<result<std::uint32_t>>
  send_authenticate(std::string_view mechanism, std::optional<secret> initial_response);

  /// Sends a line that is no command: an answer to a continuation.
  [[nodiscard]] boost::asio::awaitable<result<void>> send_line(secret line);

  // -- receiving

  /// The next event. The connection has taken from it what concerns all states:
  /// counts, capabilities, UIDVALIDITY. `fault` says when it ends the session.
  [[nodiscard]] imap::event next() {
    return engine_.next();
  }
  [[nodiscard]] std::optional<failure> fault_in(const imap::event& what);

  enum class filled : std::uint8_t { data, woken };

  /// Reads, once `next` needs input. Fails with `shutting_down` after
  /// `interrupt`, with `timed_out` at the deadline; the connection can go on
  /// after that.
  [[nodiscard]] boost::asio::awaitable<result<filled>> fill(std::chrono::milliseconds deadline);

  /// How a command ended.
  struct reply {
    /// None: OK.
    std::optional<imap::refusal> refused;
  };
  using event_handler = std::function<void(const imap::event&)>;

  /// Waits for the end of a command; other events go to `handler`, if there is
  /// one. `doing` names the command for a person. Fails for all that ends the
  /// session.
  [[nodiscard]] boost::asio::awaitable<result<reply>> finish(std::uint32_t command,
                                                             std::string_view doing,
                                                             std::chrono::milliseconds deadline,
                                                             event_handler handler);

  /// The same for a command that is to be sent first.
  [[nodiscard]] boost::asio::awaitable<result<reply>> run(std::string text, std::string_view doing);

  /// Judges the end of a command that `finish` did not wait for.
  [[nodiscard]] result<reply> conclude(const imap::command_done& done, std::string_view doing);

  /// LOGOUT, as far as the server is ready for it.
  [[nodiscard]] boost::asio::awaitable<void> log_out();

  // -- from outside the coroutine, on the loop thread

  /// Ends the read that waits.
  void wake() noexcept {
    stream_->wake();
  }
  /// Makes this and every further `fill` fail.
  void interrupt() noexcept {
    interrupted_ = true;
    wake();
  }

  // -- state

  imap::stage at = imap::stage::signing_in;
  imap::capabilities able;
  std::uint32_t exists = 0;
  std::uint32_t validity = 0;
  /// UIDNEXT; 0: the server did not say.
  std::uint32_t next_uid = 0;
  /// The folder has grown since its owner last listed it, or last told so.
  bool unlisted = false;
  bool untold = false;
  /// Messages that went since the folder was opened.
  std::uint32_t expunged = 0;
  /// An IDLE is under way and wants DONE before anything else.
  bool idling = false;
  /// What reads take at a time, from the next one on.
  std::size_t buffer_bytes;
  /// All bytes read.
  std::uint64_t bytes_read = 0;
  /// The refusal that ended the session, if one did.
  std::optional<imap::refusal> ended_by;

private:
  [[nodiscard]] failure end_with(imap::refusal what);
  void keep_code(const imap::response_text& text);

  std::unique_ptr<byte_stream> stream_;
  imap::engine engine_;
  std::unique_ptr<char[]> buffer_;
  std::size_t buffer_size_ = 0;
  bool interrupted_ = false;
};

} // namespace mailfleet::net
