#pragma once

#include "messages/values/records.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// The elementary fields of a record, written and read side by side:
///
///   number   unsigned or signed, fixed size, big-endian
///   bool     1 byte, 0 or 1
///   enum     1 byte, from 1 to its last value
///   time     8 bytes, signed, seconds since 1970 UTC
///   text     u32 length, bytes
///   list     u32 count, elements
///   optional 1 byte, 0 or 1; the value, if 1
///   struct   u32 length, its fields; bytes behind the fields known are skipped
///   later    a field added at the end: read as its default where the bytes end before it
///
/// `fields(archive, value)` names the fields of a struct once, for both.
namespace mailfleet::storage {

/// Overwrites memory before it is given back: encoded records hold secrets.
template <class T>
struct wiping_allocator : std::allocator<T> {
  template <class Other>
  struct rebind {
    using other = wiping_allocator<Other>;
  };
  wiping_allocator() = default;
  template <class Other>
  wiping_allocator(const wiping_allocator<Other>&) noexcept {}
  void deallocate(T* memory, std::size_t count) noexcept {
    ::explicit_bzero(memory, count * sizeof(T));
    std::allocator<T>::deallocate(memory, count);
  }
};

/// Bytes of a record before they are sealed.
using plain_buffer = std::basic_string<char, std::char_traits<char>, wiping_allocator<char>>;

/// The highest number of an enum that is on disk; all count from 1.
template <class Enum>
inline constexpr Enum last_of = Enum{};
template <>
inline constexpr auto last_of<tls_mode> = tls_mode::starttls;
template <>
inline constexpr auto last_of<client_auth> = client_auth::private_key_jwt;
template <>
inline constexpr auto last_of<grant_flow> = grant_flow::app_only;
template <>
inline constexpr auto last_of<fetch_from::kind> = fetch_from::kind::all;
template <>
inline constexpr auto last_of<server_action> = server_action::remove;
template <>
inline constexpr auto last_of<mailbox_auth> = mailbox_auth::password;
template <>
inline constexpr auto last_of<transport> = transport::graph;
template <>
inline constexpr auto last_of<event_kind> = event_kind::mail_complained;
template <>
inline constexpr auto last_of<outbox_status> = outbox_status::cancelled;
template <>
inline constexpr auto last_of<recipient_status> = recipient_status::bounced;
template <>
inline constexpr auto last_of<mail_kind> = mail_kind::receipt;
template <>
inline constexpr auto last_of<doubt_policy> = doubt_policy::at_most_once;
template <>
inline constexpr auto last_of<send_priority> = send_priority::bulk;

/// Appends fields to a buffer.
class field_writer {
public:
  template <class T>
  using of = const T;

  explicit field_writer(plain_buffer& out) : out_{out} {}

  template <class... Fields>
  void operator()(const Fields&... values) {
    (put(values), ...);
  }
  template <class... Fields>
  void later(const Fields&... values) {
    (put(values), ...);
  }

  /// The last field of a body chunk: its length here, its bytes beside the
  /// buffer, so that they are not copied.
  [[nodiscard]] std::string_view body() const noexcept {
    return body_;
  }

private:
  template <class T>
  requires std::is_integral_v<T>
  void put(T number) {
    auto bits = static_cast<std::make_unsigned_t<T>>(number);
    for (auto shift = 8 * sizeof(T); shift != 0; shift -= 8)
      out_.push_back(static_cast<char>(static_cast<unsigned char>(bits >> (shift - 8))));
  }
  void put(bool value) {
    out_.push_back(value ? '\1' : '\0');
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T value) {
    static_assert(sizeof(T) == 1 && last_of<T> != T{}, "an enum on disk has a last value");
    put(static_cast<std::uint8_t>(value));
  }
  void put(wall_time time) {
    put(static_cast<std::int64_t>(time.time_since_epoch().count()));
  }
  void put(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }
  void put(const std::string& text) {
    put(std::string_view{text});
  }
  void put(const secret& text) {
    put(text.reveal());
  }
  void put(entity_id id) {
    put(id.value);
  }
  void put(const sha256_digest& digest) {
    for (auto byte : digest)
      put(byte);
  }
  void put(const body_handle& handle) {
    body_ = handle->bytes;
    put(static_cast<std::uint32_t>(body_.size()));
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put(static_cast<std::uint32_t>(list.size()));
    for (const auto& element : list)
      put(element);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value)
      put(*value);
  }
  template <class T>
  requires std::is_class_v<T>
  void put(const T& value) {
    auto at = out_.size();
    put(std::uint32_t{0});
    fields(*this, value);
    auto length = out_.size() - at - sizeof(std::uint32_t);
    for (std::size_t byte = 0; byte < sizeof(std::uint32_t); ++byte)
      out_[at + byte] = static_cast<char>(static_cast<unsigned char>(length >> (24 - 8 * byte)));
  }

