// `mailfleet send` of the real program: what it asks of mailfleetd, and what it makes of answers.

#include "protocols/sasl/base64.hpp"
#include "tests/tools/sending_api.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::answer_sending;
using mailfleet::testing::api_request;
using mailfleet::testing::holds;
using mailfleet::testing::refusal_of;
using mailfleet::testing::scripted_api;
using nlohmann::json;

namespace {

constexpr std::size_t part_bytes = 262'144;

struct fixture : scripted_api {
  fixture() : scripted_api{answer_sending} {}

  /// The body of the one submission.
  [[nodiscard]] json submitted() const {
    auto found = requests("POST /mailboxes/ann/outbox");
    REQUIRE(found.size() == 1);
    return found.front().json();
  }

  [[nodiscard]] bool posted_nothing() const {
    return requests("P").empty();
  }
};

/// Bytes that differ from part to part.
std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(i * 31 + i / part_bytes);
  return bytes;
}

} // namespace

// -- a mail of options ------------------------------------------------------

TEST_CASE_METHOD(fixture, "a mail is described by options") {
  auto text = folder.file("letter.txt", "Grüße\n");
  auto html = folder.file("letter.html", "<img src=cid:logo>");
  auto logo = folder.file("logo.PNG", "png");
  auto sent =
      run("send ann --to bob@example.net --to 'Cy Crow <cy@example.net>' --cc d@example.net "
          "--bcc e@example.net --from 'Sales <sales@example.org>' --sender ann@example.org "
          "--reply-to f@example.org --subject Hallö --text-file "
          + text + " --html-file " + html + " --attach " + text + " --inline logo=" + logo
          + " --header 'X-Ticket: 4:2' --in-reply-to '<p@x>' --reference '<o@x>' "
            "--reference '<p@x>' --at 2026-12-24 --bulk --idempotency-key k-1");
  CAPTURE(sent.err);
  REQUIRE(sent.status == 0);
  CHECK(holds(sent.out, std::string{"key       "} + testing::outgoing_key + "\n"));
  CHECK(holds(sent.out, "state     accepted: "));
  CHECK(submitted()
        == json{{"due", "2026-12-24T00:00:00Z"},
                {"priority", "bulk"},
                {"idempotency_key", "k-1"},
                {"mail",
                 {{"from", {{"name", "Sales"}, {"address", "sales@example.org"}}},
                  {"sender", "ann@example.org"},
                  {"reply_to", {"f@example.org"}},
                  {"to", {"bob@example.net", {{"name", "Cy Crow"}, {"address", "cy@example.net"}}}},
                  {"cc", {"d@example.net"}},
                  {"bcc", {"e@example.net"}},
                  {"subject", "Hallö"},
                  {"text", "Grüße\n"},
                  {"html", "<img src=cid:logo>"},
                  {"files",
                   {{{"name", "letter.txt"},
                     {"content_type", "text/plain"},
                     {"place", "attached"},
                     {"content", sasl::encode_base64("Grüße\n")}},
                    {{"name", "logo.PNG"},
                     {"content_type", "image/png"},
                     {"content_id", "logo"},
                     {"place", "shown"},
                     {"content", sasl::encode_base64("png")}}}},
                  {"headers", json::array({{{"name", "X-Ticket"}, {"value", "4:2"}}})},
                  {"in_reply_to", "<p@x>"},
                  {"references", {"<o@x>", "<p@x>"}}}}});
}

TEST_CASE_METHOD(fixture, "a mail is from its mailbox, and has an idempotency key of its own") {
  REQUIRE(run("send ann --to bob@example.net --text Hi").status == 0);
  CHECK(submitted()["mail"]["from"] == "ann@example.org");
  CHECK(submitted()["priority"] == "interactive");
  CHECK_FALSE(submitted().contains("due"));
  auto first = submitted()["idempotency_key"].get<std::string>();
  CHECK(first.size() == 42);
  REQUIRE(run("send ann --to bob@example.net --text Hi").status == 0);
  CHECK(requests("POST").back().json()["idempotency_key"] != first);
  // A variable that is not set protects from nothing.
  CHECK(run("send ann --to bob@example.net --text Hi --idempotency-key ''").status == 2);
}

