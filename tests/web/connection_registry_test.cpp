#include "web/connection_registry.hpp"

#include <catch2/catch.hpp>

#include <vector>

using mailfleet::web::connection_registry;

namespace {

struct fixture {
  connection_registry::handle add(const std::string& address, int name) {
    return registry.add(address, [this, name] { closed.push_back(name); });
  }

  std::vector<int> closed;
  connection_registry registry{{.total = 3, .per_address = 2}};
};

} // namespace

TEST_CASE_METHOD(fixture, "over the total the oldest idle connection goes") {
  auto first = add("a", 1);
  auto second = add("b", 2);
  auto third = add("c", 3);
  CHECK(closed.empty());
  auto fourth = add("d", 4);
  CHECK(closed == std::vector{1});
  CHECK(registry.size() == 3);
}

TEST_CASE_METHOD(fixture, "over an address's limit its own oldest idle connection goes") {
  auto first = add("b", 1);
  auto second = add("a", 2);
  auto third = add("a", 3);
  auto fourth = add("a", 4);
  CHECK(closed == std::vector{2});
}

TEST_CASE_METHOD(fixture, "a busy connection is not pushed out") {
  auto first = add("a", 1);
  registry.set_busy(first, true);
  auto second = add("b", 2);
  auto third = add("c", 3);
  auto fourth = add("d", 4);
  CHECK(closed == std::vector{2});
}

TEST_CASE_METHOD(fixture, "when all are busy the new one is refused") {
  for (auto address : {"a", "b", "c"})
    registry.set_busy(add(address, 1), true);
  CHECK_FALSE(add("d", 4));
  CHECK(closed.empty());
}

TEST_CASE_METHOD(fixture, "one that was busy is the youngest idle one again") {
  auto first = add("a", 1);
  auto second = add("b", 2);
  auto third = add("c", 3);
  registry.set_busy(first, true);
  registry.set_busy(first, false);
  auto fourth = add("d", 4);
  CHECK(closed == std::vector{2});
}

TEST_CASE_METHOD(fixture, "one that ended is forgotten, also when it was pushed out") {
  auto first = add("a", 1);
  registry.remove(first);
  CHECK(registry.size() == 0);
  registry.remove(first);
  registry.set_busy(first, true);
  CHECK(registry.size() == 0);
  auto second = add("a", 2);
  auto third = add("a", 3);
  CHECK(closed.empty());
}

TEST_CASE_METHOD(fixture, "closing all closes each once") {
  auto first = add("a", 1);
  auto second = add("b", 2);
  registry.set_busy(second, true);
  registry.close_all();
  CHECK(closed == std::vector{1, 2});
  CHECK_FALSE(registry.close_oldest());
}
