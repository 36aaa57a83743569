#pragma once

#include "messages/values/certificate.hpp"
#include "messages/values/result.hpp"

#include <functional>

namespace mailfleet {

/// Looks at the certificate of an IMAP server before any credential is sent
/// there, so that a person can compare it and pin it.
class certificate_probe {
public:
  virtual ~certificate_probe() = default;

  /// The endpoint's pin is not used. May be called from any thread and never
  /// blocks; the callback comes once, on a thread of the implementation, and
  /// not at all when the network's loop has stopped. Fails as a connection does.
  virtual void probe(endpoint server, std::function<void(result<offered_certificate>)> done) = 0;
};

} // namespace mailfleet
