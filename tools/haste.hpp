#pragma once

#include "jobs/outbox_doubt.hpp"
#include "net/connector.hpp"

#include <memory>

/// What tests shorten, for they need not wait for minutes. In builds without fail points it is
/// as it is.
namespace mailfleet::tools {

/// In builds with fail points: MAILFLEET_DOUBT_DIVISOR shortens all times by that factor.
void hasten_from_environment(jobs::doubt_times& times);

/// What submission sessions connect by: `net::make_connector`'s. In builds with fail points
/// MAILFLEET_SUBMISSION_DIVISOR shortens the deadlines of connecting, reading and writing by
/// that factor, down to two seconds, so that a server that stalls is soon given up.
[[nodiscard]] std::unique_ptr<net::connector>
make_submission_connector(net::connector_settings settings);

} // namespace mailfleet::tools
