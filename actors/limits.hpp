#pragma once

#include <chrono>
#include <cstddef>

/// Every bound of the actors, each with its reason.
namespace mailfleet {

using std::chrono_literals::operator""s;

/// Events that one answer carries: about 1 MiB of JSON.
inline constexpr std::size_t max_events_an_answer = 1'000;
/// Events read at once while looking for those of one mailbox.
inline constexpr std::size_t event_page_size = 1'000;
/// Long polls open at once: each keeps a promise and a timer.
inline constexpr std::size_t max_event_followers = 256;
/// The longest long poll: below the idle time-outs of common HTTP front ends.
inline constexpr std::chrono::milliseconds max_event_wait = 55s;

/// A commit waits for a sync behind at most some 4 MiB batches; past this the
/// disk is in trouble and the requester starts over.
inline constexpr auto commit_timeout = 60s;
/// Reads and conversations between actors.
inline constexpr auto answer_timeout = 30s;
/// A token request waits for a refresh with its own deadline (30 s) and its commit.
inline constexpr auto token_timeout = 120s;

/// Children that a supervisor reads and starts at once, so that the start of a
/// large fleet leaves room for other messages.
inline constexpr std::size_t start_page_size = 500;

} // namespace mailfleet
