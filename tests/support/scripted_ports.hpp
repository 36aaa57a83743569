#pragma once

#include "actors/world.hpp"
#include "tests/support/instant_log.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet::test {

/// A wall clock that the test moves.
class manual_clock : public clock {
public:
  wall_time time{std::chrono::seconds{1'700'000'000}};
  [[nodiscard]] wall_time now() const override {
    return time;
  }
};

/// The same random bytes in every run.
class seeded_random : public random_source {
public:
  [[nodiscard]] std::string bytes(std::size_t count) override {
    std::string text(count, '\0');
    std::ranges::generate(text, [this] { return static_cast<char>(engine_()); });
    return text;
  }

private:
  std::mt19937 engine_{7};
};

/// Keeps every line, for canary checks.
class kept_log : public log_port {
public:
  std::vector<std::string> lines;
  void write(log_level, std::string_view event, std::initializer_list<log_field> fields) override {
    std::string line{event};
    for (const auto& [name, text] : fields)
      line.append(" ").append(name).append("=").append(text);
    lines.push_back(std::move(line));
  }
};

/// HTTP requests wait for the test to answer them.
class scripted_http : public http_client {
public:
  struct exchange {
    http_request request;
    std::function<void(result<http_response>)> done;
  };
  std::deque<exchange> waiting;
  std::uint64_t sent = 0;

  void send(http_request request, std::function<void(result<http_response>)> done) override {
    ++sent;
    waiting.push_back({std::move(request), std::move(done)});
  }

  /// Answers the oldest request.
  void answer(int status, std::string body,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    reply(http_response{status, std::move(headers), std::move(body)});
  }
  void fail(failure what) {
    reply(std::move(what));
  }

private:
  void reply(result<http_response> outcome) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    next.done(std::move(outcome));
  }
};

/// A session under the test's control: what the mailbox asked for, and a way to
/// report events as the network would.
struct scripted_session {
  session_settings settings;
  std::function<void(session_event)> report;
  std::vector<std::string> commands;
  bool closed = false;

  [[nodiscard]] std::string last_command() const {
    return commands.empty() ? "" : commands.back();
  }
};

/// Sessions stay open until the test reports otherwise.
class scripted_sessions : public mail_session_factory {
public:
  std::vector<std::shared_ptr<scripted_session>> opened;

  [[nodiscard]] std::unique_ptr<mail_session>
  open(session_settings settings, std::function<void(session_event)> report) override {
    auto session = std::make_shared<scripted_session>();
    session->settings = std::move(settings);
    session->report = std::move(report);
    opened.push_back(session);
    return std::make_unique<handle>(std::move(session));
  }

  [[nodiscard]] scripted_session& last() {
    return *opened.back();
  }

private:
  class handle : public mail_session {
  public:
    explicit handle(std::shared_ptr<scripted_session> session) : session_{std::move(session)} {}
    ~handle() override {
      session_->closed = true;
    }
    void fetch(std::uint32_t after) override {
      note("fetch " + std::to_string(after));
    }
    void fetch_one(std::uint32_t number) override {
      note("fetch_one " + std::to_string(number));
    }
    void find_since(wall_time day) override {
      note("find_since " + std::to_string(day.time_since_epoch().count()));
    }
    void watch() override {
      note("watch");
    }
    void act(std::uint32_t number, server_action action, std::string target) override {
      note("act " + std::to_string(number) + " " + std::to_string(static_cast<int>(action)) + " "
           + target);
    }
    void close() override {
      session_->closed = true;
    }

  private:
    void note(std::string command) {
      session_->commands.push_back(std::move(command));
    }
    std::shared_ptr<scripted_session> session_;
  };
};

/// A sending session under the test's control.
struct scripted_sender {
  send_settings settings;
  std::function<void(send_event)> report;
  std::vector<submission> submitted;
  std::vector<body_handle> content;
  int dots = 0;
  bool closed = false;
};

/// They stay open until the test reports otherwise.
class scripted_senders : public send_session_factory {
public:
  std::vector<std::shared_ptr<scripted_sender>> opened;

  [[nodiscard]] std::unique_ptr<send_session>
  open(send_settings settings, std::function<void(send_event)> report) override {
    auto session = std::make_shared<scripted_sender>();
    session->settings = std::move(settings);
    session->report = std::move(report);
    opened.push_back(session);
    return std::make_unique<handle>(std::move(session));
  }

