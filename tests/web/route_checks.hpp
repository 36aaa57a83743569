#pragma once

#include "web/control_routes.hpp"

#include <catch2/catch.hpp>

#include <string_view>
#include <variant>

namespace mailfleet::testing {

/// The command that a request must stand for.
template <class Command>
Command command_of(std::string_view method, std::string_view target, std::string_view body = {}) {
  auto found = web::route(method, target, body);
  CAPTURE(method, target);
  REQUIRE(std::holds_alternative<web::routed>(found));
  auto* command = std::get_if<Command>(&std::get<web::routed>(found).command);
  REQUIRE(command != nullptr);
  return *command;
}

/// The refusal that a request must get.
inline web::route_refusal refusal_of(std::string_view method, std::string_view target,
                                     std::string_view body = {}) {
  auto found = web::route(method, target, body);
  CAPTURE(method, target);
  REQUIRE(std::holds_alternative<web::route_refusal>(found));
  return std::get<web::route_refusal>(found);
}

} // namespace mailfleet::testing
