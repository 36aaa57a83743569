#include "messages/actors.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace mailfleet {

caf::error as_error(const failure& what) {
  return caf::make_error(what.code, what.detail);
}

failure as_failure(const caf::error& what) {
  if (what.category() == caf::atom("mailfleet")) {
    std::string detail;
    if (what.context().match_elements<std::string>())
      detail = what.context().get_as<std::string>(0);
    return {static_cast<errc>(what.code()), std::move(detail)};
  }
  if (what == caf::sec::request_timeout)
    return {errc::timed_out, "an actor did not answer in time"};
  return {errc::unavailable, "the actor asked is restarting"};
}

} // namespace mailfleet
