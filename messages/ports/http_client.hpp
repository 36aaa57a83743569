#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet {

struct http_request {
  /// `GET` or `POST`.
  std::string method = "GET";
  /// https, or http to a loopback address only.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  /// May hold a client secret or a refresh token: overwritten after sending.
  secret body;
  /// Sent as HTTP Basic if set (RFC 6749 2.3.1: both parts form-encoded first).
  std::string basic_user;
  secret basic_password;
  /// Sent as `Authorization: Bearer` if set (RFC 6750 2.1); not together with Basic.
  secret bearer;
  /// PEM bundle; empty: the system's.
  std::string ca_file;
  proxy_settings proxy;
  /// From name look-up to the last byte.
  std::chrono::milliseconds deadline{30'000};
  /// Past it the answer fails with `errc::too_large`.
  std::size_t max_response_bytes = 1024 * 1024;
};

struct http_response {
  int status = 0;
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Sends single HTTP requests. Never follows a redirect, never reads the
/// environment, and never retries, but for one case: a request that was sent on
/// a kept connection, which then ended without a byte of an answer, is sent
/// again on a new one (RFC 9112 9.3.1). May be called from any thread; the callback is called
/// exactly once, on a thread of the implementation, and must not block. Any
/// HTTP status is an answer; failures are those of the network (`errc` 20-39).
class http_client {
public:
  virtual ~http_client() = default;
  virtual void send(http_request request, std::function<void(result<http_response>)> done) = 0;
};

} // namespace mailfleet
