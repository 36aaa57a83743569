#pragma once

#include "messages/values/control.hpp"
#include "web/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The rows that web/control_routes.cpp finds a request in, and what makes commands of them; for
/// its neighbours only.
namespace mailfleet::web {

using parameters = std::map<std::string, std::string, std::less<>>;

/// What a route makes its command from.
struct route_input {
  /// What the stars of its pattern stand for.
  std::vector<std::string> captured;
  parameters query;
  std::string_view body;
  /// The Idempotency-Key field; empty: there is none.
  std::string_view idempotency_key;

  [[nodiscard]] reference which() const {
    return {captured.front()};
  }
};

using made = result<control_command>;

struct route_row {
  std::string_view method;
  /// Below `/api/v1`; `*` stands for any one segment.
  std::string_view pattern;
  made (*make)(const route_input&);
  unsigned status = 200;
  /// Query parameters it knows, parted by spaces.
  std::string_view parameters;
};

/// Mail on its way out (web/outbox_routes.cpp).
[[nodiscard]] std::span<const route_row> outbox_routes();

// -- parameters -------------------------------------------------------------

/// The number under `name`, `otherwise` if it is absent.
[[nodiscard]] result<std::uint64_t> number_of(const route_input& input, std::string_view name,
                                              std::uint64_t otherwise, std::uint64_t least,
                                              std::uint64_t most);

/// A segment of the path that counts something. `cure` says how a good one is had.
[[nodiscard]] result<std::uint32_t> count_of(std::string_view field, std::string_view text,
                                             std::string_view cure);

[[nodiscard]] result<message_key> key_of(std::string_view field, std::string_view text);

/// Which rows of a list are wanted.
struct page_wish {
  std::optional<message_key> after;
  std::size_t limit = 100;
};

/// Reads `after` and `limit`.
[[nodiscard]] result<page_wish> page_of(const route_input& input);

// -- commands ---------------------------------------------------------------

/// A command on one provider or mailbox.
template <class Command>
made on_reference(const route_input& input) {
  if (auto nothing = read_nothing(input.body); !nothing)
    return nothing.error();
  return control_command{Command{input.which()}};
}

/// A command on one mail.
template <class Command>
made on_message(const route_input& input) {
  if (auto nothing = read_nothing(input.body); !nothing)
    return nothing.error();
  auto key = key_of("key", input.captured.front());
  if (!key)
    return key.error();
  Command command;
  command.key = *key;
  return control_command{command};
}

} // namespace mailfleet::web
