// What `mailfleet send` of the real program makes of lost connections, and how it waits.

#include "tests/tools/sending_api.hpp"

#include <catch2/catch.hpp>

#include <atomic>

using namespace mailfleet;
using mailfleet::testing::answer_sending;
using mailfleet::testing::api_reply;
using mailfleet::testing::api_request;
using mailfleet::testing::holds;
using mailfleet::testing::outgoing;
using mailfleet::testing::refusal_of;
using mailfleet::testing::scripted_api;
using nlohmann::json;

// -- a lost connection ------------------------------------------------------

TEST_CASE("a submission whose answer was lost is made once more, with the same key") {
  std::atomic<int> calls = 0;
  scripted_api api{[&calls](const api_request& request) -> api_reply {
    if (request.what == "POST /mailboxes/ann/outbox" && ++calls == 1)
      return {.body = {}, .drops = true};
    return answer_sending(request);
  }};
  auto sent = api.run("send ann --to b@x.example --text Hi");
  CHECK(sent.status == 0);
  auto made = api.requests("POST /mailboxes/ann/outbox");
  REQUIRE(made.size() == 2);
  CHECK(made[0].body == made[1].body);
}

TEST_CASE("where a submission is lost twice, its key is told") {
  scripted_api api{[](const api_request& request) -> api_reply {
    if (request.what == "POST /mailboxes/ann/outbox")
      return {.body = {}, .drops = true};
    return answer_sending(request);
  }};
  auto lost = api.run("send ann --to b@x.example --text Hi");
  CHECK(lost.status == 3);
  auto made = api.requests("POST /mailboxes/ann/outbox");
  REQUIRE(made.size() == 2);
  CHECK(holds(lost.err, "nobody knows whether the mail was accepted"));
  CHECK(
      holds(lost.err, "--idempotency-key " + made[0].json()["idempotency_key"].get<std::string>()));
}

TEST_CASE("a submission that Ctrl-C ended tells its key") {
  scripted_api api{[](const api_request& request) -> api_reply {
    if (request.what == "POST /mailboxes/ann/outbox")
      return {.body = {}, .interrupts = true};
    return answer_sending(request);
  }};
  auto ended = api.run("send ann --to b@x.example --text Hi --idempotency-key k-9");
  CHECK(ended.out.empty());
  CHECK(holds(ended.err, "interrupted: nobody knows whether"));
  CHECK(holds(ended.err, "--idempotency-key k-9 "));
  CHECK(api.requests("POST /mailboxes/ann/outbox").size() == 1);
}

TEST_CASE("a submission that was refused is not made again") {
  scripted_api api{[](const api_request& request) {
    if (request.what == "POST /mailboxes/ann/outbox")
      return refusal_of("invalid_argument", "to[0] is no address; correct it", 400);
    return answer_sending(request);
  }};
  auto refused = api.run("send ann --to b@x.example --text Hi");
  CHECK(refused.status == 2);
  CHECK(refused.err == "mailfleet: invalid_argument: --to is no address; correct it\n");
  CHECK(api.requests("POST /mailboxes/ann/outbox").size() == 1);
}

TEST_CASE("what a command line says wrong is told though nobody answers") {
  scripted_api api{answer_sending};
  for (const auto* wrong :
       {"--text Hi", "--to b@x.example", "--to b --text Hi", "--to b@x.example --text Hi --at noon",
        "--to b@x.example --text Hi --header broken", "--to b@x.example --attach /does/not/exist",
        "--to b@x.example --text Hi --wait=soon"}) {
    CAPTURE(wrong);
    CHECK(api.run(std::string{"--socket /does/not/exist.sock send ann "} + wrong).status == 2);
  }
}

TEST_CASE("a mailbox that is not there, and a mailfleetd that is not, are told") {
  scripted_api api{answer_sending};
  CHECK(api.run("send eve --to b@x.example --text Hi").status == 1);
  CHECK(api.run("--socket /does/not/exist.sock send ann --to b@x.example --text Hi").status == 3);
  CHECK(api.requests("P").empty());
}

// -- waiting ----------------------------------------------------------------

