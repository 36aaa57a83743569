#pragma once

#include "messages/values/errors.hpp"

#include <array>
#include <string_view>

/// The words of net/ and protocols/ at failures, and the diagnosis they must get.
namespace mailfleet::testing {

struct recorded_failure {
  errc code = errc::internal;
  std::string_view detail;
  std::string_view diagnosis;
};

inline constexpr std::array recorded_failures{
    recorded_failure{errc::invalid_argument,
                     "ca_file \"/etc/ssl/own.pem\" cannot be read: No such file or directory; name "
                     "a bundle that the user of mailfleetd may read, or let that user read it",
                     "tls.ca_file_unusable"},
    recorded_failure{errc::invalid_argument,
                     "ca_file \"/etc/ssl/own.pem\" holds no certificate; name a bundle in PEM form",
                     "tls.ca_file_unusable"},
    recorded_failure{errc::invalid_argument, "port is 0; give the server's port, such as 993",
                     "request.invalid_argument"},
    recorded_failure{errc::dns_failed,
                     "The name imap.example.net does not resolve: Could not resolve host: "
                     "imap.example.net.",
                     "network.dns_failed"},
    recorded_failure{errc::timed_out,
                     "imap.example.net:993 passed the deadline in the name look-up.",
                     "network.dns_timed_out"},
    recorded_failure{errc::timed_out, "imap.example.net:993 passed the deadline in connecting.",
                     "network.connect_timed_out"},
    recorded_failure{errc::timed_out,
                     "imap.example.net:993 passed the deadline in the TLS handshake.",
                     "tls.timed_out"},
    recorded_failure{errc::timed_out,
                     "imap.example.net:993 passed the deadline in waiting for the answer.",
                     "network.timed_out"},
    recorded_failure{errc::connect_failed,
                     "No address of imap.example.net:993 took the connection: Failed to connect to "
                     "imap.example.net port 993 after 1 ms: Couldn't connect to server.",
                     "network.connect_failed"},
    recorded_failure{errc::connection_lost,
                     "The connection to imap.example.net:993 ended in waiting for the answer: x.",
                     "network.connection_lost"},
    recorded_failure{errc::proxy_failed,
                     "The proxy http://proxy.example.net:3128 did not lead to "
                     "imap.example.net:993: Could not resolve proxy: proxy.example.net.",
                     "proxy.unknown_name"},
    recorded_failure{errc::proxy_failed,
                     "The proxy http://proxy.example.net:3128 did not lead to "
                     "imap.example.net:993: Failed to connect to proxy.example.net port 3128 after "
                     "0 ms: Couldn't connect to server.",
                     "proxy.unreachable"},
    recorded_failure{errc::proxy_failed,
                     "The proxy http://proxy.example.net:3128 did not lead to "
                     "imap.example.net:993: CONNECT tunnel failed, response 407.",
                     "proxy.credential_refused"},
    recorded_failure{errc::proxy_failed,
                     "The proxy socks5h://proxy.example.net:1080 did not lead to "
                     "imap.example.net:993: User was rejected by the SOCKS5 server (1 1)..",
                     "proxy.credential_refused"},
    recorded_failure{errc::proxy_failed,
                     "The proxy socks5h://proxy.example.net:1080 did not lead to "
                     "imap.example.net:993: No authentication method was acceptable..",
                     "proxy.credential_refused"},
    recorded_failure{errc::proxy_failed,
                     "The proxy http://proxy.example.net:3128 did not lead to "
                     "imap.example.net:993: CONNECT tunnel failed, response 403.",
                     "proxy.denied"},
    recorded_failure{errc::proxy_failed,
                     "The proxy http://proxy.example.net:3128 did not lead to "
                     "imap.example.net:993: CONNECT tunnel failed, response 503.",
                     "proxy.no_way"},
    recorded_failure{errc::proxy_failed,
                     "The proxy socks5h://proxy.example.net:1080 did not lead to "
                     "imap.example.net:993: Can't complete SOCKS5 connection to imap.example.net. "
                     "(4).",
                     "proxy.no_way"},
    recorded_failure{errc::tls_failed,
                     "The TLS handshake with imap.example.net:143 failed: error:0A00010B:SSL "
                     "routines::wrong version number.",
                     "tls.not_spoken"},
    recorded_failure{errc::tls_failed,
                     "The TLS handshake with imap.example.net:993 failed: error:0A000102:SSL "
                     "routines::unsupported protocol.",
                     "tls.too_old"},
    recorded_failure{errc::tls_failed,
                     "The TLS handshake with imap.example.net:993 failed: error:0A00018A:SSL "
                     "routines::dh key too small.",
                     "tls.too_old"},
    recorded_failure{errc::tls_failed,
                     "The TLS handshake with imap.example.net:993 failed: OpenSSL SSL_connect: "
                     "SSL_ERROR_SYSCALL in connection to imap.example.net:993.",
                     "tls.failed"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: it expired on "
                     "2026-01-01.",
                     "tls.expired"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: it is not valid yet.",
                     "tls.not_valid_yet"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: it is self-signed.",
                     "tls.self_signed"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: its CA is unknown "
                     "(issuer CN=Private CA).",
                     "tls.unknown_ca"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: it does not name the "
                     "host imap.example.net (subject CN=other.example.net).",
                     "tls.wrong_host"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: its SHA-256 is 0a, "
                     "not the pinned 0b.",
                     "tls.pin_mismatch"},
    recorded_failure{errc::tls_untrusted,
                     "The certificate of imap.example.net:993 is not trusted: it was only looked "
                     "at.",
                     "tls.untrusted"},
    recorded_failure{errc::sign_in_required,
                     "the id_token has expired; check the clock of this machine", "clock.skewed"},
};

} // namespace mailfleet::testing
