#include "messages/values/fail_point.hpp"

#include <utility>

namespace mailfleet {

namespace {

std::function<void(std::string_view)>& handler_slot() {
  static std::function<void(std::string_view)> handler;
  return handler;
}

} // namespace

void pass_fail_point(std::string_view name) {
  if (const auto& handler = handler_slot())
    handler(name);
}

void set_fail_point_handler(std::function<void(std::string_view)> handler) {
  handler_slot() = std::move(handler);
}

} // namespace mailfleet
