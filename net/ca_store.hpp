#pragma once

#include "messages/values/result.hpp"

#include <openssl/x509_vfy.h>

#include <memory>
#include <string>

namespace mailfleet::net {

/// The trusted certificates of one CA file. Shared by every connection: parsing
/// the system's bundle costs 25 ms and 900 KiB, too much for each of them.
using ca_store = std::shared_ptr<X509_STORE>;

/// The store of a PEM bundle; empty: the system's. Read once, and again when
/// the file changed. Fails with `invalid_argument`, naming `ca_file`, the file, why, and the
/// cure. Any thread.
[[nodiscard]] result<ca_store> load_ca_store(const std::string& ca_file);

} // namespace mailfleet::net
