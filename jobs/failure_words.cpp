#include "jobs/failure_words.hpp"

#include "jobs/diagnosis.hpp"
#include "jobs/mail_replies.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mailfleet::jobs {

namespace {

/// The first row whose code and words a failure has counts.
struct words_row {
  errc code;
  std::string_view words;
  std::string_view diagnosis;
};

constexpr std::array rows{
    // net/curl_transport.cpp names the stage.
    words_row{errc::timed_out, "deadline in the name look-up", "network.dns_timed_out"},
    words_row{errc::timed_out, "deadline in connecting", "network.connect_timed_out"},
    words_row{errc::timed_out, "deadline in the TLS handshake", "tls.timed_out"},
    // net/ca_store.cpp.
    words_row{errc::invalid_argument, "ca_file \"", "tls.ca_file_unusable"},
    // libcurl. It does not say why no address took a connection.
    words_row{errc::proxy_failed, "resolve proxy", "proxy.unknown_name"},
    words_row{errc::proxy_failed, "response 407", "proxy.credential_refused"},
    words_row{errc::proxy_failed, "rejected by the SOCKS5", "proxy.credential_refused"},
    words_row{errc::proxy_failed, "No authentication method was acceptable",
              "proxy.credential_refused"},
    words_row{errc::proxy_failed, "response 4", "proxy.denied"},
    words_row{errc::proxy_failed, "response 5", "proxy.no_way"},
    words_row{errc::proxy_failed, "SOCKS5 connection to", "proxy.no_way"},
    words_row{errc::proxy_failed, "connect to", "proxy.unreachable"},
    // OpenSSL.
    words_row{errc::tls_failed, "wrong version number", "tls.not_spoken"},
    words_row{errc::tls_failed, "packet length too long", "tls.not_spoken"},
    words_row{errc::tls_failed, "unsupported protocol", "tls.too_old"},
    words_row{errc::tls_failed, "protocol version", "tls.too_old"},
    words_row{errc::tls_failed, "key too small", "tls.too_old"},
    words_row{errc::tls_failed, "handshake failure", "tls.too_old"},
    // net/tls_admission.cpp and net/certificate.cpp.
    words_row{errc::tls_untrusted, "not the pinned", "tls.pin_mismatch"},
    words_row{errc::tls_untrusted, "it expired on", "tls.expired"},
    words_row{errc::tls_untrusted, "it is not valid yet", "tls.not_valid_yet"},
    words_row{errc::tls_untrusted, "it is self-signed", "tls.self_signed"},
    words_row{errc::tls_untrusted, "its CA is unknown", "tls.unknown_ca"},
    words_row{errc::tls_untrusted, "does not name the host", "tls.wrong_host"},
    // protocols/oauth2/id_token.cpp.
    words_row{errc::sign_in_required, "id_token has expired", "clock.skewed"},
};

/// What a mail server said, if the detail is one of protocols/imap/refusal.cpp:
/// `the server refused DOING: [CODE] WORDS`, `the server ended the session: [CODE] WORDS`.
std::string_view told_by_server(errc code, std::string_view detail) {
  constexpr std::string_view refused = "the server refused ";
  constexpr std::string_view ended = "the server ended the session: ";
  std::string line;
  auto phase = reply_phase::session;
  if (detail.starts_with(ended)) {
    line.append("* BYE ").append(detail.substr(ended.size()));
  } else if (auto colon = detail.find(": "); detail.starts_with(refused) && colon != detail.npos) {
    auto doing = detail.substr(refused.size(), colon - refused.size());
    if (doing == "the sign-in" || doing == "LOGIN")
      phase = reply_phase::log_in;
    line.append("A1 NO ").append(detail.substr(colon + 2));
  } else {
    return {};
  }
  auto meaning = meaning_of(read_reply(reply_protocol::imap, phase, line));
  return meaning.is_close && meaning.diagnosis != row_of(code).code ? meaning.diagnosis
                                                                    : std::string_view{};
}

} // namespace

std::string_view told_by_words(const failure& what) {
  auto fits = [&](const words_row& row) {
    return row.code == what.code && what.detail.find(row.words) != std::string::npos;
  };
  if (auto row = std::ranges::find_if(rows, fits); row != rows.end())
    return row->diagnosis;
  switch (what.code) {
  case errc::server_refused:
  case errc::server_busy:
  case errc::authentication_failed:
  case errc::connection_lost: return told_by_server(what.code, what.detail);
  default: return {};
  }
}

} // namespace mailfleet::jobs
