#include "protocols/mime/header_block.hpp"
#include "protocols/mime/library.hpp"
#include "protocols/mime/limits.hpp"
#include "protocols/mime/message_ids.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::mime;
using namespace std::chrono_literals;

TEST_CASE("Header sections of others are read leniently", "[mime]") {
  std::string_view text = "A: 1\r\nrubbish\n folded rubbish\nB:2\n\t3 \n\nbody";
  auto fields = take_header_block(text);
  REQUIRE(fields.size() == 2);
  CHECK(value_of(fields, "a") == "1");
  CHECK(value_of(fields, "B") == "2 3");
  CHECK(value_of(fields, "C").empty());
  CHECK(text == "body");
  std::string many;
  for (std::size_t count = 0; count < max_header_fields + 9; ++count)
    many += "X: y\n";
  std::string_view rest = many;
  CHECK(take_header_block(rest).size() == max_header_fields);
  CHECK(rest.empty());
}

TEST_CASE("Message-IDs are found, sound ones only", "[mime]") {
  CHECK(message_ids_in("<a@b> junk <c@d><a@b> <e f@g> <h@> <i@j")
        == std::vector<std::string>{"<a@b>", "<c@d>"});
  CHECK(is_sound_message_id("<a.b$c@[192.0.2.1]>"));
  for (const auto* bad : {"a@b", "<a>", "<@b>", "<a@>", "<a@b@c>", "<a b@c>", "<\xc3\xa4@b>", ""})
    CHECK_FALSE(is_sound_message_id(bad));
  CHECK_FALSE(is_sound_message_id("<" + std::string(250, 'a') + "@b>"));
  std::string many;
  for (int count = 0; count < 200; ++count)
    many += "<" + std::to_string(count) + "@x>";
  auto kept = message_ids_in(many);
  CHECK(kept.size() == max_references);
  CHECK(kept.front() == "<0@x>");
  CHECK(kept.back() == "<199@x>");
  CHECK(thread_of("<a@b>", "<a@b> <c@d>") == std::vector<std::string>{"<a@b>", "<c@d>"});
}

TEST_CASE("Addresses are read from lists with names, comments and groups", "[mime]") {
  auto list =
      read_address_list("\"Müller, Jörg\" <j@x.test>, k@x.test (K), g: l@x.test, m@x.test;");
  REQUIRE(list);
  REQUIRE(list->size() == 4);
  CHECK(list->front() == mail_address{"Müller, Jörg", "j@x.test"});
  CHECK((*list)[3].address == "m@x.test");
  CHECK(decoded_text("=?utf-8?q?H=C3=A4?= =?utf-8?q?=1b?=", 100) == "Hä?");
}

TEST_CASE("Dates are read and written", "[mime]") {
  CHECK(write_date(wall_time{1'700'000'000s}) == "Tue, 14 Nov 2023 22:13:20 +0000");
  CHECK(read_date("Tue, 14 Nov 2023 23:13:20 +0100") == wall_time{1'700'000'000s});
  CHECK_FALSE(read_date("soon"));
}

TEST_CASE("Hostile lists and values end soon, and nowhere in a stack's overflow", "[mime]") {
  auto repeated = [](std::string_view part) {
    std::string text;
    while (text.size() < max_header_section_bytes)
      text += part;
    return text;
  };
  CHECK_FALSE(read_address_list(repeated("a:")));
  std::string groups;
  for (std::size_t count = 0; count < max_list_colons; ++count)
    groups += "a:";
  static_cast<void>(read_address_list(groups));
  for (const auto* part :
       {"(", ")", "<", "\"", "\\", "[", "@", ",", "=?utf-8?q?a?= ", "a@b, ", ";"}) {
    static_cast<void>(read_address_list(repeated(part)));
    static_cast<void>(decoded_text(repeated(part), 100));
    static_cast<void>(read_date(repeated(part)));
    static_cast<void>(read_media_type("a/b; " + repeated(part)));
  }
  CHECK(read_media_type("Multipart/Report; boundary=\"a b\"").boundary == "a b");
  CHECK(read_media_type("").name == "text/plain");
  CHECK(decoded_content("YWI=", "base64") == "ab");
  CHECK(decoded_content("a=3Db", "Quoted-Printable") == "a=b");
  CHECK(decoded_content("a=b", "odd") == "a=b");
}
