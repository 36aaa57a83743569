#include "tests/web/http_peer.hpp"
#include "web/limits.hpp"
#include "web/unix_listener.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace mailfleet;
using namespace mailfleet::testing;
using web::unix_listener;

TEST_CASE("a socket is its owner's alone and goes with its listener") {
  temporary_folder folder;
  auto path = folder.path / "control.sock";
  {
    auto listener = unix_listener::open(path);
    REQUIRE(listener);
    struct ::stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777) == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a live socket is not taken away") {
  temporary_folder folder;
  auto path = folder.path / "control.sock";
  auto first = unix_listener::open(path);
  REQUIRE(first);
  auto second = unix_listener::open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::in_use);
  CHECK_NOTHROW(local_peer{path.string()});
}

TEST_CASE("a live socket without our lock is not taken away") {
  temporary_folder folder;
  auto path = folder.path / "control.sock";
  asio::io_context io;
  asio::local::stream_protocol::acceptor other{io, path.string()};
  auto listener = unix_listener::open(path);
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == errc::in_use);
}

TEST_CASE("the socket of a dead process is replaced") {
  temporary_folder folder;
  auto path = folder.path / "control.sock";
  {
    asio::io_context io;
    asio::local::stream_protocol::acceptor dead{io, path.string()};
  }
  REQUIRE(std::filesystem::exists(path));
  auto listener = unix_listener::open(path);
  REQUIRE(listener);
  CHECK_NOTHROW(local_peer{path.string()});
}

TEST_CASE("a file that is no socket is left alone") {
  temporary_folder folder;
  auto path = folder.path / "control.sock";
  std::ofstream{path} << "precious";
  auto listener = unix_listener::open(path);
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == errc::invalid_argument);
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("a path keeps the limit of a socket's") {
  temporary_folder folder;
  auto of_length = [&](std::size_t length) {
    auto base = folder.path.native() + '/';
    return base + std::string(length - base.size(), 'x');
  };
  CHECK(unix_listener::open(of_length(web::max_socket_path_bytes)));
  CHECK_FALSE(unix_listener::open(of_length(web::max_socket_path_bytes + 1)));
  CHECK_FALSE(unix_listener::open(""));
}
