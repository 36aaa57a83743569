#pragma once

#include "tests/tools/tool_run.hpp"
#include "tests/web/fake_door.hpp"
#include "tests/web/http_peer.hpp"
#include "tests/web/temporary_folder.hpp"
#include "web/control_server.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace mailfleet::testing {

/// The real ops tool at a server in this process, whose door answers as it is told.
struct tool_at_door {
  explicit tool_at_door(std::shared_ptr<fake_door> behind) : door{std::move(behind)} {
    auto started = web::control_server::start(loop.io, door, std::make_shared<counting_log>(),
                                              {folder.path / "control.sock"});
    REQUIRE(started);
    server = *std::move(started);
  }

  /// Runs the program, as a shell would, at this socket.
  outcome run(const std::string& arguments, const std::string& before = {}) const {
    return run_tool(folder.path, arguments, before);
  }

  temporary_folder folder;
  std::shared_ptr<fake_door> door;
  running_loop loop;
  std::unique_ptr<web::control_server> server;
};

} // namespace mailfleet::testing
