#include "tests/web/temporary_folder.hpp"
#include "tools/secret_input.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <unistd.h>

using namespace mailfleet;
using namespace mailfleet::tools;
using mailfleet::testing::temporary_folder;

TEST_CASE("a secret is a file's content without its line end") {
  temporary_folder folder;
  CHECK(read_secret_file(folder.file("a", "top secret\n"))->reveal() == "top secret");
  CHECK(read_secret_file(folder.file("b", "top secret\r\n"))->reveal() == "top secret");
  CHECK(read_secret_file(folder.file("c", " top\nsecret"))->reveal() == " top\nsecret");
}

TEST_CASE("a secret keeps its limit") {
  temporary_folder folder;
  std::string largest(16 * 1'024, 's');
  CHECK(read_secret_file(folder.file("a", largest))->reveal() == largest);
  CHECK(read_secret_file(folder.file("b", largest + '\n'))->reveal() == largest);
  CHECK_FALSE(read_secret_file(folder.file("c", largest + "s")));
  CHECK_FALSE(read_secret_file(folder.file("d", largest + largest)));
}

TEST_CASE("a file without a secret is refused") {
  temporary_folder folder;
  CHECK_FALSE(read_secret_file(folder.file("a", "")));
  CHECK_FALSE(read_secret_file(folder.file("b", "\n")));
  CHECK_FALSE(read_secret_file(folder.path / "absent"));
  CHECK_FALSE(read_secret_file(folder.path));
}

TEST_CASE("a secret is read from a descriptor to its end") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  REQUIRE(::write(pipe[1], "abc\n", 4) == 4);
  ::close(pipe[1]);
  auto found = read_secret_descriptor(pipe[0]);
  ::close(pipe[0]);
  REQUIRE(found);
  CHECK(found->reveal() == "abc");
  CHECK_FALSE(read_secret_descriptor(-1));
}
