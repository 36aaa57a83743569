#pragma once

#include "messages/values/result.hpp"

#include <curl/curl.h>

#include <memory>

/// libcurl's handles, and what must be done once.
namespace mailfleet::net {

struct easy_deleter {
  void operator()(CURL* handle) const noexcept {
    curl_easy_cleanup(handle);
  }
};
using easy_handle = std::unique_ptr<CURL, easy_deleter>;

struct multi_deleter {
  void operator()(CURLM* handle) const noexcept {
    curl_multi_cleanup(handle);
  }
};
using multi_handle = std::unique_ptr<CURLM, multi_deleter>;

struct slist_deleter {
  void operator()(curl_slist* list) const noexcept {
    curl_slist_free_all(list);
  }
};
using slist_handle = std::unique_ptr<curl_slist, slist_deleter>;

struct url_deleter {
  void operator()(CURLU* handle) const noexcept {
    curl_url_cleanup(handle);
  }
};
using url_handle = std::unique_ptr<CURLU, url_deleter>;

struct curl_text_deleter {
  void operator()(char* text) const noexcept {
    curl_free(text);
  }
};
using curl_text = std::unique_ptr<char, curl_text_deleter>;

/// Initialises libcurl at the first call, with an allocator that overwrites
/// what it frees: libcurl copies credentials and request bodies. Fails if this
/// libcurl does not use OpenSSL, on which our checks of certificates rest. Any
/// thread.
[[nodiscard]] result<void> prepare_curl();

/// A new easy handle; libcurl is prepared first.
[[nodiscard]] result<easy_handle> make_easy();

/// Adds a line to a list. False: no memory, the list is as before.
[[nodiscard]] bool append(slist_handle& list, const char* line);

/// Sets options and remembers the first refusal, so that none is overlooked.
class option_setter {
public:
  explicit option_setter(CURL* easy) noexcept : easy_{easy} {}

  template <class T>
  option_setter& set(CURLoption option, T value) noexcept {
    if (auto code = curl_easy_setopt(easy_, option, value); error_ == CURLE_OK)
      error_ = code;
    return *this;
  }

  [[nodiscard]] result<void> outcome() const {
    if (error_ == CURLE_OK)
      return {};
    return failure{errc::internal,
                   std::string{"libcurl refused an option: "} + curl_easy_strerror(error_)};
  }

private:
  CURL* easy_;
  CURLcode error_ = CURLE_OK;
};

} // namespace mailfleet::net
