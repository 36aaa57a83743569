#pragma once

#include <chrono>
#include <cstddef>

/// Every limit on what an identity provider or a browser may send us.
namespace mailfleet::oauth2 {

/// A token answer holds three tokens of some KiB each; a discovery document is
/// smaller. What is longer is no such document.
inline constexpr std::size_t max_document_bytes = 256 * 1024;

/// Discovery documents nest two levels, token answers one.
inline constexpr int max_json_depth = 16;

/// Access tokens have no published length; above 4,096 bytes is common, and mail
/// servers refuse far shorter ones than this.
inline constexpr std::size_t max_token_bytes = 64 * 1024;

/// Issuers, endpoints, scopes, names: a longer text is no such thing.
inline constexpr std::size_t max_text_bytes = 2'048;

/// What is kept of words meant for people.
inline constexpr std::size_t max_description_bytes = 512;

/// Ids and short names in error answers (GUIDs have 36 characters).
inline constexpr std::size_t max_word_bytes = 64;

/// Microsoft sends one code, seldom two.
inline constexpr std::size_t max_error_codes = 16;

/// The callback's query carries a code of at most some KiB; browsers and proxies
/// cut at about this length.
inline constexpr std::size_t max_query_bytes = 16 * 1024;

/// RFC 6749, OpenID Connect and Microsoft's extras together use under ten.
inline constexpr std::size_t max_query_parameters = 32;

/// The longest token life known is 28 hours; a longer promise is not believed.
inline constexpr std::chrono::hours max_token_life{7 * 24};

/// Longer waits than a day are no throttling; whoever waits applies its own limit.
inline constexpr std::chrono::hours max_retry_after{24};

/// Clocks differ: how long after `exp` an id_token is still taken.
inline constexpr std::chrono::minutes id_token_skew{5};

} // namespace mailfleet::oauth2
