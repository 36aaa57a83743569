#pragma once

#include "net/byte_stream.hpp"
#include "net/connector.hpp"
#include "net/curl_multi.hpp"
#include "net/curl_transport.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::net {

/// One connection that libcurl opens and then leaves to us. For one loop's
/// thread. Closes with its destruction.
class curl_session {
public:
  /// Prepares; nothing is sent yet.
  [[nodiscard]] static result<std::unique_ptr<curl_session>>
  prepare(const connector_settings& settings, admission_rule rule, mail_protocol protocol,
          const endpoint& server);
  /// The same for a server of HTTPS, with which TLS and no more is done.
  [[nodiscard]] static result<std::unique_ptr<curl_session>>
  prepare_https(const connector_settings& settings, const endpoint& server);
  ~curl_session();
  curl_session(const curl_session&) = delete;
  curl_session& operator=(const curl_session&) = delete;

  /// Connects, at most until the deadline.
  [[nodiscard]] boost::asio::awaitable<result<void>> connect(std::chrono::milliseconds deadline);

  [[nodiscard]] const curl_transport& transport() const noexcept {
    return *transport_;
  }

  /// The open connection's descriptor; libcurl's to close.
  [[nodiscard]] result<curl_socket_t> socket() const;

private:
  curl_session(std::optional<mail_protocol> protocol, std::unique_ptr<curl_transport> transport);
  [[nodiscard]] static result<std::unique_ptr<curl_session>>
  prepare_any(const connector_settings& settings, admission_rule rule,
              std::optional<mail_protocol> protocol, const endpoint& server);
  static std::size_t on_line(char* bytes, std::size_t size, std::size_t count, void* self);
  [[nodiscard]] result<void> set_options(const endpoint& server);
  [[nodiscard]] failure explain(CURLcode code) const;

  /// None: HTTPS.
  const std::optional<mail_protocol> protocol_;
  std::unique_ptr<curl_transport> transport_;
  std::shared_ptr<curl_multi> multi_;
  /// Of what the server said before we had the connection.
  std::string last_line_;
  std::size_t line_bytes_ = 0;
};

/// Whether a greeting turns us away for now: `* BYE`, `-ERR`, 421 and its like.
[[nodiscard]] bool turns_away(mail_protocol protocol, std::string_view line);

} // namespace mailfleet::net