TEST_CASE_METHOD(fixture, "names beside addresses may have commas and any letters") {
  REQUIRE(
      run(R"(send ann --to '"Archer, Änn" <a@example.net>' --cc 'Jörg <j@example.net>' --text x)")
          .status
      == 0);
  CHECK(submitted()["mail"]["to"][0]
        == json{{"name", "Archer, Änn"}, {"address", "a@example.net"}});
  CHECK(submitted()["mail"]["cc"][0] == json{{"name", "Jörg"}, {"address", "j@example.net"}});
}

TEST_CASE_METHOD(fixture, "text comes from standard input") {
  auto letter = folder.file("letter", "read from a pipe\n");
  REQUIRE(run("send ann --to bob@example.net --text-file -", letter).status == 0);
  CHECK(submitted()["mail"]["text"] == "read from a pipe\n");
}

TEST_CASE_METHOD(fixture, "the last value of an option is not one of the next thing") {
  REQUIRE(run("send --to bob@example.net ann --text x").status == 0);
  CHECK(submitted()["mail"]["to"].size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "what a command line or its files have wrong is told before anything is sent") {
  auto latin = folder.file("latin", "Gr\xFC\xDF");
  auto empty = folder.file("empty", "");
  auto big = folder.file("big", std::string(1'048'577, 'x'));
  auto common = std::string{"send ann --to bob@example.net "};
  for (const auto& [arguments, said] :
       {std::pair{std::string{"send ann --text x"}, "--to is missing"},
        std::pair{common, "--text is missing"},
        std::pair{std::string{"send ann --to bob --text x"}, "--to is not one address: bob"},
        std::pair{std::string{"send ann --to 'a@x.example, b@x.example' --text x"},
                  "the option once for each"},
        std::pair{common + "--text x --from 'Ann <ann'", "--from is not one address"},
        std::pair{common + "--text x --at tomorrow", "--at is no time: tomorrow; give 2026"},
        std::pair{common + "--text x --header nonsense", "--header is no 'NAME: VALUE'"},
        std::pair{common + "--text x --attach /does/not/exist",
                  "--attach /does/not/exist cannot be read: No such file or directory"},
        std::pair{common + "--text x --attach /tmp",
                  "--attach /tmp cannot be read: it is a folder"},
        std::pair{common + "--text x --attach -", "--attach is -"},
        std::pair{common + "--html-file " + empty + " --inline logo", "--inline is no CID=FILE"},
        std::pair{common + "--text-file " + latin, "bytes that are not UTF-8; convert it: iconv"},
        std::pair{common + "--text 'a\377'", "--text has a NUL or bytes that are not UTF-8"},
        std::pair{common + "--text-file " + big, "attach it (--attach)"},
        std::pair{common + "--text x --wait soon", "--wait is no number of seconds: soon"},
        std::pair{std::string{"send ann --eml "} + empty, "is empty; name a file with a mail"},
        std::pair{std::string{"send ann --eml /does/not/exist"}, "--eml /does/not/exist cannot"}}) {
    CAPTURE(arguments);
    auto refused = run(arguments);
    CHECK(refused.status == 2);
    CHECK(holds(refused.err, said));
    CHECK(refused.out.empty());
  }
  CHECK(posted_nothing());
}

TEST_CASE_METHOD(fixture, "options of the two kinds of mail are not mixed") {
  auto mail = folder.file("mail.eml", "From: a@b\r\n\r\n");
  for (const auto& wrong :
       {"--eml " + mail + " --to bob@example.net", "--eml " + mail + " --text x",
        std::string{"--to b@x --text x --recipient c@x"},
        std::string{"--to b@x --text x --convert-lf"},
        std::string{"--to b@x --text x --text-file y"},
        std::string{"--to b@x --text x --inline c=d"}}) {
    CAPTURE(wrong);
    CHECK(run("send ann " + wrong).status == 2);
  }
  CHECK(requests().empty());
}

// -- large content ----------------------------------------------------------

TEST_CASE_METHOD(fixture, "a file of more than a part is uploaded, cut at each part's end") {
  for (auto size : {part_bytes, part_bytes + 1, 2 * part_bytes, 2 * part_bytes + 7}) {
    CAPTURE(size);
    auto bytes = bytes_of(size);
    auto before = requests().size();
    REQUIRE(run("send ann --to b@x.example --attach " + folder.file("data.bin", bytes)).status
            == 0);
    auto all = requests();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(before));
    auto file = all.back().json()["mail"]["files"][0];
    CHECK(file["content_type"] == "application/octet-stream");
    if (size == part_bytes) {
      CHECK(file["content"] == sasl::encode_base64(bytes));
      continue;
    }
    CHECK(file["upload"] == "up-1");
    CHECK_FALSE(file.contains("content"));
    std::string got;
    std::size_t number = 0;
    for (const auto& one : all) {
      if (!one.what.starts_with("PUT"))
        continue;
      CHECK(one.what == "PUT /uploads/up-1/parts/" + std::to_string(number));
      ++number;
      CHECK(one.body.size() == std::min(part_bytes, size - got.size()));
      got += one.body;
    }
    CHECK(got == bytes);
  }
}

