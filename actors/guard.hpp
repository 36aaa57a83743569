#pragma once

#include "messages/ports/log.hpp"
#include "messages/values/errors.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>

namespace mailfleet {

/// The name of the exception's type, without its text, which may hold a secret.
inline std::string type_name_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& what) {
    int status = 0;
    std::unique_ptr<char, decltype(&std::free)> readable{
        abi::__cxa_demangle(typeid(what).name(), nullptr, nullptr, &status), &std::free};
    return status == 0 ? readable.get() : typeid(what).name();
  } catch (...) {
    return "unknown";
  }
}

/// An exception in a handler of `self` ends it with an error that its
/// supervisor sees; role and type are logged. CAF's own handler would print the
/// exception's text to standard error.
template <class Self>
void guard(Self* self, std::shared_ptr<log_port> log, const char* role) {
  self->set_exception_handler([log = std::move(log), role](std::exception_ptr& thrown) {
    log->write(log_level::error, "actor threw", {{"role", role}, {"type", type_name_of(thrown)}});
    return caf::make_error(caf::sec::runtime_error);
  });
}

} // namespace mailfleet
