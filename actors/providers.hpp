#pragma once

#include "actors/nursery.hpp"
#include "actors/provider.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace mailfleet {

/// Supervisor of the providers: starts those that are durable; adds, removes and
/// shows them; leads each message to the child it is for.
class providers_supervisor {
public:
  static inline const char* name = "providers";

  explicit providers_supervisor(providers_actor::pointer self) : self_{self} {}

  /// `around.parent` is filled in here.
  void init(provider_surroundings around);

  // -- requests

  caf::result<provider_view> add(const start_provider& request);
  caf::result<done> remove(const reference& which);
  caf::result<provider_list> list(const list_views& request);

  /// Passes `message` on to the provider `id`.
  template <class Answer, class Message>
  caf::result<Answer> pass_on(std::optional<entity_id> id, Message message);
  void forget(const forget_grant& news);
  void rest(const grant_idle& news);

  // -- events

  void load(const load_children& page);
  void on_changed(provider_view view);
  void on_down(const caf::down_msg& down);
  void restart(entity_id id);
  void on_exit(const caf::exit_msg& exit);

private:
  using child = nursery<provider_actor, provider_view>::child;

  void on_loaded(const scan_page& page);
  child& admit(const provider_record& who);
  void start(child& whose, const provider_record& who);
  void leave_if_alone();

  providers_actor::pointer self_;
  provider_surroundings around_;
  nursery<provider_actor, provider_view> children_;
  bool stopping_ = false;
};

providers_actor::behavior_type
providers(providers_actor::stateful_pointer<providers_supervisor> self,
          provider_surroundings around);

} // namespace mailfleet
