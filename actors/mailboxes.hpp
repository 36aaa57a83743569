#pragma once

#include "actors/mailbox.hpp"
#include "actors/nursery.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace mailfleet {

/// Supervisor of the mailboxes: starts those that are durable, spread out; adds,
/// removes and shows them; starts again the ones that end with an error.
class mailboxes_supervisor {
public:
  static inline const char* name = "mailboxes";

  explicit mailboxes_supervisor(mailboxes_actor::pointer self) : self_{self} {}

  /// `around.parent` is filled in here.
  void init(mailbox_surroundings around);

  // -- requests

  caf::result<mailbox_view> add(const start_mailbox& request);
  caf::result<done> remove(const reference& which);
  caf::result<mailbox_list> list(const list_views& request);
  caf::result<done> await_all();
  caf::result<mailbox_view> steer(const steer_mailbox& request);
  caf::result<mailbox_view> change(change_mailbox& request);
  void pass_on(const grant_changed& news);
  void on_mended(const provider_mended& news);

  // -- events

  void load(const load_children& page);
  void on_changed(mailbox_view view);
  void on_down(const caf::down_msg& down);
  void restart(entity_id id);
  void on_exit(const caf::exit_msg& exit);

private:
  using child = nursery<mailbox_actor, mailbox_view>::child;

  void on_loaded(scan_page& page);
  child& admit(const mailbox_record& who);
  void start(child& whose, const mailbox_record& who, std::chrono::milliseconds first_wait);
  void erase(child& whose, caf::typed_response_promise<done> client);

  mailboxes_actor::pointer self_;
  mailbox_surroundings around_;
  nursery<mailbox_actor, mailbox_view> children_;
  /// How many were started from disk: their first connections are spread.
  std::size_t loaded_ = 0;
  /// Until when the mailboxes of a provider are being let go on.
  std::unordered_map<entity_id, caf::actor_clock::time_point> resuming_;
  /// All that there were at the start have been read; who waits for that.
  bool all_known_ = false;
  std::vector<caf::typed_response_promise<done>> waiting_;
  bool stopping_ = false;
};

mailboxes_actor::behavior_type
mailboxes(mailboxes_actor::stateful_pointer<mailboxes_supervisor> self,
          mailbox_surroundings around);

} // namespace mailfleet