  plain_buffer& out_;
  std::string_view body_;
};

/// Takes fields from the front of untrusted bytes. Total: after the first field
/// that is not there or has no legal value it has failed, and what follows
/// reads as defaults.
class field_reader {
public:
  template <class T>
  using of = T;

  explicit field_reader(std::string_view bytes) : left_{bytes} {}

  template <class... Fields>
  void operator()(Fields&... values) {
    (take(values), ...);
  }
  template <class... Fields>
  void later(Fields&... values) {
    ((left_.empty() ? void() : take(values)), ...);
  }

  [[nodiscard]] bool failed() const noexcept {
    return failed_;
  }

  /// Where the bytes of the body chunk stand that was read.
  [[nodiscard]] std::string_view body() const noexcept {
    return body_;
  }

private:
  std::string_view next(std::size_t count) {
    if (failed_ || count > left_.size()) {
      failed_ = true;
      return {};
    }
    auto bytes = left_.substr(0, count);
    left_.remove_prefix(count);
    return bytes;
  }
  template <class T>
  T number() {
    std::make_unsigned_t<T> bits = 0;
    for (auto byte : next(sizeof(T)))
      bits = static_cast<std::make_unsigned_t<T>>((std::uint64_t{bits} << 8)
                                                  | static_cast<unsigned char>(byte));
    return static_cast<T>(bits);
  }
  std::string_view counted() {
    return next(number<std::uint32_t>());
  }
  template <class T>
  requires std::is_integral_v<T>
  void take(T& value) {
    value = number<T>();
  }
  void take(bool& value) {
    auto byte = number<std::uint8_t>();
    failed_ = failed_ || byte > 1;
    value = byte == 1;
  }
  template <class T>
  requires std::is_enum_v<T>
  void take(T& value) {
    auto byte = number<std::uint8_t>();
    failed_ = failed_ || byte == 0 || byte > static_cast<std::uint8_t>(last_of<T>);
    if (!failed_)
      value = static_cast<T>(byte);
  }
  void take(wall_time& time) {
    time = wall_time{std::chrono::seconds{number<std::int64_t>()}};
  }
  void take(std::string& text) {
    text = std::string{counted()};
  }
  void take(secret& text) {
    text = secret{std::string{counted()}};
  }
  void take(entity_id& id) {
    id.value = number<std::uint64_t>();
  }
  void take(sha256_digest& digest) {
    for (auto& byte : digest)
      byte = number<std::uint8_t>();
  }
  void take(body_handle&) {
    body_ = counted();
  }
  template <class T>
  void take(std::vector<T>& list) {
    // Each element takes bytes, so a false count ends with the bytes.
    list.clear();
    for (auto count = number<std::uint32_t>(); count != 0 && !failed_; --count)
      take(list.emplace_back());
  }
  template <class T>
  void take(std::optional<T>& value) {
    bool is_there = false;
    take(is_there);
    value.reset();
    if (is_there)
      take(value.emplace());
  }
  template <class T>
  requires std::is_class_v<T>
  void take(T& value) {
    field_reader inside{counted()};
    fields(inside, value);
    failed_ = failed_ || inside.failed_;
  }

  std::string_view left_;
  std::string_view body_;
  bool failed_ = false;
};

} // namespace mailfleet::storage
