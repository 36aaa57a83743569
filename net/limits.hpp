#pragma once

#include <chrono>
#include <cstddef>

/// Every limit of the network layer, with its reason.
namespace mailfleet::net {

// -- deadlines ----------------------------------------------------------------

/// From name look-up through address fallback, proxy, TLS and STARTTLS to the
/// end of the greeting. Two lost SYNs cost 3 s, a slow resolver 10 s.
inline constexpr std::chrono::milliseconds connect_deadline{30'000};

/// A look for a person who waits, in place of `connect_deadline`: with log-in and QUIT it
/// stays below the minute that an answer of the control interface may take.
inline constexpr std::chrono::milliseconds look_deadline{12'000};

/// A look's log-in, whole: Exchange's proxy hop takes several seconds.
inline constexpr std::chrono::milliseconds login_deadline{20'000};

/// QUIT is a courtesy.
inline constexpr std::chrono::milliseconds quit_deadline{2'000};

/// No wait is longer, so that a deadline can be added to any time.
inline constexpr std::chrono::hours longest_wait{24};

// -- connections --------------------------------------------------------------

/// Sessions in one multi handle: `curl_easy_recv` searches all connections of
/// its multi, 0.4 us with one and 16 us with 4,000.
inline constexpr std::size_t max_sessions_per_multi = 250;

/// Reads of one session that were served at once before others get their turn:
/// half a megabyte, some 2 ms of work.
inline constexpr int reads_before_yield = 32;

/// An idle connection that no packet crosses for this long is probed, so that
/// firewalls keep it and a dead peer is noticed.
inline constexpr std::chrono::seconds keepalive_idle{120};
inline constexpr std::chrono::seconds keepalive_interval{30};

/// libcurl closes connections it believes unused after this; a session in IDLE
/// lives for days.
inline constexpr std::chrono::seconds max_session_age{365L * 24 * 3600};

/// An HTTP connection that nobody used for this long is closed: a burst of token
/// requests shares its handshakes, and no server has lost patience by then.
inline constexpr std::chrono::seconds max_idle_connection{15};

/// HTTP connections of one group, above which one that becomes idle is closed: libcurl
/// counts the busy ones too, so it is twice what a provider has open at once.
inline constexpr long max_kept_connections = 64;

// -- what peers may send ------------------------------------------------------

/// Lines before and around STARTTLS: a greeting and two lists of capabilities.
inline constexpr std::size_t max_greeting_bytes = 64 * 1024;

/// All header lines of an HTTP answer together, and their number.
inline constexpr std::size_t max_http_header_bytes = 64 * 1024;
inline constexpr std::size_t max_http_headers = 200;

/// Characters of a server's own words in an error text.
inline constexpr std::size_t max_quoted_words = 200;

// -- what callers may send ----------------------------------------------------

/// A DNS name has at most 253 characters (RFC 1035 2.3.4).
inline constexpr std::size_t max_host_name = 253;

/// A token request with a certificate's assertion stays below 16 KiB.
inline constexpr std::size_t max_http_request_bytes = 1024 * 1024;

/// libcurl's copy of what goes out, made for each request and overwritten after it: the least
/// that it takes, where its own choice is four times as much.
inline constexpr long upload_buffer_bytes = 16 * 1024;

/// An address with a long query; what servers commonly accept.
inline constexpr std::size_t max_url_bytes = 8 * 1024;

} // namespace mailfleet::net
