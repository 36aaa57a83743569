#pragma once

#include "messages/actors.hpp"

#include <caf/typed_response_promise.hpp>

namespace mailfleet {

/// Answers a request with a failure.
template <class Answer>
void refuse(caf::typed_response_promise<Answer>& client, const failure& what) {
  client.deliver(as_error(what));
}

} // namespace mailfleet
