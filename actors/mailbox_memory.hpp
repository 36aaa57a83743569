#pragma once

#include "actors/sent_index.hpp"
#include "actors/world.hpp"
#include "messages/actors.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace mailfleet {

/// Whom and what a mailbox speaks to.
struct mailbox_surroundings {
  world outside;
  fleet_settings settings;
  store_actor store;
  providers_actor providers;
  mailboxes_actor parent;
  std::shared_ptr<byte_budget> process_budget;
  /// Mail of ours, which other mail answers or reports about; empty: none is known.
  std::shared_ptr<sent_index> index = nullptr;
  /// Is told of reports; empty: nobody is.
  outbox_actor outbox = {};
};

/// What a mailbox knows. All but `record` is read from the store before each
/// connection; `cursor` runs ahead of the disk while commits are under way.
struct mailbox_memory {
  mailbox_record record;
  std::optional<provider_record> provider;
  std::optional<cursor_record> cursor;
  std::deque<owed_action_record> actions;
};

} // namespace mailfleet
