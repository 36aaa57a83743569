#pragma once

#include "net/byte_stream.hpp"
#include "net/curl_session.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace mailfleet::net {

/// A connected session as a byte stream: libcurl reads and writes, Asio waits.
class curl_stream final : public byte_stream {
public:
  /// Takes over a session whose `connect` succeeded.
  [[nodiscard]] static result<std::unique_ptr<byte_stream>>
  take_over(std::unique_ptr<curl_session> session, const boost::asio::any_io_executor& executor);
  ~curl_stream() override;
  curl_stream(const curl_stream&) = delete;
  curl_stream& operator=(const curl_stream&) = delete;

  [[nodiscard]] boost::asio::awaitable<result<read_outcome>>
  read_some(std::span<char> into, std::chrono::milliseconds deadline) override;
  [[nodiscard]] boost::asio::awaitable<result<void>>
  write_all(std::string_view bytes, std::chrono::milliseconds deadline) override;
  void wake() noexcept override;
  [[nodiscard]] std::string_view peer_certificate_sha256() const noexcept override;

private:
  struct waiting;
  enum class wait_end : std::uint8_t { ready, woken, late };

  curl_stream(std::unique_ptr<curl_session> session, const boost::asio::any_io_executor& executor);
  [[nodiscard]] result<void> touch();
  [[nodiscard]] boost::asio::awaitable<wait_end>
  wait(boost::asio::posix::descriptor_base::wait_type kind,
       std::chrono::steady_clock::time_point until);
  void wake_wait() noexcept;
  [[nodiscard]] failure lost(std::string_view doing) const;
  [[nodiscard]] failure late(std::string_view doing) const;

  std::unique_ptr<curl_session> session_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<waiting> waiting_;
  /// What came in the read that `touch` makes.
  std::string early_;
  bool woken_ = false;
  /// Reads since the last wait.
  int served_at_once_ = 0;
  /// An unfinished write, or an error: nothing more can be said in order.
  bool broken_ = false;
};

} // namespace mailfleet::net
