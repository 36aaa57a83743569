#pragma once

namespace mailfleet::tools {

/// In builds with fail points: reads MAILFLEET_FAIL_POINT (`NAME:COUNT`) and makes
/// the COUNT-th pass of that point end the process with SIGKILL, after a line in
/// the file MAILFLEET_FAIL_REPORT that proves it fired. In other builds nothing.
void arm_fail_point_from_environment();

} // namespace mailfleet::tools
