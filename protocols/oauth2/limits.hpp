#pragma once

#include <chrono>
#include <cstddef>

/// Every limit on what an identity provider or a browser may send us, and on what
/// we send it.
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

/// A host name has at most 253 characters (RFC 1035 2.3.4), and a port five.
inline constexpr std::size_t max_host_bytes = 260;

/// Entra admits some dozens of secrets and certificates an app; a listing of more is cut
/// off by `max_document_bytes` anyway.
inline constexpr std::size_t max_app_credentials = 512;

/// SHA-512 is the longest digest that names a certificate.
inline constexpr std::size_t max_thumbprint_bytes = 64;

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

/// Microsoft's device codes live 15 minutes, Google's 30; nobody waits a day.
inline constexpr std::chrono::hours max_device_code_life{24};

/// Device codes are asked for every 5 seconds; slower than this is never.
inline constexpr std::chrono::hours max_device_interval{1};

/// What a client waits between two questions unless told (RFC 8628 3.2).
inline constexpr std::chrono::seconds default_device_interval{5};

/// Clocks differ: how long after `exp` an id_token is still taken.
inline constexpr std::chrono::minutes id_token_skew{5};

/// Issuers publish under ten keys, with the old and the coming ones.
inline constexpr std::size_t max_keys = 100;

/// Names of keys are hashes of some 40 characters.
inline constexpr std::size_t max_kid_bytes = 256;

/// RFC 7518 3.3 demands 2,048 bits; beyond 8,192 a signature costs too much time.
inline constexpr int min_rsa_bits = 2'048;
inline constexpr int max_rsa_bits = 8'192;

/// Public exponents are 3 or 65,537; time to verify grows with their length.
inline constexpr int max_rsa_exponent_bits = 64;

/// A key of 8,192 bits and its chain, as PEM, have under 32 KiB.
inline constexpr std::size_t max_credential_bytes = 64 * 1024;

/// OpenSSL's own buffer for the password of a PEM key.
inline constexpr std::size_t max_password_bytes = 1'023;

/// A client's certificate and its chain; chains have under five.
inline constexpr std::size_t max_certificates = 16;

/// How long a client assertion holds. Microsoft wants 5 to 10 minutes: long enough
/// for clocks that differ, short enough that a stolen one is soon worthless.
inline constexpr std::chrono::minutes assertion_life{10};

} // namespace mailfleet::oauth2
