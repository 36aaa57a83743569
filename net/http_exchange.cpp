#include "net/http_exchange.hpp"

#include "messages/values/fail_point.hpp"
#include "net/curl_pool.hpp"
#include "net/limits.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace mailfleet::net {

namespace {

/// What a request's address says.
struct address {
  std::string host;
  std::uint16_t port = 0;
  bool plain = false;
};

curl_text part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  auto code = curl_url_get(url, part, &text, CURLU_DEFAULT_PORT);
  return curl_text{code == CURLUE_OK ? text : nullptr};
}

/// libcurl has brought an IPv4 address to its four numbers.
bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1"
         || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

result<address> read_address(const std::string& text) {
  auto refused = [](std::string_view fault) {
    return bad_field("url", fault, "give an https address, or http on a loopback address");
  };
  if (text.size() > max_url_bytes || text.find('\0') != text.npos)
    return refused("is too long or has a NUL in it");
  url_handle url{curl_url()};
  if (!url
      || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
    return refused("is not an address, or has a user in it");
  auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  auto host = part_of(url.get(), CURLUPART_HOST);
  auto port = part_of(url.get(), CURLUPART_PORT);
  if (!scheme || !host || !port)
    return refused("lacks a part");
  address read;
  read.host = host.get();
  if (read.host.starts_with('[') && read.host.ends_with(']'))
    read.host = read.host.substr(1, read.host.size() - 2);
  std::string_view digits{port.get()};
  std::from_chars(digits.data(), digits.data() + digits.size(), read.port);
  read.plain = std::string_view{scheme.get()} == "http";
  if (!read.plain && std::string_view{scheme.get()} != "https")
    return refused("has another scheme");
  if (read.plain && !is_loopback(read.host))
    return refused("is not protected by TLS");
  return read;
}

/// A header that cannot become two (RFC 9110 5.5), nor change the framing.
bool is_sound_header(std::string_view name, std::string_view value) {
  auto is_token = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  auto is_text = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  return !name.empty() && std::ranges::all_of(name, is_token)
         && std::ranges::all_of(value, is_text);
}

} // namespace

http_exchange::http_exchange(http_request request, std::function<void(result<http_response>)> done)
  : request_{std::move(request)}, done_{std::move(done)}, answer_{request_.max_response_bytes} {}

http_exchange::~http_exchange() {
  abort();
  answer(failure{errc::shutting_down, "The network stopped before the answer came."});
}

void http_exchange::answer(result<http_response> what) {
  if (!answered_.exchange(true))
    std::exchange(done_, nullptr)(std::move(what));
}

void http_exchange::abort() noexcept {
  if (auto multi = multi_.lock(); multi && transport_)
    multi->remove(transport_->easy());
  multi_.reset();
  transport_.reset();
  request_.body = secret{};
  request_.basic_password = secret{};
  request_.bearer = secret{};
}

void http_exchange::start(const boost::asio::any_io_executor& executor,
                          const proxy_settings& outer_proxy, bool environment_proxy) {
  if (answered_)
    return;
  if (auto prepared = prepare(outer_proxy, environment_proxy); !prepared)
    return answer(std::move(prepared).error());
  auto multi = curl_pool::of(executor).for_http(executor, transport_->store(), transport_->proxy());
  if (!multi)
    return answer(std::move(multi).error());
  multi_ = *multi;
  add_to(**multi);
}

void http_exchange::add_to(curl_multi& multi) {
  // libcurl's side owns the exchange from here to `finish` or the loop's end.
  auto added = multi.add(transport_->easy(),
                         [self = shared_from_this()](CURLcode code) { self->finish(code); });
  if (!added)
    answer(std::move(added).error());
}

result<void> http_exchange::prepare(const proxy_settings& outer_proxy, bool environment_proxy) {
  auto where = read_address(request_.url);
  if (!where)
    return std::move(where).error();
  if (request_.method != "GET" && request_.method != "POST")
    return bad_field("method", "is neither GET nor POST", "use one of them");
  if (request_.body.reveal().size() > max_http_request_bytes)
    return bad_field("body", "is too long", "send at most 1 MiB");
  transport_settings settings;
  settings.host = where->host;
  settings.port = where->port;
  settings.ca_file = request_.ca_file;
  settings.proxy = effective_proxy(request_.proxy, outer_proxy);
  settings.environment_proxy = environment_proxy;
  // What is allowed without TLS must not leave the machine by a proxy either.
  if (where->plain) {
    settings.proxy = {};
    settings.environment_proxy = false;
  }
  auto transport = curl_transport::open(std::move(settings));
  if (!transport)
    return std::move(transport).error();
  transport_ = *std::move(transport);
  // Plain connections stay on this machine and are cheap to make.
  if (auto set = where->plain ? forbid_reuse() : transport_->reuse_connections(); !set)
    return set;
  if (auto set = set_headers(); !set)
    return set;
  return set_options();
}

