#pragma once

#include "messages/values/outgoing.hpp"
#include "protocols/smtp/engine.hpp"

/// What a session tells of an attempt, in the words that the outbox decides by.
namespace mailfleet::smtp {

/// How far an attempt came that ended in this phase. All content gone without its dot is
/// still `body`: the server discards it.
[[nodiscard]] send_phase send_phase_of(engine::phase phase) noexcept;

/// What a server said, printable and cut.
[[nodiscard]] server_words server_words_of(const smtp_reply& reply);

} // namespace mailfleet::smtp
