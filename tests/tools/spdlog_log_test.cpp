#include "tools/spdlog_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace mailfleet;
using namespace mailfleet::tools;
using nlohmann::json;

TEST_CASE("a JSON line holds time, level, event and fields") {
  std::ostringstream out;
  make_stream_log(out, log_format::json, log_level::info)
      ->write(log_level::warning, "mailbox parked", {{"mailbox", "0000000000cd"}});
  auto line = json::parse(out.str());
  CHECK(line["level"] == "warning");
  CHECK(line["event"] == "mailbox parked");
  CHECK(line["mailbox"] == "0000000000cd");
  CHECK(line["time"].get<std::string>().ends_with("Z"));
  CHECK(out.str().ends_with("}\n"));
}

TEST_CASE("no field can break or forge a line") {
  std::string nasty = "x\"}\n{\"level\":\"error\", \x1b[2J %v {} \xff \\";
  std::ostringstream as_json;
  make_stream_log(as_json, log_format::json, log_level::debug)
      ->write(log_level::info, "event", {{"words", nasty}, {"event", "forged"}});
  CHECK(std::ranges::count(as_json.str(), '\n') == 1);
  CHECK(as_json.str().find('\x1b') == std::string::npos);
  auto line = json::parse(as_json.str());
  CHECK(line["event"] == "event");
  CHECK(line["words"].get<std::string>().starts_with("x\"}\n{"));
  std::ostringstream as_text;
  make_stream_log(as_text, log_format::text, log_level::debug)
      ->write(log_level::info, "event", {{"words", nasty}});
  CHECK(std::ranges::count(as_text.str(), '\n') == 1);
  CHECK(as_text.str().find('\x1b') == std::string::npos);
  CHECK(as_text.str().find(R"(words="x\"}?{\"level\":\"error\", ?[2J %v {} ? \\")")
        != std::string::npos);
}

TEST_CASE("a text line reads as TIME LEVEL EVENT FIELDS") {
  std::ostringstream out;
  make_stream_log(out, log_format::text, log_level::info)
      ->write(log_level::info, "mailbox watching",
              {{"mailbox", "cd"}, {"why", "new mail"}, {"x", ""}});
  CHECK(out.str().find("Z info    mailbox watching mailbox=cd why=\"new mail\" x=\"\"\n")
        != std::string::npos);
}

TEST_CASE("what is below the level is dropped") {
  std::ostringstream out;
  auto log = make_stream_log(out, log_format::text, log_level::warning);
  log->write(log_level::info, "event", {});
  CHECK(out.str().empty());
  log->write(log_level::warning, "event", {});
  CHECK_FALSE(out.str().empty());
}
