#pragma once

#include "jobs/outbox_doubt.hpp"

namespace mailfleet::tools {

/// In builds with fail points: reads MAILFLEET_FAIL_POINT (`NAME:COUNT`) and makes
/// the COUNT-th pass of that point end the process with SIGKILL, after a line in
/// the file MAILFLEET_FAIL_REPORT that proves it fired. In other builds nothing.
void arm_fail_point_from_environment();

/// In builds with fail points: MAILFLEET_DOUBT_DIVISOR shortens all times by that factor, so
/// that a test need not wait for ten minutes. In other builds nothing.
void hasten_from_environment(jobs::doubt_times& times);

} // namespace mailfleet::tools
