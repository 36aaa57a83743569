#pragma once

#include "messages/values/errors.hpp"

#include <string_view>

/// What the words of a failure tell beyond its code.
namespace mailfleet::jobs {

/// The code of a closer diagnosis than that of `what.code`, of the table in
/// jobs/diagnosis.hpp; empty: the words tell nothing more. Only words that net/ and
/// protocols/ are known to write, and mail servers' words and codes in them, count.
[[nodiscard]] std::string_view told_by_words(const failure& what);

} // namespace mailfleet::jobs
