#pragma once

#include "messages/ports/control_door.hpp"
#include "messages/ports/log.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet::testing {

/// A control door that answers by a script and remembers what it was asked.
class fake_door : public control_door {
public:
  using answer_callback = std::function<void(result<control_answer>)>;
  using script = std::function<result<control_answer>(const control_command&)>;

  explicit fake_door(script answer) : script_{std::move(answer)} {}

  void ask(std::string actor, control_command command, answer_callback done) override {
    {
      auto lock = std::scoped_lock{mutex_};
      actors_.push_back(std::move(actor));
      commands_.push_back(command);
      if (hold_) {
        held_.push_back(std::move(done));
        return;
      }
    }
    done(script_(command));
  }

  /// From now on nothing is answered before `release`.
  void hold() {
    auto lock = std::scoped_lock{mutex_};
    hold_ = true;
  }

  /// Answers everything that was held; gives how many that were.
  std::size_t release(const result<control_answer>& answer) {
    std::vector<answer_callback> held;
    {
      auto lock = std::scoped_lock{mutex_};
      hold_ = false;
      held.swap(held_);
    }
    for (auto& done : held)
      done(answer);
    return held.size();
  }

  [[nodiscard]] std::size_t held() const {
    auto lock = std::scoped_lock{mutex_};
    return held_.size();
  }
  [[nodiscard]] std::vector<control_command> commands() const {
    auto lock = std::scoped_lock{mutex_};
    return commands_;
  }
  [[nodiscard]] std::vector<std::string> actors() const {
    auto lock = std::scoped_lock{mutex_};
    return actors_;
  }

private:
  mutable std::mutex mutex_;
  script script_;
  bool hold_ = false;
  std::vector<control_command> commands_;
  std::vector<std::string> actors_;
  std::vector<answer_callback> held_;
};

/// Counts what is logged.
class counting_log : public log_port {
public:
  void write(log_level, std::string_view event, std::initializer_list<log_field>) override {
    auto lock = std::scoped_lock{mutex_};
    events_.emplace_back(event);
  }
  [[nodiscard]] std::vector<std::string> events() const {
    auto lock = std::scoped_lock{mutex_};
    return events_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

} // namespace mailfleet::testing
