#include "net/curl_transport.hpp"

#include "net/limits.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <poll.h>
#include <utility>

namespace mailfleet::net {

namespace {

bool all_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.find(c) != others.npos;
  });
}

result<void> check_host(const std::string& host) {
  if (host.empty() || host.size() > max_host_name || !all_of(host, "-._:"))
    return bad_field("host", "\"" + printable(host, max_quoted_words) + "\" is not a host name",
                     "give a DNS name (international ones as xn--...) or an address");
  return {};
}

result<std::string> normal_pin(const transport_settings& settings) {
  std::string pin = settings.pin_sha256;
  if (settings.rule != admission_rule::by_pin)
    return std::string{};
  for (auto& digit : pin)
    digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
  if (pin.size() != 64 || pin.find_first_not_of("0123456789abcdef") != pin.npos)
    return bad_field("pin_sha256", "is not a SHA-256", "give its 64 hexadecimal digits");
  return pin;
}

curl_text url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
    return nullptr;
  return curl_text{text};
}

result<void> check_proxy(const proxy_settings& proxy) {
  auto refused = [&](std::string_view fault) {
    return bad_field("proxy", fault, "give http://HOST:PORT, socks5h://HOST:PORT or direct");
  };
  url_handle url{curl_url()};
  if (!url
      || curl_url_set(url.get(), CURLUPART_URL, proxy.url.c_str(),
                      CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER)
             != CURLUE_OK)
    return refused("is not an address, or has a user in it");
  auto scheme = url_part(url.get(), CURLUPART_SCHEME);
  auto port = url_part(url.get(), CURLUPART_PORT);
  if (!scheme
      || (std::string_view{scheme.get()} != "http" && std::string_view{scheme.get()} != "socks5h"))
    return refused("has an unknown scheme");
  if (!port)
    return refused("names no port");
  for (const auto& name : proxy.no_proxy)
    if (name.empty() || name.size() > max_host_name || !all_of(name, "-._:/[]"))
      return bad_field("no_proxy", "has \"" + printable(name, max_quoted_words) + "\"",
                       "give host names, .suffix names or addresses");
  return {};
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text.append(text.empty() ? "" : ",").append(name);
  return text;
}

/// Nothing waits to be read.
bool is_quiet(int socket) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return socket >= 0 && ::poll(&waiting, 1, 0) == 0;
}

curl_off_t micros(CURL* easy, CURLINFO what) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, what, &value) == CURLE_OK ? value : 0;
}

} // namespace

const proxy_settings& effective_proxy(const proxy_settings& inner, const proxy_settings& outer) {
  return inner.url.empty() ? outer : inner;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  std::string text;
  if (host.find(':') == host.npos)
    text = host;
  else
    text.append("[").append(host).append("]");
  return text.append(":").append(std::to_string(port));
}

curl_transport::curl_transport(easy_handle easy, transport_settings settings, ca_store store)
  : settings_{std::move(settings)},
    where_{host_and_port(settings_.host, settings_.port)},
    terms_{settings_.rule, settings_.host, std::move(store), settings_.pin_sha256},
    admission_{std::make_shared<tls_admission>(terms_)},
    easy_{std::move(easy)} {}

result<std::unique_ptr<curl_transport>> curl_transport::open(transport_settings settings) {
  if (auto checked = check_host(settings.host); !checked)
    return checked.error();
  auto pin = normal_pin(settings);
  if (!pin)
    return pin.error();
  settings.pin_sha256 = *pin;
  auto store = load_ca_store(settings.ca_file);
  if (!store)
    return store.error();
  auto easy = make_easy();
  if (!easy)
    return easy.error();
  std::unique_ptr<curl_transport> opened{
      new curl_transport{*std::move(easy), std::move(settings), *std::move(store)}};
  if (auto set = opened->set_options(); !set)
    return set.error();
  return opened;
}

CURLcode curl_transport::on_tls_context(CURL*, void* context, void* self) noexcept {
  auto& transport = *static_cast<curl_transport*>(self);
  try {
    auto installed = tls_admission::install(transport.terms_, static_cast<SSL_CTX*>(context));
    if (!installed)
      return CURLE_OUT_OF_MEMORY;
    transport.admission_ = std::move(installed);
    return CURLE_OK;
  } catch (...) {
    return CURLE_OUT_OF_MEMORY;
  }
}

