#include "tests/web/fake_door.hpp"
#include "tests/web/http_peer.hpp"
#include "tests/web/sample_views.hpp"
#include "web/control_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

using namespace mailfleet;
using namespace mailfleet::testing;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// A server over a temporary socket, with a scripted door behind it.
struct fixture {
  explicit fixture(fake_door::script script, web::control_server_settings settings = {})
    : door{std::make_shared<fake_door>(std::move(script))} {
    settings.socket = folder.path / "control.sock";
    path = settings.socket.string();
    auto started = web::control_server::start(loop.io, door, log, settings);
    REQUIRE(started);
    server = *std::move(started);
  }

  temporary_folder folder;
  std::string path;
  std::shared_ptr<fake_door> door;
  std::shared_ptr<counting_log> log = std::make_shared<counting_log>();
  running_loop loop;
  std::unique_ptr<web::control_server> server;
};

fake_door::script always(control_answer answer) {
  return [answer](const control_command&) { return result<control_answer>{answer}; };
}

fake_door::script always(failure what) {
  return [what](const control_command&) { return result<control_answer>{what}; };
}

constexpr std::string_view body_target = "/api/v1/messages/0000000000cd-1-7-42/body";

/// Answers `read_body` from a list of parts; past its end with a fault.
fake_door::script parts(std::vector<std::string> chunks, bool complete = true) {
  return [chunks, complete](const control_command& command) -> result<control_answer> {
    auto part = std::get<read_body>(command).part;
    if (part >= chunks.size())
      return failure{errc::storage_corrupt, "part cannot be opened"};
    return control_answer{
        body_part{make_body(chunks[part]), complete && part + 1 == chunks.size()}};
  };
}

} // namespace

TEST_CASE("an answer comes as JSON under its status") {
  fixture run{always(mailbox_list{{sample_mailbox()}})};
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::get, "/api/v1/mailboxes");
  REQUIRE(answer);
  CHECK(answer->result_int() == 200);
  CHECK((*answer)[http::field::content_type] == "application/json");
  CHECK((*answer)[http::field::cache_control] == "no-store");
  CHECK(json::parse(answer->body())["mailboxes"][0]["address"] == "ann@example.org");
  CHECK(answer->body().find(canary) == std::string::npos);
}

TEST_CASE("a connection is kept for the next request") {
  fixture run{always(done{})};
  local_peer peer{run.path};
  CHECK(peer.ask(http::verb::post, "/api/v1/mailboxes/a@b/pause"));
  CHECK(peer.ask(http::verb::post, "/api/v1/nowhere")->result_int() == 404);
  CHECK(peer.ask(http::verb::delete_, "/api/v1/mailboxes/a@b")->result_int() == 200);
  auto commands = run.door->commands();
  REQUIRE(commands.size() == 2);
  CHECK(std::holds_alternative<remove_mailbox>(commands[1]));
}

TEST_CASE("pipelined requests are answered in order") {
  fixture run{always(done{})};
  local_peer peer{run.path};
  peer.send("POST /api/v1/mailboxes/a/pause HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
            "POST /api/v1/mailboxes/b/resume HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  CHECK(peer.receive());
  CHECK(peer.receive());
  REQUIRE(run.door->commands().size() == 2);
  CHECK(std::get<resume_mailbox>(run.door->commands()[1]).which.text == "b");
}

TEST_CASE("the door hears who asks") {
  fixture run{always(done{})};
  local_peer peer{run.path};
  peer.ask(http::verb::post, "/api/v1/mailboxes/a@b/fetch");
  CHECK(run.door->actors().at(0) == "uid " + std::to_string(::getuid()));
}

TEST_CASE("a failure has its status and names its code") {
  auto [code, status] = GENERATE(table<errc, unsigned>({{errc::not_found, 404},
                                                        {errc::already_exists, 409},
                                                        {errc::in_use, 409},
                                                        {errc::overloaded, 429},
                                                        {errc::unavailable, 503},
                                                        {errc::internal, 500}}));
  fixture run{always(failure{code, "said so"})};
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::get, "/api/v1/status");
  REQUIRE(answer);
  CHECK(answer->result_int() == status);
  CHECK(json::parse(answer->body())["error"]["code"] == std::string{to_string(code)});
}

