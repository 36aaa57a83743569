#pragma once

#include "jobs/outbox_limits.hpp"
#include "messages/values/ids.hpp"
#include "messages/values/outgoing.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace mailfleet::jobs {

/// A mail that waits.
struct waiting_mail {
  /// Its number in the outbox; grows with each mail.
  std::uint64_t number = 0;
  entity_id mailbox;
  /// Not before.
  wall_time due{};
  send_priority priority = send_priority::interactive;
  std::uint32_t recipients = 1;
};

/// Which mail goes next. Each mailbox keeps within its limits; of those that may send, each
/// has its turn, those with interactive mail first; in a mailbox interactive mail goes before
/// bulk, and what has been due for longer before the rest. The work of a step grows with the
/// logarithm of what waits. One thread at a time.
class outbox_schedule {
public:
  explicit outbox_schedule(std::size_t max_under_way = max_sending)
    : max_under_way_{max_under_way} {}

  /// The limits of a mailbox; without them it has those of an unknown service.
  void set_limits(entity_id mailbox, const sending_limits& limits, wall_time now);

  /// What a mailbox sent before the program was started.
  void set_usage(entity_id mailbox, sending_usage usage, wall_time now);
  [[nodiscard]] const sending_usage* usage(entity_id mailbox) const;

  /// A mail waits. One of a known number is moved to its new time.
  void add(const waiting_mail& mail, wall_time now);

  /// A mail waits no more: cancelled.
  void remove(std::uint64_t number, wall_time now);

  /// A mailbox sends nothing until then; none: until `resume`.
  void hold(entity_id mailbox, std::optional<wall_time> until, wall_time now);
  void resume(entity_id mailbox, wall_time now);

  /// The mail to begin with now, which is under way then; nothing if none may go.
  [[nodiscard]] std::optional<waiting_mail> next(wall_time now);

  /// A mail that was under way is not any more. If it still waits, it is added again.
  void ended(entity_id mailbox, wall_time now);

  /// The recipients of a mail that began were not spoken of to the server: they count no more.
  void give_back(entity_id mailbox, std::uint32_t recipients, wall_time now);

  /// When `next` may have more to say, if nothing else happens before.
  [[nodiscard]] std::optional<wall_time> look_again(wall_time now) const;

  [[nodiscard]] std::size_t waiting() const noexcept {
    return mails_.size();
  }
  [[nodiscard]] std::size_t under_way() const noexcept {
    return under_way_;
  }

private:
  using by_due = std::set<std::pair<wall_time, std::uint64_t>>;

  /// What is kept of one mailbox.
  struct lane {
    sending_limits limits = limits_of_service({});
    sending_usage usage;
    by_due interactive;
    by_due bulk;
    std::uint32_t under_way = 0;
    bool held = false;
    /// For `held`; none: until it is resumed.
    std::optional<wall_time> held_until;
    /// When it had its last turn, counted in turns.
    std::uint64_t turn = 0;
    /// Where it stands in `order_`; none: nothing of it can go by time alone.
    std::optional<std::tuple<bool, std::uint64_t, entity_id>> ready;
    std::optional<wall_time> wakes;
  };

  /// The mail of a lane that would go next, if it may by `now`: what is due first, interactive
  /// first; if nothing is due, when something is.
  struct outlook {
    std::uint64_t number = 0;
    bool bulk = false;
    wall_time at{};
  };
  [[nodiscard]] std::optional<outlook> look(const lane& of, wall_time now) const;

  void take_out(entity_id mailbox, lane& of);
  /// Puts a lane where it belongs at `now`.
  void put_in(entity_id mailbox, lane& of, wall_time now);
  void erase(const waiting_mail& mail, lane& of);
  void wake(wall_time now);

  std::size_t max_under_way_;
  std::size_t under_way_ = 0;
  std::uint64_t turns_ = 0;
  std::map<std::uint64_t, waiting_mail> mails_;
  std::map<entity_id, lane> lanes_;
  /// Lanes that may send now: interactive ones first, then by their last turn.
  std::set<std::tuple<bool, std::uint64_t, entity_id>> ready_;
  /// Lanes that may send later.
  std::set<std::pair<wall_time, entity_id>> sleeping_;
};

} // namespace mailfleet::jobs
