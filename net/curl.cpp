#include "net/curl.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <string_view>

namespace mailfleet::net {

namespace {

void wiping_free(void* memory) {
  if (memory != nullptr)
    ::explicit_bzero(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

void* wiping_realloc(void* memory, std::size_t size) {
  if (memory == nullptr)
    return std::malloc(size);
  auto* moved = std::malloc(size);
  if (moved == nullptr)
    return nullptr;
  std::memcpy(moved, memory, std::min(size, ::malloc_usable_size(memory)));
  wiping_free(memory);
  return moved;
}

char* duplicate(const char* text) {
  return ::strdup(text);
}

result<void> initialise() {
  auto code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wiping_free, wiping_realloc,
                                   duplicate, std::calloc);
  if (code != CURLE_OK)
    return failure{errc::internal,
                   std::string{"libcurl does not start: "} + curl_easy_strerror(code)};
  const auto* version = curl_version_info(CURLVERSION_NOW);
  auto backend = std::string_view{version->ssl_version == nullptr ? "" : version->ssl_version};
  if (!backend.starts_with("OpenSSL/3"))
    return failure{errc::internal, "libcurl must be built with OpenSSL 3; this one has \""
                                       + std::string{backend} + "\""};
  return {};
}

} // namespace

result<void> prepare_curl() {
  static const auto outcome = initialise();
  return outcome;
}

result<easy_handle> make_easy() {
  if (auto prepared = prepare_curl(); !prepared)
    return prepared.error();
  easy_handle easy{curl_easy_init()};
  if (!easy)
    return failure{errc::internal, "libcurl has no memory for a connection"};
  return easy;
}

bool append(slist_handle& list, const char* line) {
  auto* longer = curl_slist_append(list.get(), line);
  if (longer == nullptr)
    return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

} // namespace mailfleet::net
