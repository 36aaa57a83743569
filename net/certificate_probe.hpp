#pragma once

#include "messages/ports/certificate_probe.hpp"
#include "net/connector.hpp"
#include "net/event_loop.hpp"

#include <memory>

namespace mailfleet::net {

/// Probes on the loop's contexts in turn. The loop must outlive the calls.
[[nodiscard]] std::unique_ptr<certificate_probe>
make_certificate_probe(event_loop& loop, connector_settings settings);

} // namespace mailfleet::net
