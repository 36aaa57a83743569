// What the storage tests run beside themselves:
//
//   storage_child crash STATE KEY POINT PASSES   commits until the fail point POINT
//                                                is passed for the PASSES-th time,
//                                                then dies; prints each commit that
//                                                was acknowledged
//   storage_child fixture STATE KEY              makes the fixture of this format
//   storage_child bench STATE KEY [MESSAGES]     measures sealed, synced commits

#include "messages/values/fail_point.hpp"
#include "tests/storage/fixture.hpp"
#include "tests/storage/support.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <future>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                   : std::nullopt;
}

int complain(const failure& what) {
  std::fprintf(stderr, "%s\n", to_string(what).c_str());
  return 1;
}

int crash(const store_settings& settings, const std::string& point, std::uint32_t passes) {
  std::atomic<std::uint32_t> passed = 0;
  set_fail_point_handler([&](std::string_view name) {
    if (name == point && ++passed == passes)
      ::kill(::getpid(), SIGKILL);
  });
  openssl_random random;
  auto log = open(settings, random, {});
  if (!log)
    return complain(log.error());
  for (std::uint32_t number = 1;; ++number) {
    auto receipt = testing::commit(**log, numbered_commit(number));
    if (!receipt)
      return complain(receipt.error());
    // One write call a line: a killed process leaves no half of one unread.
    auto line = std::to_string(number) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0)
      return 1;
  }
}

int make_fixture(const store_settings& settings) {
  openssl_random random;
  if (auto made = initialise(settings, random); !made)
    return complain(made.error());
  auto log = open(settings, random, {});
  if (!log)
    return complain(log.error());
  for (auto& request : fixture_commits())
    if (auto receipt = testing::commit(**log, std::move(request)); !receipt)
      return complain(receipt.error());
  return 0;
}

int bench(const store_settings& settings, std::uint32_t messages) {
  openssl_random random;
  if (auto made = initialise(settings, random); !made)
    return complain(made.error());
  auto log = open(settings, random, {});
  if (!log)
    return complain(log.error());
  constexpr std::size_t body_bytes = 16'000;
  constexpr std::uint32_t in_flight = 500;
  auto body = make_body(random.bytes(body_bytes));
  auto from = std::chrono::steady_clock::now();
  for (std::uint32_t number = 0; number < messages;) {
    std::promise<void> last;
    std::atomic<std::uint32_t> left = in_flight;
    for (std::uint32_t count = 0; count < in_flight; ++count, ++number) {
      auto request = telling(ann, "bench");
      request.urgency = commit_class::bulk;
      request.puts.emplace_back(small_message(ann, number + 1));
      auto chunk = small_body(ann, number + 1, {});
      chunk.bytes = body;
      request.puts.emplace_back(std::move(chunk));
      (*log)->commit(std::move(request), [&](auto) {
        if (--left == 0)
          last.set_value();
      });
    }
    last.get_future().wait();
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - from;
  std::printf("%u messages of %zu bytes in %.2f s: %.0f messages/s, %llu batches\n", messages,
              body_bytes, took.count(), messages / took.count(),
              static_cast<unsigned long long>((*log)->statistics().batches));
  return 0;
}

} // namespace

int main(int count, char** values) {
  std::vector<std::string> words{values + 1, values + count};
  if (words.size() < 3)
    return 2;
  store_settings settings{words[1], words[2]};
  if (words[0] == "fixture")
    return make_fixture(settings);
  if (words[0] == "bench")
    return bench(settings, words.size() > 3 ? number_in(words[3]).value_or(0) : 50'000);
  auto passes = words.size() == 5 ? number_in(words[4]) : std::nullopt;
  return words[0] == "crash" && passes ? crash(settings, words[3], *passes) : 2;
}
