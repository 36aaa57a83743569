#pragma once

#include "messages/ports/clock.hpp"
#include "messages/ports/commit_log.hpp"
#include "messages/ports/control_door.hpp"
#include "messages/ports/log.hpp"
#include "messages/ports/mail_session.hpp"
#include "net/event_loop.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

/// What the benches put around a runtime that they measure in their own process.
namespace mailfleet::bench {

/// As the daemon's.
class system_clock : public mailfleet::clock {
public:
  [[nodiscard]] wall_time now() const override;
};

class no_log : public log_port {
public:
  void write(log_level, std::string_view, std::initializer_list<log_field>) override {}
};

[[noreturn]] void fail(const failure& what);

/// User and system time of this process so far, all its threads.
[[nodiscard]] std::chrono::microseconds cpu_time();

/// The answer, or `std::runtime_error` with the failure's words.
[[nodiscard]] std::future<control_answer> ask(control_door& door, control_command command);

/// A store that passes everything on. A bench that watches commits overrides `commit`.
class passing_log : public commit_log {
public:
  explicit passing_log(std::shared_ptr<commit_log> below) : below_{std::move(below)} {}

  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override;
  void scan(scan_request request, std::function<void(result<scan_page>)> done) override;
  [[nodiscard]] commit_log_statistics statistics() const override;

protected:
  [[nodiscard]] commit_log& below() const noexcept {
    return *below_;
  }

private:
  std::shared_ptr<commit_log> below_;
};

/// A mail server that takes every credential, which it shows to `on_log_in` first, has no
/// mail, and never speaks. With a life, it ends each session after about that long because
/// the token had ended, as Exchange does: the mailbox then wants a new one.
class silent_mail_server : public mail_session_factory {
public:
  silent_mail_server(net::event_loop& loop, std::function<void(std::string_view)> on_log_in,
                     std::chrono::milliseconds life);
  ~silent_mail_server() override;

  [[nodiscard]] std::unique_ptr<mail_session>
  open(session_settings settings, std::function<void(session_event)> report) override;

  /// From now on sessions last.
  void calm();

private:
  struct parts;
  std::shared_ptr<parts> parts_;
};

} // namespace mailfleet::bench
