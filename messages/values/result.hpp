#pragma once

#include "messages/values/errors.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace mailfleet {

/// A value, or the failure that prevented it: what `caf::expected` is to the
/// actors, for the folders that do not link CAF. `actors/` converts at its
/// border. Reading the side that is not there is a programming error.
template <class T>
class [[nodiscard]] result {
public:
  using value_type = T;

  /// An internal failure: for members that are assigned before they are read.
  result() : content_{std::in_place_index<1>} {}
  result(T value) : content_{std::in_place_index<0>, std::move(value)} {}
  result(failure what) : content_{std::in_place_index<1>, std::move(what)} {}

  [[nodiscard]] explicit operator bool() const noexcept {
    return content_.index() == 0;
  }
  [[nodiscard]] T& operator*() & {
    return std::get<0>(content_);
  }
  [[nodiscard]] const T& operator*() const& {
    return std::get<0>(content_);
  }
  [[nodiscard]] T&& operator*() && {
    return std::get<0>(std::move(content_));
  }
  [[nodiscard]] T* operator->() {
    return &std::get<0>(content_);
  }
  [[nodiscard]] const T* operator->() const {
    return &std::get<0>(content_);
  }
  [[nodiscard]] const failure& error() const& {
    return std::get<1>(content_);
  }
  [[nodiscard]] failure&& error() && {
    return std::get<1>(std::move(content_));
  }

private:
  std::variant<T, failure> content_;
};

/// Done, or the failure that prevented it.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(failure what) : failure_{std::move(what)} {}

  [[nodiscard]] explicit operator bool() const noexcept {
    return !failure_.has_value();
  }
  [[nodiscard]] const failure& error() const& {
    return *failure_;
  }
  [[nodiscard]] failure&& error() && {
    return *std::move(failure_);
  }

private:
  std::optional<failure> failure_;
};

} // namespace mailfleet
