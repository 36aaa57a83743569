#include "jobs/diagnosis_rows.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum course;

// Each row: code, what happened, who must act, cure, what the program does.
constexpr std::array rows{
    diagnosis_row{"network.dns_timed_out", "The look-up of the server's name took too long.",
                  "operator", "check this machine's resolver: `resolvectl status`", retried},
    diagnosis_row{"network.connect_timed_out",
                  "The server's machine did not answer: it is down, or a firewall drops what we "
                  "send.",
                  "operator",
                  "check host and port with `mailfleet mailbox show {mailbox}`, and the firewall",
                  retried},
    // Proxies.
    diagnosis_row{"proxy.unknown_name", "The proxy's name did not resolve.", "operator",
                  "check the proxy's address: `mailfleet mailbox show {mailbox}`, `mailfleet "
                  "provider show {provider}`",
                  retried},
    diagnosis_row{"proxy.unreachable", "The proxy took no connection.", "operator",
                  "check that the proxy runs, and its address: `mailfleet mailbox show {mailbox}`, "
                  "`mailfleet provider show {provider}`",
                  retried},
    diagnosis_row{"proxy.credential_refused", "The proxy refused user name or password.",
                  "operator",
                  "give the right ones (--proxy-user, --proxy-password-file) to the mailbox, the "
                  "provider, or `mailfleetd run`",
                  retried},
    diagnosis_row{"proxy.denied", "The proxy does not admit connections to this server.",
                  "operator", "let the proxy admit the host and port that the evidence names",
                  retried},
    diagnosis_row{"proxy.no_way", "The proxy did not reach the server.", "operator",
                  "check host and port with `mailfleet mailbox show {mailbox}`, and the network of "
                  "the proxy",
                  retried},
    // TLS.
    diagnosis_row{
        "tls.ca_file_unusable", "The file of trusted CAs cannot be read, or holds no certificate.",
        "operator",
        "put the bundle (PEM) where it is looked for, and let the user of mailfleetd read "
        "it; it is read again for the next connection, which `mailfleet mailbox fetch "
        "{mailbox}` makes at once",
        retried_slowly},
    diagnosis_row{"tls.timed_out", "The TLS handshake took too long.", "operator",
                  "check port and kind of TLS (a port for STARTTLS stays silent towards TLS), and "
                  "what inspects TLS on the way",
                  retried},
    diagnosis_row{"tls.not_spoken", "The port does not speak TLS from its first byte.", "operator",
                  "give the TLS port (993), or `--imap-tls starttls` (143)", retried},
    diagnosis_row{
        "tls.too_old", "The server's TLS is too old, or its keys are too weak.", "provider",
        "let the server's administrator offer TLS 1.2 or later with a modern cipher", retried},
    diagnosis_row{"tls.expired", "The server's certificate has expired.", "provider",
                  "let the server's administrator renew it; check this machine's clock: "
                  "`timedatectl`",
                  retried_slowly},
    diagnosis_row{"tls.not_valid_yet", "The server's certificate is not valid yet.", "operator",
                  "check this machine's clock: `timedatectl`; if it is right, the server's "
                  "administrator must act",
                  retried_slowly},
    diagnosis_row{"tls.self_signed", "The server's certificate is self-signed.", "operator",
                  "see it with `mailfleet certificate HOST`, compare it with what the server's "
                  "administrator says, and add the mailbox with its --pin-sha256",
                  retried_slowly},
    diagnosis_row{"tls.unknown_ca", "Nobody we trust has signed the server's certificate.",
                  "operator",
                  "if the server has a private CA add the mailbox with its --imap-ca-file; if not, "
                  "somebody may be listening: do not sign in",
                  retried_slowly},
    diagnosis_row{"tls.wrong_host", "The certificate is that of another host.", "operator",
                  "use a name that the certificate has (`mailfleet certificate HOST` shows them); "
                  "if the name is right, somebody may be listening: do not sign in",
                  retried_slowly},
    diagnosis_row{"tls.pin_mismatch", "The server shows another certificate than the pinned one.",
                  "operator",
                  "ask the server's administrator whether it was renewed; if so, add the mailbox "
                  "with the new --pin-sha256; if not, somebody may be listening",
                  retried_slowly},
};

} // namespace

std::span<const diagnosis_row> network_rows() {
  return rows;
}

} // namespace mailfleet::jobs