result<void> http_exchange::forbid_reuse() {
  option_setter options{transport_->easy()};
  // Not an option of sessions: it would close what CONNECT_ONLY keeps open.
  options.set(CURLOPT_FORBID_REUSE, 1L);
  return options.outcome();
}

result<void> http_exchange::set_headers() {
  // A body above libcurl's threshold would wait for 100 Continue.
  bool complete = append(headers_, "Expect:");
  for (const auto& [name, value] : request_.headers) {
    if (!is_sound_header(name, value))
      return bad_field("headers", "has \"" + printable(name, 40) + "\" that is not a header",
                       "give a name of letters and a value without control characters");
    // libcurl removes a header that is written `Name:`, and sends `Name;`.
    auto line = value.empty() ? name + ";" : name + ": " + value;
    complete = complete && append(headers_, line.c_str());
    ::explicit_bzero(line.data(), line.size());
  }
  if (!complete)
    return failure{errc::overloaded, "No memory for a request's headers."};
  return {};
}

result<void> http_exchange::set_options() {
  option_setter options{transport_->easy()};
  options.set(CURLOPT_URL, request_.url.c_str())
      .set(CURLOPT_PROTOCOLS_STR, "https,http")
      .set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1))
      .set(CURLOPT_HTTP09_ALLOWED, 0L)
      .set(CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes)
      .set(CURLOPT_HTTPHEADER, headers_.get())
      .set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.deadline.count()))
      .set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.deadline.count()))
      .set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_response_bytes))
      .set(CURLOPT_HEADERFUNCTION, &http_exchange::on_header)
      .set(CURLOPT_HEADERDATA, static_cast<void*>(this))
      .set(CURLOPT_WRITEFUNCTION, &http_exchange::on_body)
      .set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (request_.method == "POST") {
    auto body = request_.body.reveal();
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()))
        .set(CURLOPT_POSTFIELDS, body.data())
        .set(CURLOPT_POST, 1L);
  }
  if (!request_.basic_user.empty())
    options.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC))
        .set(CURLOPT_USERNAME, request_.basic_user.c_str())
        .set(CURLOPT_PASSWORD, request_.basic_password.reveal().data());
  if (!request_.bearer.empty())
    options.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER))
        .set(CURLOPT_XOAUTH2_BEARER, request_.bearer.reveal().data());
  return options.outcome();
}

std::size_t http_exchange::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto length = size * count;
  try {
    return static_cast<http_exchange*>(self)->answer_.add_header({bytes, length}) ? length : 0;
  } catch (...) {
    return 0;
  }
}

std::size_t http_exchange::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto length = size * count;
  try {
    // A zero would also be what libcurl passes for an empty body: nothing is lost.
    return static_cast<http_exchange*>(self)->answer_.add_body({bytes, length}) ? length : 0;
  } catch (...) {
    return 0;
  }
}

void http_exchange::finish(CURLcode code) {
  if (auto multi = multi_.lock(); multi && transport_->declined_connection()) {
    multi->remove(transport_->easy());
    return add_to(*multi);
  }
  transport_->leave_connection();
  auto outcome = [&]() -> result<http_response> {
    if (!answer_.excess().empty())
      return failure{errc::too_large, "The answer of " + transport_->where() + " passes its limit: "
                                          + std::string{answer_.excess()} + "."};
    if (code != CURLE_OK)
      return transport_->explain(code);
    const auto& tls = transport_->admission();
    if (answer_.ends_with_connection() && tls.offered() && !tls.ended_in_order())
      return failure{errc::connection_lost,
                     "The connection to " + transport_->where() + " was cut in the answer's body."};
    long status = 0;
    curl_easy_getinfo(transport_->easy(), CURLINFO_RESPONSE_CODE, &status);
    answer_.response().status = static_cast<int>(status);
    return std::move(answer_.response());
  }();
  bool answered_post = outcome && request_.method == "POST";
  abort();
  if (answered_post)
    MAILFLEET_FAIL_POINT("token_endpoint_answered");
  answer(std::move(outcome));
}

} // namespace mailfleet::net
