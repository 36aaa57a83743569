#pragma once

#include "actors/nursery.hpp"
#include "actors/provider.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mailfleet {

/// Supervisor of the providers: starts those that are durable; adds, removes and
/// shows them; leads each message to the child it is for. Changes of client secrets
/// are in providers_secrets.cpp.
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
  caf::result<done> await_all();

  /// Passes `message` on to the provider `id`.
  template <class Answer, class Message>
  caf::result<Answer> pass_on(std::optional<entity_id> id, Message message);
  caf::result<provider_view> put(const put_secret& request);
  caf::result<provider_view> drop(const drop_secret& request);
  /// Sends `news` to the provider it names, if that is there.
  template <class News>
  void hand_down(const News& news);

  // -- events

  void load(const load_children& page);
  void on_changed(provider_view view);
  void on_down(const caf::down_msg& down);
  void restart(entity_id id);
  void on_exit(const caf::exit_msg& exit);
  /// Whoever sent this is told from now on.
  void follow();
  template <class News>
  void tell(const News& news);

private:
  using child = nursery<provider_actor, provider_view>::child;

  void on_loaded(const scan_page& page);
  child& admit(const provider_record& who);
  void start(child& whose, const provider_record& who);
  void leave_if_alone();

  /// The record that follows from one and what is seen of it; or why there is none.
  using secret_change =
      std::function<result<provider_record>(provider_record, const provider_view&)>;
  caf::result<provider_view> change_secrets(const reference& which, event_kind told,
                                            secret_change make);
  void commit_secrets(provider_record next, std::uint64_t version, event_kind told,
                      caf::typed_response_promise<provider_view> client);
  providers_actor::pointer self_;
  provider_surroundings around_;
  nursery<provider_actor, provider_view> children_;
  std::vector<provider_follower_actor> followers_;
  /// All that there were at the start have been read; who waits for that.
  bool all_known_ = false;
  std::vector<caf::typed_response_promise<done>> waiting_;
  bool stopping_ = false;
};

/// What is said of a name that no provider has.
[[nodiscard]] failure unknown_provider(const reference& which);

providers_actor::behavior_type
providers(providers_actor::stateful_pointer<providers_supervisor> self,
          provider_surroundings around);

} // namespace mailfleet
