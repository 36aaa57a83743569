#include "tools/spdlog_log.hpp"

#include "messages/values/errors.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace mailfleet::tools {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
  case log_level::debug: return spdlog::level::debug;
  case log_level::info: return spdlog::level::info;
  case log_level::warning: return spdlog::level::warn;
  case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// A field's value is cut here: a log line is no place for a document.
constexpr std::size_t max_value_bytes = 1'000;

/// In quotes if a reader could not tell where it ends.
std::string value_text(std::string_view value) {
  auto text = printable(value, max_value_bytes);
  if (!text.empty() && text.find_first_of(" \"=") == text.npos)
    return text;
  std::string in_quotes{"\""};
  for (char c : text)
    in_quotes.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
  return in_quotes + '"';
}

std::string text_line(std::string_view event, std::initializer_list<log_field> fields) {
  auto line = printable(event);
  for (const auto& [name, value] : fields)
    line.append(" ").append(name).append("=").append(value_text(value));
  return line;
}

/// The rest of the object that the pattern begins: all but its first brace.
std::string json_line(std::string_view event, std::initializer_list<log_field> fields) {
  nlohmann::ordered_json line{{"event", event}};
  for (const auto& [name, value] : fields)
    line.emplace(name, value);
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace).substr(1);
}

class spdlog_log : public log_port {
public:
  spdlog_log(spdlog::sink_ptr sink, log_format format, log_level level)
    : logger_{"mailfleet", std::move(sink)}, format_{format} {
    const auto* pattern = format == log_format::json
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
    logger_.set_level(level_of(level));
    logger_.flush_on(spdlog::level::debug);
  }

  void write(log_level level, std::string_view event,
             std::initializer_list<log_field> fields) override {
    if (!logger_.should_log(level_of(level)))
      return;
    logger_.log(level_of(level),
                format_ == log_format::json ? json_line(event, fields) : text_line(event, fields));
  }

private:
  spdlog::logger logger_;
  const log_format format_;
};

} // namespace

std::shared_ptr<log_port> make_stderr_log(log_format format, log_level level) {
  return std::make_shared<spdlog_log>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), format,
                                      level);
}

std::shared_ptr<log_port> make_stream_log(std::ostream& out, log_format format, log_level level) {
  return std::make_shared<spdlog_log>(std::make_shared<spdlog::sinks::ostream_sink_mt>(out), format,
                                      level);
}

} // namespace mailfleet::tools