TEST_CASE("a bad request reaches nobody") {
  fixture run{always(done{})};
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::post, "/api/v1/mailboxes", R"({"adress": "a@b"})");
  REQUIRE(answer);
  CHECK(answer->result_int() == 400);
  CHECK(answer->body().find("adress") != std::string::npos);
  CHECK(peer.ask(http::verb::put, "/api/v1/mailboxes")->at("Allow") == "GET, POST");
  CHECK(run.door->commands().empty());
}

TEST_CASE("a body is sent byte for byte, whatever it holds") {
  std::string first = "Subject: x\r\n\r\n";
  std::string second("\0\xff\n.\r\n0\r\n\r\n", 12);
  std::string third(web::max_text_bytes * 200, 'z');
  fixture run{parts({first, second, "", third})};
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::get, body_target);
  REQUIRE(answer);
  CHECK(answer->chunked());
  CHECK(answer->body() == first + second + third);
  CHECK(peer.ask(http::verb::get, body_target)->body().size() == answer->body().size());
}

TEST_CASE("an empty body is an empty body") {
  fixture run{parts({""})};
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::get, body_target);
  REQUIRE(answer);
  CHECK(answer->body().empty());
}

TEST_CASE("a body that fails in the middle is seen to be incomplete") {
  fixture run{parts({"first", "second"}, false)};
  local_peer peer{run.path};
  CHECK_FALSE(peer.ask(http::verb::get, body_target));
  CHECK(run.door->commands().size() == 3);
}

TEST_CASE("a body that cannot be read at all is a plain failure") {
  fixture run{always(failure{errc::not_found, "no such message"})};
  local_peer peer{run.path};
  CHECK(peer.ask(http::verb::get, body_target)->result_int() == 404);
}

TEST_CASE("a header keeps its limit") {
  fixture run{always(done{})};
  auto with_header = [&](std::size_t bytes) {
    local_peer peer{run.path};
    std::string head = "POST /api/v1/mailboxes/a/pause HTTP/1.1\r\nContent-Length: 0\r\nX: ";
    peer.send(head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n");
    auto answer = peer.receive();
    REQUIRE(answer);
    return answer->result_int();
  };
  CHECK(with_header(web::max_control_header_bytes) == 200);
  CHECK(with_header(web::max_control_header_bytes + 100) == 431);
  CHECK(with_header(1'000'000) == 431);
  CHECK(run.door->commands().size() == 1);
}

TEST_CASE("a body keeps its limit") {
  fixture run{always(done{})};
  auto with_body = [&](std::size_t bytes) {
    local_peer peer{run.path};
    auto answer =
        peer.ask(http::verb::post, "/api/v1/mailboxes/a/pause", "{}" + std::string(bytes - 2, ' '));
    REQUIRE(answer);
    return answer->result_int();
  };
  CHECK(with_body(web::max_control_body_bytes) == 200);
  CHECK(with_body(web::max_control_body_bytes + 1) == 413);
  CHECK(with_body(3 * web::max_control_body_bytes) == 413);
}

TEST_CASE("a mail that fills a request and a full part of an upload reach the door") {
  fixture run{always(sample_outgoing())};
  local_peer peer{run.path};
  std::string begin = R"({"mail":{"from":"a@b","to":["c@d"],"text":")";
  std::string end = R"("}})";
  std::string text(web::max_control_body_bytes - begin.size() - end.size(), 'x');
  auto answer = peer.ask(http::verb::post, "/api/v1/mailboxes/a@b/outbox", begin + text + end);
  REQUIRE(answer);
  CHECK(answer->result_int() == 201);
  CHECK(json::parse(answer->body())["status"] == "deferred");
  std::string part(max_chunk_bytes, '\xff');
  answer = peer.ask(http::verb::put, "/api/v1/uploads/0000000000cd-4294967295-0-7/parts/0", part);
  REQUIRE(answer);
  CHECK(answer->result_int() == 200);
  auto commands = run.door->commands();
  REQUIRE(commands.size() == 2);
  CHECK(std::get<outgoing_mail>(std::get<submit_mail>(commands[0]).content).text == text);
  CHECK(std::get<append_upload>(commands[1]).bytes->bytes == part);
}

TEST_CASE("a mail brings its idempotency key in the header") {
  fixture run{always(sample_outgoing())};
  local_peer peer{run.path};
  peer.send("POST /api/v1/mailboxes/a@b/outbox HTTP/1.1\r\nIdempotency-Key: order-7\r\n"
            "Content-Length: 20\r\n\r\n{\"raw\":{\"text\":\"x\"}}");
  REQUIRE(peer.receive());
  CHECK(std::get<submit_mail>(run.door->commands().at(0)).wishes.idempotency_key == "order-7");
}

