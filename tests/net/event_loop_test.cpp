#include "net/event_loop.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <memory>
#include <set>
#include <thread>

using namespace mailfleet::net;

namespace {

std::thread::id thread_of(boost::asio::io_context& context) {
  std::promise<std::thread::id> id;
  boost::asio::post(context, [&] { id.set_value(std::this_thread::get_id()); });
  return id.get_future().get();
}

} // namespace

TEST_CASE("each context of a loop has one thread of its own", "[event_loop]") {
  event_loop loop{3};
  std::set<std::thread::id> threads;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    threads.insert(thread_of(loop.at(i)));
    CHECK(thread_of(loop.at(i)) == thread_of(loop.at(i)));
  }
  CHECK(threads.size() == 3);
}

TEST_CASE("a loop without threads has one", "[event_loop]") {
  event_loop loop{0};
  CHECK(loop.size() == 1);
  CHECK(&loop.next() == &loop.at(0));
}

TEST_CASE("contexts are given in turn", "[event_loop]") {
  event_loop loop{2};
  auto* first = &loop.next();
  auto* second = &loop.next();
  CHECK(first != second);
  CHECK(&loop.next() == first);
}

TEST_CASE("a stopped loop runs no handler and destroys those that wait", "[event_loop]") {
  auto held = std::make_shared<int>(0);
  {
    event_loop loop{1};
    loop.stop();
    boost::asio::post(loop.at(0), [held] { ++*held; });
    CHECK(held.use_count() == 2);
  }
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
}
