#include "tests/web/fake_door.hpp"
#include "tests/web/http_peer.hpp"
#include "web/api_client.hpp"
#include "web/control_server.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::testing;
using namespace std::chrono_literals;

namespace {

struct fixture {
  explicit fixture(fake_door::script script)
    : door{std::make_shared<fake_door>(std::move(script))} {
    auto started =
        web::control_server::start(loop.io, door, std::make_shared<counting_log>(), {path});
    REQUIRE(started);
    server = *std::move(started);
  }

  temporary_folder folder;
  std::string path = folder.path / "control.sock";
  std::shared_ptr<fake_door> door;
  running_loop loop;
  std::unique_ptr<web::control_server> server;
  web::api_client client{path};
};

/// Three parts, of which the last is not the last if `broken`.
fake_door::script three_parts(bool broken) {
  return [broken](const control_command& command) -> result<control_answer> {
    auto part = std::get<read_body>(command).part;
    if (part > 2)
      return failure{errc::storage_corrupt, "a part cannot be opened"};
    return control_answer{body_part{make_body(std::string(100'000, static_cast<char>('a' + part))),
                                    !broken && part == 2}};
  };
}

constexpr std::string_view body_target = "/api/v1/messages/0000000000cd-1-7-42/body";

} // namespace

TEST_CASE("a call gives status and body as they came") {
  fixture run{[](const control_command& command) -> result<control_answer> {
    if (std::holds_alternative<pause_mailbox>(command))
      return control_answer{done{}};
    return failure{errc::not_found, "no such mailbox"};
  }};
  auto done = run.client.call("POST", "/api/v1/mailboxes/a/pause");
  REQUIRE(done);
  CHECK(done->ok());
  CHECK(done->body == R"({"done":true})");
  auto refused = run.client.call("GET", "/api/v1/mailboxes/a");
  REQUIRE(refused);
  CHECK(refused->status == 404);
  CHECK_FALSE(refused->ok());
}

TEST_CASE("a download is complete, or known not to be") {
  std::string taken;
  auto take = [&taken](std::string_view bytes) -> result<void> {
    taken.append(bytes);
    return {};
  };
  fixture whole{three_parts(false)};
  REQUIRE(whole.client.download(body_target, take));
  CHECK(taken == std::string(100'000, 'a') + std::string(100'000, 'b') + std::string(100'000, 'c'));
  fixture broken{three_parts(true)};
  auto ended = broken.client.download(body_target, take);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == errc::connection_lost);
}

TEST_CASE("a download that is refused takes nothing") {
  fixture run{[](const control_command&) { return failure{errc::not_found, "no such message"}; }};
  auto answer = run.client.download(body_target, [](std::string_view) -> result<void> {
    FAIL("nothing may be taken");
    return {};
  });
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body.find("no such message") != std::string::npos);
}

TEST_CASE("a sink that fails ends its download") {
  fixture run{three_parts(false)};
  auto answer = run.client.download(body_target, [](std::string_view) -> result<void> {
    return failure{errc::storage_failed, "disk full"};
  });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::storage_failed);
}

TEST_CASE("a server that is not there is named") {
  auto absent = web::api_client{"/does/not/exist.sock"}.call("GET", "/api/v1/status");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == errc::connect_failed);
  CHECK(absent.error().detail.find("/does/not/exist.sock") != std::string::npos);
  auto long_path = web::api_client{std::string(200, 'x')}.call("GET", "/api/v1/status");
  REQUIRE_FALSE(long_path);
  CHECK(long_path.error().code == errc::connect_failed);
}

TEST_CASE("a server that does not answer is given up at the deadline") {
  fixture run{[](const control_command&) { return control_answer{done{}}; }};
  run.door->hold();
  auto answer = web::api_client{run.path, 20ms}.call("GET", "/api/v1/status");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::timed_out);
}

TEST_CASE("a text becomes one segment") {
  CHECK(web::percent_encode("a+b/c%d@x?y#z") == "a%2Bb%2Fc%25d%40x%3Fy%23z");
  CHECK(web::percent_encode("AZaz09-._~") == "AZaz09-._~");
}
