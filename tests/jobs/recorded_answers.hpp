#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What token endpoints were seen to answer, and the diagnosis it must get.
namespace mailfleet::testing {

struct recorded_answer {
  int status = 400;
  std::string body;
  std::string_view diagnosis;
  /// Requests that failed the same way before.
  unsigned failures_before = 0;
};

/// An error answer in the form of Microsoft's.
[[nodiscard]] inline std::string microsoft_answer(std::string_view error, std::uint32_t code,
                                                  std::string_view suberror = {}) {
  auto number = std::to_string(code);
  auto text =
      R"({"error":")" + std::string{error} + R"(","error_description":"AADSTS)" + number
      + R"(: Words that change from year to year.\r\nTrace ID: t-1\r\nCorrelation ID: c-1"
,"error_codes":[)"
      + number + R"(],"timestamp":"2024-03-01 10:00:00Z","trace_id":"t-1",)"
      + R"("correlation_id":"c-1","error_uri":"https://login.microsoftonline.com/error?code=)"
      + number + "\"";
  if (!suberror.empty())
    text += R"(,"suberror":")" + std::string{suberror} + "\"";
  return text + "}";
}

/// Every AADSTS code of the table, by the diagnosis that it must get, with the `error` that it
/// comes with where several would do.
struct recorded_codes {
  std::string_view diagnosis;
  std::string_view error;
  std::vector<std::uint32_t> codes;
};

[[nodiscard]] std::vector<recorded_codes> recorded_aadsts();
[[nodiscard]] std::vector<recorded_answer> recorded_answers();

} // namespace mailfleet::testing