int curl_transport::on_request(void* self, char*, char*, int, int) noexcept {
  auto& transport = *static_cast<curl_transport*>(self);
  curl_tlssessioninfo* tls = nullptr;
  if (curl_easy_getinfo(transport.easy(), CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == nullptr
      || tls->internals == nullptr)
    return CURL_PREREQFUNC_OK;
  auto* connection = static_cast<SSL*>(tls->internals);
  auto found = tls_admission::of(SSL_get_SSL_CTX(connection));
  if (found && found == transport.admission_)
    return CURL_PREREQFUNC_OK;
  // Nobody was let in on other terms than ours, whatever libcurl compared. And
  // what came unasked, such as a 408 to an idle connection, libcurl would take
  // for our answer.
  transport.declined_ = !found || found->terms().store != transport.terms_.store
                        || SSL_pending(connection) > 0 || !is_quiet(found->idle_socket());
  if (transport.declined_)
    return CURL_PREREQFUNC_ABORT;
  transport.admission_ = std::move(found);
  return CURL_PREREQFUNC_OK;
}

void curl_transport::leave_connection() noexcept {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy(), CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK)
    admission_->leave(socket);
}

bool curl_transport::declined_connection() {
  return std::exchange(declined_, false)
         && curl_easy_setopt(easy(), CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

result<void> curl_transport::reuse_connections() {
  option_setter options{easy_.get()};
  options.set(CURLOPT_FRESH_CONNECT, 0L)
      .set(CURLOPT_MAXAGE_CONN, static_cast<long>(max_idle_connection.count()))
      .set(CURLOPT_PREREQFUNCTION, &curl_transport::on_request)
      .set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  return options.outcome();
}

result<void> curl_transport::set_options() {
  option_setter options{easy_.get()};
  options.set(CURLOPT_ERRORBUFFER, words_.data())
      .set(CURLOPT_NOSIGNAL, 1L)
      // A resolver thread that hangs is left behind, not waited for.
      .set(CURLOPT_QUICK_EXIT, 1L)
      .set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED))
      .set(CURLOPT_FOLLOWLOCATION, 0L)
      .set(CURLOPT_FRESH_CONNECT, 1L)
      .set(CURLOPT_MAXAGE_CONN, static_cast<long>(max_session_age.count()))
      .set(CURLOPT_TCP_KEEPALIVE, 1L)
      .set(CURLOPT_TCP_KEEPIDLE, static_cast<long>(keepalive_idle.count()))
      .set(CURLOPT_TCP_KEEPINTVL, static_cast<long>(keepalive_interval.count()))
      .set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      // A resumed session would show no certificate to decide over.
      .set(CURLOPT_SSL_SESSIONID_CACHE, 0L)
      .set(CURLOPT_SSL_VERIFYPEER, 1L)
      .set(CURLOPT_SSL_VERIFYHOST, settings_.rule == admission_rule::by_ca ? 2L : 0L)
      // The shared store comes by the context; libcurl's own cache of stores
      // would take one CA file's for another's.
      .set(CURLOPT_CAINFO, static_cast<const char*>(nullptr))
      .set(CURLOPT_CAPATH, static_cast<const char*>(nullptr))
      .set(CURLOPT_CA_CACHE_TIMEOUT, 0L)
      .set(CURLOPT_SSL_CTX_FUNCTION, &curl_transport::on_tls_context)
      .set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  if (auto set = set_proxy(options); !set)
    return set;
  return options.outcome();
}

result<void> curl_transport::set_proxy(option_setter& options) {
  const auto& proxy = settings_.proxy;
  if (proxy.url.empty() && settings_.environment_proxy)
    return {};
  // An empty name tells libcurl not to look into the environment.
  if (proxy.url.empty() || proxy.url == "direct") {
    options.set(CURLOPT_PROXY, "").set(CURLOPT_NOPROXY, "*");
    return {};
  }
  if (auto checked = check_proxy(proxy); !checked)
    return checked;
  options.set(CURLOPT_PROXY, proxy.url.c_str())
      .set(CURLOPT_NOPROXY, joined(proxy.no_proxy).c_str())
      .set(CURLOPT_HTTPPROXYTUNNEL, 1L)
      .set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L)
      .set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC))
      .set(CURLOPT_SOCKS5_AUTH, CURLAUTH_BASIC);
  if (!proxy.user.empty()) {
    options.set(CURLOPT_PROXYUSERNAME, proxy.user.c_str())
        .set(CURLOPT_PROXYPASSWORD, proxy.password.reveal().data());
  }
  return {};
}

