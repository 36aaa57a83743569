#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <string>

namespace mailfleet::tools {

/// Key and certificate of a PKCS #12 file (`.p12`, `.pfx`) as PEM, the form that
/// `mailfleetd` takes. Fails with `invalid_argument` for a file that cannot be read or
/// holds no key and certificate, and for a wrong password.
[[nodiscard]] result<secret> pem_of_pkcs12(const std::string& file, const secret& password);

} // namespace mailfleet::tools
