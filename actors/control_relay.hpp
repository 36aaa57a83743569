#pragma once

#include "actors/control.hpp"
#include "actors/limits.hpp"

#include <type_traits>
#include <utility>

/// How control asks other actors: the bodies of its templates, for the files
/// that implement it.
namespace mailfleet {

/// What the store or a supervisor answers by itself, sooner or later. All else is passed on to a
/// child, and one that fails takes what it was asked with it.
template <class Message>
inline constexpr bool is_always_answered =
    std::disjunction_v<std::is_same<Message, read_record>, std::is_same<Message, scan_request>,
                       std::is_same<Message, report_storage>, std::is_same<Message, list_views>,
                       std::is_same<Message, report_outbox>, std::is_same<Message, accept_mail>,
                       std::is_same<Message, start_mailbox>, std::is_same<Message, start_provider>,
                       std::is_same<Message, remove_entity>>;

template <class Answer, class Handle, class Message, class Use>
void control_desk::ask(const Handle& whom, Message message, client to, Use use) {
  auto patience =
      is_always_answered<Message> ? caf::duration{until_answered} : caf::duration{control_timeout};
  self_->request(whom, patience, std::move(message))
      .then([this, to, use](Answer& answer) mutable { use(answer, to); },
            [this, to](const caf::error& what) mutable { refuse(to, as_failure(what)); });
}

template <class Use>
void control_desk::with_provider(const reference& which, client to, Use use) {
  ask<provider_list>(around_.providers, list_views{which}, std::move(to),
                     [use](provider_list& found, client& asker) mutable {
                       use(found.providers.front().record, asker);
                     });
}

template <class Use>
void control_desk::with_provider_of(const mailbox_record& who, client to, Use use) {
  if (!who.provider)
    return use(nullptr, to);
  with_provider(reference{to_string(*who.provider)}, std::move(to),
                [use = std::move(use)](const provider_record& provider, client& asker) mutable {
                  use(&provider, asker);
                });
}

template <class Use>
void control_desk::with_mailbox(const reference& which, client to, Use use) {
  ask<mailbox_list>(around_.mailboxes, list_views{which}, std::move(to),
                    [use](mailbox_list& found, client& asker) mutable {
                      use(found.mailboxes.front().record, asker);
                    });
}

template <class Answer, class Handle, class Message>
void control_desk::relay(const Handle& whom, Message message, client to) {
  ask<Answer>(whom, std::move(message), std::move(to),
              [this](Answer& answer, client& asker) { finish(asker, std::move(answer)); });
}

} // namespace mailfleet
