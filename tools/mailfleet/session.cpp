#include "tools/mailfleet/session.hpp"

#include "tools/mailfleet/text.hpp"
#include "web/json.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace mailfleet::tools {

using nlohmann::ordered_json;

namespace {

/// Of a bad field only: what servers say begins as it likes.
std::string told_of_options(std::string_view code, std::string detail, field_options options) {
  return code == to_string(errc::invalid_argument) ? with_option(std::move(detail), options)
                                                   : detail;
}

} // namespace

void session::refuse(const failure& found, int with) {
  status = with;
  failure what{found.code, told_of_options(to_string(found.code), found.detail, options)};
  refusal_ = web::write_failure(what);
  if (json)
    fmt::print(stderr, "{}\n", refusal_);
  else
    fmt::print(stderr, "mailfleet: {}\n", printable(to_string(what), max_shown_bytes));
}

std::optional<web::api_answer> session::accept(const result<web::api_answer>& answer) {
  if (!answer) {
    refuse(answer.error(), exit_not_reachable);
    return std::nullopt;
  }
  if (answer->ok())
    return *answer;
  status = exit_status_of(answer->status);
  refusal_ = answer->body;
  auto error = ordered_json::parse(answer->body, nullptr, false);
  if (json || !error.is_object() || !error.contains("error")) {
    fmt::print(stderr, "{}\n", answer->body);
    return std::nullopt;
  }
  auto code = text_at(error["error"], "code");
  fmt::print(stderr, "mailfleet: {}: {}\n", code,
             told_of_options(code, text_at(error["error"], "detail"), options));
  return std::nullopt;
}

std::optional<std::string> session::ask(std::string_view method, const std::string& target,
                                        const std::string& body) {
  auto answer = accept(web::api_client{socket}.call(method, "/api/v1" + target, body));
  return answer ? std::optional{std::move(answer->body)} : std::nullopt;
}

std::optional<std::string> session::look_up(const std::string& target) const {
  auto answer = web::api_client{socket}.call("GET", "/api/v1" + target);
  return answer && answer->ok() ? std::optional{std::move(answer->body)} : std::nullopt;
}

std::optional<std::string> session::ask_twice(std::string_view method, const std::string& target,
                                              const std::string& body, const std::string& unknown) {
  web::api_client client{socket};
  auto answer = client.call(method, "/api/v1" + target, body);
  // Where none could be made, nothing was asked.
  bool asked = answer || answer.error().code != errc::connect_failed;
  if (!answer && answer.error().code == errc::connection_lost)
    answer = client.call(method, "/api/v1" + target, body);
  if (!answer && asked && !unknown.empty())
    answer = failure{answer.error().code, answer.error().detail + "; " + unknown};
  auto accepted = accept(answer);
  return accepted ? std::optional{std::move(accepted->body)} : std::nullopt;
}

void session::run(std::string_view method, const std::string& target, const std::string& body,
                  const presenter& show) {
  auto answer = ask(method, target, body);
  if (!answer)
    return;
  auto parsed = ordered_json::parse(*answer, nullptr, false);
  if (json || !parsed.is_object())
    fmt::print("{}\n", *answer);
  else
    show(parsed);
}

bool session::download(const std::string& target, const web::api_client::sink& take) {
  auto answer = web::api_client{socket}.download("/api/v1" + target, take);
  // Of a sink's own failures the caller knows the right status.
  if (!answer && answer.error().code == errc::storage_failed) {
    refuse(answer.error(), exit_refused);
    return false;
  }
  return accept(answer).has_value();
}

} // namespace mailfleet::tools
