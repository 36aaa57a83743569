#include "tools/mailfleet/pkcs12.hpp"

#include "protocols/oauth2/client_assertion.hpp"
#include "protocols/oauth2/limits.hpp"

#include <fstream>

namespace mailfleet::tools {

result<secret> pem_of_pkcs12(const std::string& file, const secret& password) {
  std::ifstream in{file, std::ios::binary};
  // One byte more than may be: what is too long is told apart from what is whole.
  std::string bytes(oauth2::max_credential_bytes + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in.eof())
    return bad_field("pkcs12", file + (in ? " is too long" : " cannot be read"),
                     "give a .p12 or .pfx file with one key and its certificate");
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  auto loaded = oauth2::load_pkcs12_certificate(secret{std::move(bytes)}, password);
  if (!loaded)
    return loaded.error();
  if (!loaded->certificate)
    return bad_field("pkcs12", "holds no certificate for its key", "export both into one file");
  return oauth2::to_pem(*loaded);
}

} // namespace mailfleet::tools