bool curl_transport::took_over() const {
  long made = 0;
  return curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &made) == CURLE_OK && made == 0
         && micros(easy_.get(), CURLINFO_PRETRANSFER_TIME_T) > 0;
}

curl_transport::progress curl_transport::reached() const {
  if (took_over())
    return progress::behind_tls;
  // libcurl's own connect time comes after TLS.
  switch (admission_->handshake()) {
  case tls_admission::progress::done: return progress::behind_tls;
  case tls_admission::progress::begun: return progress::handshake;
  case tls_admission::progress::not_begun: break;
  }
  if (micros(easy_.get(), CURLINFO_NAMELOOKUP_TIME_T) == 0)
    return progress::looking_up;
  if (micros(easy_.get(), CURLINFO_CONNECT_TIME_T) == 0)
    return progress::connecting;
  return progress::before_tls;
}

std::string_view curl_transport::stage() const {
  switch (reached()) {
  case progress::looking_up: return "the name look-up";
  case progress::connecting: return "connecting";
  case progress::before_tls: return "the conversation before TLS";
  case progress::handshake: return "the TLS handshake";
  case progress::behind_tls: break;
  }
  return "waiting for the answer";
}

std::string curl_transport::curl_words(CURLcode code) const {
  std::string_view words{words_.data()};
  return printable(words.empty() ? curl_easy_strerror(code) : words, max_quoted_words);
}

bool curl_transport::proxy_refused(CURLcode code) const {
  if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY)
    return true;
  // libcurl reports a refused CONNECT as a failed receive.
  long answer = 0;
  if (curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &answer) == CURLE_OK && answer != 0
      && answer / 100 != 2)
    return true;
  bool proxied = !settings_.proxy.url.empty() && settings_.proxy.url != "direct" && !took_over();
  // TCP reaches the proxy first: whoever did not take the connection is it,
  // unless the list of exceptions sent us past it.
  return proxied && settings_.proxy.no_proxy.empty()
         && (code == CURLE_COULDNT_CONNECT
             || (code == CURLE_RECV_ERROR && micros(easy_.get(), CURLINFO_APPCONNECT_TIME_T) == 0
                 && answer == 0));
}

failure curl_transport::explain_tls(CURLcode code) const {
  if (!admission_->refusal().empty())
    return {errc::tls_untrusted,
            "The certificate of " + where_ + " is not trusted: " + admission_->refusal() + "."};
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return {errc::tls_untrusted,
            "The certificate of " + where_ + " is not trusted: " + curl_words(code) + "."};
  return {errc::tls_failed,
          "The TLS handshake with " + where_ + " failed: " + curl_words(code) + "."};
}

failure curl_transport::explain_timeout() const {
  return {errc::timed_out, where_ + " passed the deadline in " + std::string{stage()} + "."};
}

failure curl_transport::explain(CURLcode code) const {
  auto because = ": " + curl_words(code) + ".";
  if (code != CURLE_PEER_FAILED_VERIFICATION && proxy_refused(code))
    return {errc::proxy_failed,
            "The proxy " + settings_.proxy.url + " did not lead to " + where_ + because};
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
    return {errc::dns_failed, "The name " + settings_.host + " does not resolve" + because};
  case CURLE_COULDNT_CONNECT:
    return {errc::connect_failed, "No address of " + where_ + " took the connection" + because};
  case CURLE_OPERATION_TIMEDOUT: return explain_timeout();
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CLIENTCERT:
  case CURLE_SSL_CIPHER:
  case CURLE_PEER_FAILED_VERIFICATION: return explain_tls(code);
  case CURLE_USE_SSL_FAILED:
    return {errc::tls_required, where_ + " does not offer the TLS that is demanded" + because};
  case CURLE_FILESIZE_EXCEEDED:
    return {errc::too_large, "The answer of " + where_ + " passes its limit" + because};
  case CURLE_GOT_NOTHING:
  case CURLE_PARTIAL_FILE:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    return {errc::connection_lost,
            "The connection to " + where_ + " ended in " + std::string{stage()} + because};
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT:
    return {errc::invalid_argument, "The address of " + where_ + " cannot be used" + because};
  case CURLE_OUT_OF_MEMORY: return {errc::overloaded, "No memory to reach " + where_ + "."};
  default:
    return {errc::protocol_violation,
            where_ + " broke the protocol in " + std::string{stage()} + because};
  }
}

} // namespace mailfleet::net
