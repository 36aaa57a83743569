#pragma once

#include <functional>
#include <string_view>

/// Named places where a test may end the process. In builds without
/// MAILFLEET_FAIL_POINTS the macro is nothing and the names are not in the
/// program.
#ifdef MAILFLEET_FAIL_POINTS
#define MAILFLEET_FAIL_POINT(name) ::mailfleet::pass_fail_point(name)
#else
#define MAILFLEET_FAIL_POINT(name) static_cast<void>(0)
#endif

namespace mailfleet {

/// Calls the handler, if there is one, with the name of the point passed. Any
/// thread.
void pass_fail_point(std::string_view name);

/// Says what happens at a fail point; set it once, before any thread starts.
void set_fail_point_handler(std::function<void(std::string_view)> handler);

} // namespace mailfleet