TEST_CASE_METHOD(fixture, "small files go with the request as long as it has room") {
  std::string files;
  for (int i = 0; i < 5; ++i)
    files += " --attach " + folder.file("f" + std::to_string(i), bytes_of(200'000));
  REQUIRE(run("send ann --to b@x.example" + files).status == 0);
  auto request = requests("POST /mailboxes/ann/outbox").front();
  CHECK(request.body.size() <= 1'048'576);
  std::ptrdiff_t inside = 0;
  const auto submission = request.json();
  for (const auto& file : submission["mail"]["files"]) {
    CHECK(file.contains("content") != file.contains("upload"));
    inside += file.contains("content") ? 1 : 0;
  }
  CHECK(inside == 3);
  CHECK(requests("PUT").size() == 2);
}

TEST_CASE_METHOD(fixture, "a file that cannot be told the size of is read to its end") {
  auto data = folder.file("data", bytes_of(part_bytes + 5));
  auto few = folder.file("few", "few");
  auto pipe = (folder.path / "pipe").string();
  REQUIRE(std::system(("mkfifo " + pipe + " && (cat " + data + " >" + pipe + " &)").c_str()) == 0);
  REQUIRE(run("send ann --to b@x.example --attach " + pipe + " --attach " + few).status == 0);
  CHECK(requests("PUT").size() == 2);
  CHECK(submitted()["mail"]["files"][0]["upload"] == "up-1");
  CHECK(submitted()["mail"]["files"][1]["content"] == sasl::encode_base64("few"));
}

TEST_CASE("a part that is refused ends the sending") {
  scripted_api api{[](const api_request& request) {
    if (request.what.ends_with("/parts/1"))
      return refusal_of("too_large", "the upload is larger than 157286400 bytes", 413);
    return answer_sending(request);
  }};
  auto refused = api.run("send ann --to b@x.example --attach "
                         + api.folder.file("big", bytes_of(3 * part_bytes)));
  CHECK(refused.status == 2);
  CHECK(holds(refused.err, "too_large: the upload is larger"));
  CHECK(api.requests("POST /mailboxes/ann/outbox").empty());
}

// -- a mail as bytes --------------------------------------------------------

TEST_CASE_METHOD(fixture, "a raw mail goes as it is, or with CRLF where its lines end with LF") {
  for (const auto& [bytes, options, converts] :
       {std::tuple{"From: a@b\r\n\nx", "", false}, std::tuple{"From: a@b\n\r\nx", "", true},
        std::tuple{"From: a@b", "", false}, std::tuple{"From: a@b\r\n\nx", "--convert-lf", true}}) {
    CAPTURE(bytes, options);
    auto mail = folder.file("mail.eml", bytes);
    REQUIRE(run("send ann --eml " + mail + " " + options).status == 0);
    CHECK(requests("POST").back().json()["raw"]
          == json{{"content", sasl::encode_base64(bytes)}, {"convert_lf", converts}});
  }
  // Nobody has to be asked whom it is from.
  CHECK(requests("GET").empty());
}

TEST_CASE_METHOD(fixture, "a raw mail from standard input goes to whom the options name") {
  auto mail = folder.file("mail", "From: a@b\r\n\r\n" + bytes_of(part_bytes));
  REQUIRE(
      run("send ann --eml - --recipient b@x.example --recipient c@x.example --sender d@x.example",
          mail)
          .status
      == 0);
  CHECK(submitted()["raw"]
        == json{{"upload", "up-1"},
                {"convert_lf", false},
                {"sender", "d@x.example"},
                {"recipients", {"b@x.example", "c@x.example"}}});
  CHECK(requests("PUT").size() == 2);
}