TEST_CASE("too large is what is brought, or what a server answered") {
  fixture run{always(failure{errc::too_large, "more than the server takes"})};
  local_peer peer{run.path};
  CHECK(peer.ask(http::verb::post, "/api/v1/mailboxes/a/outbox", R"({"raw":{"text":"x"}})")
            ->result_int()
        == 413);
  CHECK(peer.ask(http::verb::put, "/api/v1/uploads/0000000000cd-4294967295-0-7/parts/0", "x")
            ->result_int()
        == 413);
  CHECK(peer.ask(http::verb::post, "/api/v1/providers/p/secret-expiry")->result_int() == 502);
}

TEST_CASE("what is not HTTP is answered and ended") {
  fixture run{always(done{})};
  for (auto bytes :
       {"garbage\r\n\r\n", "GET /api/v1/status HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /api/v1/providers HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n"
        "\r\n0\r\n\r\n"}) {
    CAPTURE(bytes);
    local_peer peer{run.path};
    peer.send(bytes);
    auto answer = peer.receive();
    REQUIRE(answer);
    CHECK(answer->result_int() == 400);
    CHECK(peer.ended());
  }
  CHECK(run.door->commands().empty());
}

TEST_CASE("a silent connection is ended at its deadline") {
  fixture run{always(done{}), {.idle_deadline = 20ms}};
  local_peer silent{run.path};
  CHECK(silent.ended());
  local_peer halfway{run.path};
  halfway.send("GET /api/v1/st");
  CHECK(halfway.ended());
}

TEST_CASE("over the limit a connection is refused, and one that ends makes room") {
  fixture run{always(done{}), {.max_connections = 2}};
  auto first = std::make_unique<local_peer>(run.path);
  local_peer second{run.path};
  REQUIRE(first->ask(http::verb::post, "/api/v1/mailboxes/a/pause"));
  REQUIRE(second.ask(http::verb::post, "/api/v1/mailboxes/a/pause"));
  {
    local_peer third{run.path};
    auto answer = third.receive();
    REQUIRE(answer);
    CHECK(answer->result_int() == 429);
    CHECK(third.ended());
  }
  first.reset();
  // The loop sees the end of the first in its own time.
  std::optional<local_peer::response> answer;
  while (!answer || answer->result_int() == 429) {
    local_peer later{run.path};
    answer = later.ask(http::verb::post, "/api/v1/mailboxes/a/pause");
  }
  CHECK(answer->result_int() == 200);
}

TEST_CASE("an answer that does not come ends in its deadline") {
  fixture run{always(done{}), {.answer_deadline = 20ms}};
  run.door->hold();
  local_peer peer{run.path};
  auto answer = peer.ask(http::verb::get, "/api/v1/status");
  REQUIRE(answer);
  CHECK(answer->result_int() == 504);
  CHECK(json::parse(answer->body())["error"]["code"] == "timed_out");
  CHECK(run.door->release(control_answer{done{}}) == 1);
  CHECK(peer.ask(http::verb::get, "/api/v1/status")->result_int() == 200);
}

TEST_CASE("a client that goes away frees its place and breaks nothing") {
  fixture run{always(event_list{}), {.max_connections = 1}};
  run.door->hold();
  {
    local_peer peer{run.path};
    peer.send("GET /api/v1/events?wait_s=60 HTTP/1.1\r\n\r\n");
    while (run.door->held() == 0)
      std::this_thread::yield();
  }
  std::optional<local_peer::response> answer;
  while (!answer || answer->result_int() == 429) {
    local_peer later{run.path};
    answer = later.ask(http::verb::get, "/api/v1/nowhere");
  }
  CHECK(answer->result_int() == 404);
  CHECK(run.door->release(control_answer{event_list{}}) == 1);
}

TEST_CASE("stopping ends waiting clients, and late answers are dropped") {
  fixture run{always(done{})};
  run.door->hold();
  local_peer peer{run.path};
  peer.send("GET /api/v1/status HTTP/1.1\r\n\r\n");
  while (run.door->held() == 0)
    std::this_thread::yield();
  run.server.reset();
  CHECK(peer.ended());
  CHECK_FALSE(std::filesystem::exists(run.path));
  CHECK(run.door->release(control_answer{done{}}) == 1);
}