  [[nodiscard]] scripted_sender& last() {
    return *opened.back();
  }

private:
  class handle : public send_session {
  public:
    explicit handle(std::shared_ptr<scripted_sender> session) : session_{std::move(session)} {}
    ~handle() override {
      session_->closed = true;
    }
    void submit(submission what) override {
      session_->submitted.push_back(std::move(what));
    }
    void give_content(body_handle piece) override {
      session_->content.push_back(std::move(piece));
    }
    void send_dot() override {
      ++session_->dots;
    }
    void close() override {
      session_->closed = true;
    }

  private:
    std::shared_ptr<scripted_sender> session_;
  };
};

/// Makes mails at once, each of one piece: no byte of them is what a real one has.
class scripted_composer : public mail_composer {
public:
  std::vector<compose_order> orders;
  /// The next orders fail with these, one each.
  std::deque<failure> refusals;
  /// While set, orders wait until `release`.
  bool hold = false;

  void compose(compose_order order, std::function<void(result<written_mail>)> done) override {
    orders.push_back(order);
    if (hold)
      held_.push_back([this, order, done] { done(make(order)); });
    else
      done(make(order));
  }

  void release() {
    hold = false;
    for (auto& one : std::exchange(held_, {}))
      one();
  }

private:
  result<written_mail> make(const compose_order& order) {
    if (!refusals.empty()) {
      auto what = refusals.front();
      refusals.pop_front();
      return what;
    }
    written_mail made;
    auto& envelope = made.mail.envelope;
    if (const auto* mail = std::get_if<outgoing_mail>(&order.content)) {
      envelope.sender = mail->from.address;
      for (const auto& to : mail->to)
        envelope.recipients.push_back(to.address);
      made.mail.facts.subject = mail->subject;
    } else {
      envelope.sender = std::get<raw_mail>(order.content).sender;
      envelope.recipients = std::get<raw_mail>(order.content).recipients;
    }
    made.mail.facts.from = {envelope.sender};
    made.mail.facts.message_id = "<" + to_string(order.key) + "@example.com>";
    made.chunks = 1;
    made.pieces = {make_body("mail " + to_string(order.key))};
    envelope.bytes = made.pieces.front()->bytes.size();
    return made;
  }

  std::vector<std::function<void()>> held_;
};

/// Looks at certificates wait for the test to answer them.
class scripted_certificates : public certificate_probe {
public:
  struct look {
    endpoint server;
    std::function<void(result<offered_certificate>)> done;
  };
  std::deque<look> waiting;

  void probe(endpoint server, std::function<void(result<offered_certificate>)> done) override {
    waiting.push_back({std::move(server), std::move(done)});
  }
};

/// Looks at servers end at once, as `answer` says; by default nobody listens.
class scripted_probes : public login_probe {
public:
  std::vector<server_probe> asked;
  std::function<probe_report(const server_probe&)> answer = [](const server_probe&) {
    probe_report seen;
    seen.trouble = failure{errc::connect_failed, "nobody listens"};
    seen.reached = probe_stage::resolved;
    return seen;
  };

  void probe(server_probe what, std::function<void(probe_report)> done) override {
    asked.push_back(what);
    done(answer(what));
  }
};

/// Looks into folders of sent mail wait for the test to answer them.
class scripted_sent_search : public sent_search {
public:
  struct look {
    sent_query what;
    std::function<void(result<sent_answer>)> done;
  };
  std::deque<look> waiting;

  void search(sent_query what, std::function<void(result<sent_answer>)> done) override {
    waiting.push_back({std::move(what), std::move(done)});
  }
};

/// Everything the actors reach, scripted.
struct scripted_world {
  std::shared_ptr<instant_log> log = std::make_shared<instant_log>();
  std::shared_ptr<scripted_http> http = std::make_shared<scripted_http>();
  std::shared_ptr<scripted_sessions> sessions = std::make_shared<scripted_sessions>();
  std::shared_ptr<scripted_senders> senders = std::make_shared<scripted_senders>();
  std::shared_ptr<scripted_composer> composer = std::make_shared<scripted_composer>();
  std::shared_ptr<scripted_sent_search> sent_folders = std::make_shared<scripted_sent_search>();
  std::shared_ptr<scripted_certificates> certificates = std::make_shared<scripted_certificates>();
  std::shared_ptr<scripted_probes> probes = std::make_shared<scripted_probes>();
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  std::shared_ptr<seeded_random> random = std::make_shared<seeded_random>();
  std::shared_ptr<kept_log> journal = std::make_shared<kept_log>();

  [[nodiscard]] world ports() const {
    return {.storage = log,
            .http = http,
            .sessions = sessions,
            .senders = senders,
            .composer = composer,
            .sent_folders = sent_folders,
            .certificates = certificates,
            .probes = probes,
            .clock = clock,
            .random = random,
            .log = journal};
  }
};

} // namespace mailfleet::test
