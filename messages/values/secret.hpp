#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace mailfleet {

/// A token, password or client secret. It has no stream operator, no formatter
/// and no conversion: `reveal()` is the one way to its text, easy to search for.
/// Its memory is overwritten when it goes.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_{std::move(text)} {}
  secret(const secret&) = default;
  secret(secret&& other) noexcept : text_{std::move(other.text_)} {
    other.wipe();
  }
  secret& operator=(const secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~secret() {
    wipe();
  }

  [[nodiscard]] std::string_view reveal() const noexcept {
    return text_;
  }
  [[nodiscard]] bool empty() const noexcept {
    return text_.empty();
  }
  bool operator==(const secret&) const = default;

private:
  void wipe() noexcept {
    // A short text that was moved away is still there, behind a size of none.
    ::explicit_bzero(text_.data(), text_.capacity());
    text_.clear();
  }

  std::string text_;
};

} // namespace mailfleet
