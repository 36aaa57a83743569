#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace mailfleet::web {

/// The open connections of a listener and who must go when they are too many:
/// the one that has been idle longest, which is one that sent no whole request
/// yet. So thousands of silent connections only push each other out. Not
/// thread-safe.
class connection_registry {
public:
  struct limits {
    std::size_t total = 0;
    std::size_t per_address = 0;
  };

  /// One connection. `close` ends it; it is called at most once.
  struct connection {
    std::string address;
    std::function<void()> close;
    bool listed = false;
    bool busy = false;
    std::list<std::shared_ptr<connection>>::iterator place{};
  };
  using handle = std::shared_ptr<connection>;

  explicit connection_registry(limits most) : most_{most} {}

  /// Takes a connection in, idle; closes the oldest idle ones over the limits.
  /// Nothing if all are busy: close the new one.
  [[nodiscard]] handle add(std::string address, std::function<void()> close);

  /// A busy connection is not pushed out; an idle one is the youngest again.
  void set_busy(const handle& which, bool busy);

  /// Forgets a connection that has ended.
  void remove(const handle& which);

  /// Closes the oldest idle connection, if there is one.
  bool close_oldest();

  /// Closes all.
  void close_all();

  [[nodiscard]] std::size_t size() const noexcept {
    return idle_.size() + busy_.size();
  }

private:
  bool close_oldest_of(const std::string& address);
  void close_one(const handle& which);

  const limits most_;
  std::list<handle> idle_;
  std::list<handle> busy_;
  std::map<std::string, std::size_t, std::less<>> per_address_;
};

} // namespace mailfleet::web
