// Goal: a composed mail says what was meant and nothing else, in lines that every server takes.
// Method: its text is compared, and attacks through every field are counted.
#include "protocols/mime/compose.hpp"
#include "protocols/sasl/base64.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace std::chrono_literals;

namespace {

outgoing_mail plain() {
  outgoing_mail mail;
  mail.from = {"Ann", "ann@x.test"};
  mail.to = {{"", "bob@y.test"}};
  mail.subject = "Hello";
  mail.text = "Hi Bob\n";
  return mail;
}

mime::compose_options options() {
  mime::compose_options made;
  made.mailfleet_id = "m-17";
  made.now = wall_time{1'700'000'000s};
  return made;
}

struct composed {
  std::string bytes;
  result<composed_mail> mail;
};

composed made_of(const outgoing_mail& mail, const mime::file_reader& read = {}) {
  composed out;
  out.mail = mime::compose(
      mail, options(),
      [&](std::string_view piece) -> result<void> {
        out.bytes.append(piece);
        return {};
      },
      read);
  return out;
}

bool has(const composed& in, std::string_view text) {
  return in.bytes.find(text) != std::string::npos;
}

outgoing_file file(std::string name, std::string content, std::string type = "application/pdf") {
  outgoing_file made;
  made.name = std::move(name);
  made.content_type = std::move(type);
  made.content = {make_body(std::move(content))};
  return made;
}

/// The lines of the first base64 part, joined.
std::string first_base64(const composed& in) {
  auto at = in.bytes.find("Content-Transfer-Encoding: base64");
  at = in.bytes.find("\r\n\r\n", at) + 4;
  std::string text;
  while (in.bytes.compare(at, 2, "--") != 0 && in.bytes.compare(at, 2, "\r\n") != 0
         && at < in.bytes.size()) {
    auto end = in.bytes.find("\r\n", at);
    text += in.bytes.substr(at, end - at);
    at = end + 2;
  }
  return sasl::decode_base64(text).value_or("no base64");
}

std::size_t longest_line(std::string_view bytes) {
  std::size_t longest = 0;
  while (!bytes.empty()) {
    auto end = bytes.find("\r\n");
    longest = std::max(longest, end);
    bytes.remove_prefix(end + 2);
  }
  return longest;
}

} // namespace

TEST_CASE("A plain mail is plain", "[mime]") {
  auto made = made_of(plain());
  REQUIRE(made.mail);
  CHECK(has(made, "From: Ann <ann@x.test>\r\n"));
  CHECK(has(made, "To: bob@y.test\r\n"));
  CHECK(has(made, "Subject: Hello\r\n"));
  CHECK(has(made, "MIME-Version: 1.0\r\n"));
  CHECK(has(made, "X-Mailfleet-Id: m-17\r\n"));
  CHECK(has(made, "Message-ID: <m-17@x.test>\r\n"));
  CHECK(has(made, "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
  CHECK(has(made, "Content-Type: text/plain; charset=utf-8\r\n"));
  CHECK(made.bytes.ends_with("\r\n\r\nHi Bob\r\n"));
  CHECK(made.mail->envelope.sender == "ann@x.test");
  CHECK(made.mail->envelope.bytes == made.bytes.size());
  CHECK_FALSE(made.mail->envelope.needs_8bitmime);
}

TEST_CASE("Bcc is in the envelope only", "[mime]") {
  auto mail = plain();
  mail.cc = {{"Café", "cc@y.test"}};
  mail.bcc = {{"Hidden", "secret@z.test"}, {"", "bob@y.test"}};
  auto made = made_of(mail);
  REQUIRE(made.mail);
  CHECK(made.mail->envelope.recipients
        == std::vector<std::string>{"bob@y.test", "cc@y.test", "secret@z.test"});
  CHECK_FALSE(has(made, "secret"));
  CHECK_FALSE(has(made, "Hidden"));
  CHECK_FALSE(has(made, "Bcc"));
}

TEST_CASE("Names and subjects in every script are encoded, and need no SMTPUTF8", "[mime]") {
  auto mail = plain();
  mail.from.name = "Jörg Müller, Büro";
  mail.subject = "Größe 試験 😀 " + std::string(300, 'x') + " ü";
  mail.to[0].address = "bob@bücher.example";
  mail.headers = {{"X-Note", "naïve"}};
  auto made = made_of(mail);
  REQUIRE(made.mail);
  CHECK(
      std::ranges::all_of(made.bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK_FALSE(made.mail->envelope.needs_smtputf8);
  CHECK(made.mail->facts.subject == mail.subject);
  CHECK(has(made, "bob@xn--bcher-kva.example"));
  CHECK(longest_line(made.bytes) <= 998);
}

TEST_CASE("SMTPUTF8 is needed where an address is beyond ASCII before its @", "[mime]") {
  auto mail = plain();
  mail.to[0].address = "bób@bücher.example";
  auto made = made_of(mail);
  REQUIRE(made.mail);
  CHECK(made.mail->envelope.needs_smtputf8);
  CHECK(has(made, "bób@xn--bcher-kva.example"));
}

TEST_CASE("Text in other scripts is quoted-printable or base64", "[mime]") {
  auto mail = plain();
  mail.text = "Grüße und ein langer Absatz, " + std::string(2'000, 'a') + "\r\n.\rEnde \n";
  auto latin = made_of(mail);
  REQUIRE(latin.mail);
  CHECK(has(latin, "Content-Transfer-Encoding: quoted-printable\r\n"));
  CHECK(has(latin, "Gr=C3=BC=C3=9Fe"));
  CHECK(has(latin, "\r\n.\r\nEnde=20\r\n"));
  CHECK(longest_line(latin.bytes) <= 78);
  mail.text = "試験試験試験\n二\r\n";
  auto kanji = made_of(mail);
  REQUIRE(kanji.mail);
  CHECK(has(kanji, "Content-Transfer-Encoding: base64\r\n"));
  CHECK(first_base64(kanji) == "試験試験試験\r\n二\r\n");
}

TEST_CASE("Text, HTML, inline and attached files are nested as programs expect", "[mime]") {
  auto mail = plain();
  mail.html = "<img src=\"cid:logo\">";
  auto logo = file("logo.png", "PNG", "image/png");
  logo.place = file_place::shown;
  logo.content_id = "logo";
  mail.files = {logo, file("Angebot Größe.pdf", "PDF")};
  auto made = made_of(mail);
  REQUIRE(made.mail);
  auto order = [&](std::initializer_list<std::string_view> parts) {
    std::size_t at = 0;
    for (auto part : parts) {
      at = made.bytes.find(part, at);
      if (at == std::string::npos)
        return false;
    }
    return true;
  };
  CHECK(order({"multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
               "text/html", "image/png", "Content-Id: <logo>", "application/pdf"}));
  CHECK(has(made, "Content-Disposition: attachment;"));
  CHECK(has(made, "filename*=iso-8859-1''Angebot%20Gr%F6%DFe.pdf"));
  CHECK(has(made, "Content-Disposition: inline; filename=logo.png\r\n"));
  CHECK(first_base64(made) == "PNG");
}

TEST_CASE("A mail may be files only", "[mime]") {
  auto mail = plain();
  mail.text.clear();
  mail.files = {file("a.pdf", "A")};
  CHECK(has(made_of(mail), "Content-Type: application/pdf"));
  mail.files.push_back(file("b.pdf", "B", "text/calendar; method=REQUEST; charset=utf-8"));
  auto two = made_of(mail);
  REQUIRE(two.mail);
  CHECK(has(two, "multipart/mixed"));
  CHECK(has(two, "method=REQUEST"));
}

TEST_CASE("A large file goes through in pieces", "[mime]") {
  auto mail = plain();
  mail.files = {file("big.bin", "")};
  mail.files[0].content.clear();
  constexpr std::uint64_t size = 25'000'000;
  std::size_t largest = 0;
  std::uint64_t total = 0;
  std::size_t asked = 0;
  auto made = mime::compose(
      mail, options(),
      [&](std::string_view piece) -> result<void> {
        largest = std::max(largest, piece.size());
        total += piece.size();
        return {};
      },
      [&](std::size_t index, std::uint64_t offset, std::size_t most) -> result<std::string> {
        CHECK(index == 0);
        asked = std::max(asked, most);
        return std::string(static_cast<std::size_t>(std::min<std::uint64_t>(most, size - offset)),
                           'x');
      });
  REQUIRE(made);
  CHECK(total == made->envelope.bytes);
  CHECK(total > size * 4 / 3);
  CHECK(largest <= 128 * 1024);
  CHECK(asked <= 128 * 1024);
}

TEST_CASE("Content in several pieces is joined", "[mime]") {
  auto mail = plain();
  mail.text.clear();
  mail.files = {file("a", "")};
  mail.files[0].content = {make_body("ab"), make_body(""), make_body("c"),
                           make_body(std::string(10'000, 'd'))};
  CHECK(first_base64(made_of(mail)) == "abc" + std::string(10'000, 'd'));
}

TEST_CASE("What a reader or the sink fails with is the failure", "[mime]") {
  auto mail = plain();
  mail.files = {file("a", "")};
  auto read = [](std::size_t, std::uint64_t, std::size_t) -> result<std::string> {
    return failure{errc::storage_corrupt, "gone"};
  };
  CHECK(made_of(mail, read).mail.error().code == errc::storage_corrupt);
  auto refuse = [](std::string_view) -> result<void> {
    return failure{errc::overloaded, "no room"};
  };
  CHECK(mime::compose(mail, options(), refuse).error().code == errc::overloaded);
  mail.files = {file("a", std::string(1'000'000, 'x'))};
  auto small = options();
  small.max_bytes = 100'000;
  CHECK(mime::compose(mail, small, [](std::string_view) { return result<void>{}; }).error().code
        == errc::too_large);
}

TEST_CASE("A reply is threaded", "[mime]") {
  auto mail = plain();
  mail.in_reply_to = "c@x";
  mail.references = {"<a@x>", "b@x"};
  mail.message_id = "own@x.test";
  mail.date = wall_time{0s};
  auto made = made_of(mail);
  REQUIRE(made.mail);
  CHECK(has(made, "In-Reply-To: <c@x>\r\n"));
  CHECK(made.mail->facts.thread == std::vector<std::string>{"<a@x>", "<b@x>", "<c@x>"});
  CHECK(made.mail->facts.message_id == "<own@x.test>");
  CHECK(has(made, "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));
}

TEST_CASE("No field can add a header, a line or a recipient", "[mime]") {
  using change = void (*)(outgoing_mail&, std::string);
  const std::vector<std::pair<std::string, change>> fields{
      {"from.address",
       [](outgoing_mail& m, std::string t) { m.from.address = "a" + t + "@x.test"; }},
      {"from.name", [](outgoing_mail& m, std::string t) { m.from.name = "A" + t; }},
      {"to[0].address", [](outgoing_mail& m, std::string t) { m.to[0].address += t; }},
      {"cc[0].name",
       [](outgoing_mail& m, std::string t) {
         m.cc = {{t, "c@x.test"}};
       }},
      {"bcc[0].address",
       [](outgoing_mail& m, std::string t) {
         m.bcc = {{"", t}};
       }},
      {"reply_to[0].address",
       [](outgoing_mail& m, std::string t) {
         m.reply_to = {{"", t}};
       }},
      {"sender.address",
       [](outgoing_mail& m, std::string t) {
         m.sender = {{"", t}};
       }},
      {"subject", [](outgoing_mail& m, std::string t) { m.subject += t; }},
      {"message_id", [](outgoing_mail& m, std::string t) { m.message_id = "a@b" + t; }},
      {"in_reply_to", [](outgoing_mail& m, std::string t) { m.in_reply_to = "a@b" + t; }},
      {"references[0]", [](outgoing_mail& m, std::string t) { m.references = {"a@b" + t}; }},
      {"headers[0].name",
       [](outgoing_mail& m, std::string t) {
         m.headers = {{"X" + t, "v"}};
       }},
      {"headers[0].value",
       [](outgoing_mail& m, std::string t) {
         m.headers = {{"X", "v" + t}};
       }},
      {"files[0].name", [](outgoing_mail& m, std::string t) { m.files = {file("a" + t, "b")}; }},
      {"files[0].content_type",
       [](outgoing_mail& m, std::string t) { m.files = {file("a", "b", "image/png" + t)}; }},
      {"files[0].content_id",
       [](outgoing_mail& m, std::string t) {
         m.files = {file("a", "b")};
         m.files[0].content_id = "x" + t;
       }},
  };
  std::size_t refused = 0;
  for (const auto& [name, set] : fields)
    for (const auto& attack : {std::string{"\r\nBcc: eve@z.test"}, std::string{"\nX: y"},
                               std::string{"\rX: y"}, std::string("\0", 1), std::string{"\x1b[2J"},
                               std::string{"\xff"}, std::string{"\r\n\r\nbody"}}) {
      auto mail = plain();
      set(mail, attack);
      auto made = made_of(mail);
      INFO(name);
      REQUIRE_FALSE(made.mail);
      CHECK(made.mail.error().detail.starts_with(name));
      CHECK(made.bytes.empty());
      ++refused;
    }
  CHECK(refused == fields.size() * 7);
}

TEST_CASE("What cannot be sent is refused by its field's name", "[mime]") {
  auto refusal = [](auto change) {
    auto mail = plain();
    change(mail);
    auto made = made_of(mail);
    return made.mail ? std::string{"taken"}
                     : made.mail.error().detail.substr(0, made.mail.error().detail.find(' '));
  };
  CHECK(refusal([](auto& m) { m.to.clear(); }) == "to");
  CHECK(refusal([](auto& m) { m.text.clear(); }) == "text");
  CHECK(refusal([](auto& m) { m.text = std::string("a\0b", 3); }) == "text");
  CHECK(refusal([](auto& m) { m.html = "\xff"; }) == "html");
  // Wherever the long run of ASCII before it ends.
  for (std::size_t ahead = 1020; ahead <= 1030; ++ahead)
    for (const auto* bad : {"\xff", "\xc3", "\0"})
      CHECK(refusal(
                [&](auto& m) { m.text = std::string(ahead, 'a').append(bad, 1).append(2000, 'b'); })
            == "text");
  CHECK(refusal([](auto& m) { m.headers = {{"bcc", "eve@z.test"}}; }) == "headers[0].name");
  CHECK(refusal([](auto& m) { m.headers = {{"content-type", "x"}}; }) == "headers[0].name");
  CHECK(refusal([](auto& m) { m.headers = {{"X-Mailfleet-Id", "x"}}; }) == "headers[0].name");
  CHECK(refusal([](auto& m) { m.files = {file("a/b", "x")}; }) == "files[0].name");
  CHECK(refusal([](auto& m) { m.files = {file("a", "x", "message/rfc822")}; })
        == "files[0].content_type");
  CHECK(refusal([](auto& m) {
          m.files = {file("a", "x")};
          m.files[0].place = file_place::shown;
          m.files[0].content_id = "a";
        })
        == "files[0].place");
  CHECK(refusal([](auto& m) {
          m.files = {file("a", "x"), file("b", "y")};
          m.files[0].content_id = m.files[1].content_id = "same";
        })
        == "files[1].content_id");
  CHECK(refusal([](auto& m) { m.files.assign(251, file("a", "x")); }) == "files");
  CHECK(refusal([](auto& m) { m.to.assign(501, {"", "b@y.test"}); }) == "taken");
  CHECK(refusal([](auto& m) {
          for (int count = 0; count < 500; ++count)
            m.to.push_back({"", "b" + std::to_string(count) + "@y.test"});
        })
        == "recipients");
}