TEST_CASE("a wait ends with what became of the mail") {
  for (const auto& [status, code] : {std::pair{"sent", 0}, std::pair{"failed", 4},
                                     std::pair{"cancelled", 4}, std::pair{"in_doubt", 5}}) {
    CAPTURE(status);
    std::atomic<int> looks = 0;
    scripted_api api{[&looks, status = std::string{status}](const api_request& request) {
      if (request.what == std::string{"GET /outbox/"} + testing::outgoing_key)
        return api_reply{outgoing(++looks == 1 ? "sending" : status)};
      return answer_sending(request);
    }};
    auto sent = api.run("send ann --to b@x.example --text Hi --wait");
    CHECK(sent.status == code);
    CHECK(holds(sent.out, std::string{"state  "} + status + ": "));
    CHECK(holds(api.requests("GET /events").front().what, "after=41"));
    CHECK(holds(api.requests("GET /events").front().what, "about=0000000000cd"));
  }
}

TEST_CASE("a wait that Ctrl-C ended tells that the mail goes on") {
  scripted_api api{[](const api_request& request) -> api_reply {
    if (request.what.starts_with("GET /outbox/"))
      return {.body = {}, .interrupts = true};
    return answer_sending(request);
  }};
  auto ended = api.run("send ann --to b@x.example --text Hi --wait");
  CHECK(holds(ended.out, testing::outgoing_key));
  CHECK(holds(ended.err, "interrupted: the mail is safe, and mailfleetd goes on with it"));
  CHECK(holds(ended.err, std::string{"mailfleet outbox show "} + testing::outgoing_key));
}

TEST_CASE("a mail whose key was used before, or whose mailbox rests, is told so") {
  scripted_api api{[](const api_request& request) {
    if (request.what != "POST /mailboxes/ann/outbox")
      return answer_sending(request);
    auto mail = outgoing("accepted");
    mail["repeated"] = true;
    mail["trouble"] = {{"code", "smtp.auth_disabled"},
                       {"what", "SMTP AUTH is switched off."},
                       {"who", "tenant_admin"},
                       {"cure", "switch it on"},
                       {"since", "2026-03-01T12:00:00Z"}};
    return api_reply{mail, 201};
  }};
  auto sent = api.run("send ann --to b@x.example --text Hi --idempotency-key k-1");
  CHECK(sent.status == 0);
  CHECK(holds(sent.out, "this idempotency key has this mail already: nothing new is sent\n"));
  CHECK(holds(sent.out, "its mailbox sends nothing at present\n  what: SMTP AUTH"));
}

TEST_CASE("a wait whose time is over tells that the mail still waits") {
  scripted_api api{[](const api_request& request) {
    if (request.what.starts_with("GET /outbox/"))
      return api_reply{outgoing("deferred")};
    return answer_sending(request);
  }};
  CHECK(api.run("send ann --to b@x.example --text Hi --wait 0").status == 6);
  CHECK(api.requests("GET /outbox/").empty());
  auto waited = api.run("send ann --to b@x.example --text Hi --wait 1");
  CHECK(waited.status == 6);
  CHECK(
      holds(waited.out, "state     deferred: it is tried again\nnext try  2026-03-01T12:05:00Z\n"));
}

TEST_CASE("a mail that was sent to some tells who did not get it") {
  scripted_api api{[](const api_request& request) {
    if (!request.what.starts_with("GET /outbox/"))
      return answer_sending(request);
    auto mail = outgoing("sent");
    mail["recipients"] = {
        {{"address", "bob@example.net"}, {"status", "taken"}, {"said", "250 2.1.5 ok"}},
        {{"address", "nobody@example.net"},
         {"status", "refused"},
         {"said", "550 5.1.1 \x1b[2J no"}}};
    return api_reply{mail};
  }};
  auto sent = api.run("send ann --to bob@example.net --to nobody@example.net --text Hi --wait");
  // Not all have it.
  CHECK(sent.status == 4);
  CHECK(holds(sent.out, "nobody@example.net  refused  550 5.1.1 ?[2J no\n"));
  CHECK_FALSE(holds(sent.out, "bob@example.net"));
}

TEST_CASE("JSON is the view at acceptance, and the view at the end of a wait") {
  scripted_api api{[](const api_request& request) {
    if (request.what.starts_with("GET /outbox/"))
      return api_reply{outgoing("sent")};
    return answer_sending(request);
  }};
  CHECK(api.run("send ann --to b@x.example --text Hi --json").out
        == outgoing("accepted").dump() + "\n");
  CHECK(api.run("send ann --to b@x.example --text Hi --json --wait 5").out
        == outgoing("accepted").dump() + "\n" + outgoing("sent").dump() + "\n");
  auto refused = api.run("send ann --text Hi --json");
  CHECK(json::parse(refused.err)["error"]["code"] == "invalid_argument");
}
