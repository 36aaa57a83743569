#pragma once

#include "actors/account_access.hpp"
#include "actors/world.hpp"
#include "messages/actors.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <string>

namespace mailfleet {

/// What a look has around it.
struct sent_look_surroundings {
  world outside;
  store_actor store;
  providers_actor providers;
};

/// Looks for one mail in the Sent folders where it may be: the mailbox's, and that of the
/// account whose token is used where it is another. Whatever goes wrong, it answers, and ends
/// then; it ends as well when nobody waits for the answer any more.
class sent_look_machine {
public:
  static inline const char* name = "sent look";

  explicit sent_look_machine(sent_look_actor::pointer self) : self_{self}, access_{self} {}

  void init(sent_look_surroundings around);

  // -- messages

  caf::result<sent_looked> begin(look_into_sent& what);
  void on_searched(sent_searched& news);

private:
  void get_in();
  /// Whom else to ask: the token's owner.
  void find_owner(const secret& credential);
  void search(const secret& credential, std::string_view owner);
  /// Nothing could be asked.
  void give_up(const failure& why, bool possible);
  void answer();

  sent_look_actor::pointer self_;
  sent_look_surroundings around_;
  account_access<sent_look_actor> access_;
  caf::typed_response_promise<sent_looked> promise_;
  outbox_record mail_;
  sent_looked seen_;
  /// Searches that have not ended.
  std::size_t open_ = 0;
  /// Itself: nothing else holds it while a server is searched.
  caf::strong_actor_ptr stays_;
};

sent_look_actor::behavior_type
sent_look_once(sent_look_actor::stateful_pointer<sent_look_machine> self,
               sent_look_surroundings around);

} // namespace mailfleet
