// The least that reading a mailbox over TLS costs: one connection, UID FETCH in
// the same windows as a session of ours, nothing parsed but line ends and
// literals, nothing stored. It shares no code with the product, so that a fault
// of ours cannot slow down the yardstick.
//
//   bench_drain HOST PORT CA_FILE USER PASSWORD_FILE
//
// The last line of its output is JSON: messages, bytes, seconds.

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <fstream>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

// The pipeline of a session: net/imap_limits.hpp says why.
constexpr std::size_t messages_per_command = 256;
constexpr std::uint64_t bytes_per_command = 4 * 1024 * 1024;
constexpr std::uint64_t overlap_bytes = 64 * 1024;
constexpr std::size_t buffer_bytes = 64 * 1024;

/// A line between literals; Dovecot's longest here are its capabilities.
constexpr std::size_t max_line = 64 * 1024;

// -- the connection -----------------------------------------------------------

struct free_tls {
  void operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
  }

  void operator()(SSL* tls) const noexcept {
    SSL_free(tls);
  }
};

class descriptor {
public:
  descriptor() = default;

  explicit descriptor(int number) noexcept : number_{number} {}

  descriptor(descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  [[nodiscard]] int number() const noexcept {
    return number_;
  }

private:
  int number_ = -1;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{what};
}

descriptor dial(const char* host, const char* port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int code = ::getaddrinfo(host, port, &wanted, &found); code != 0)
    fail(std::string{host} + ": " + ::gai_strerror(code));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, &::freeaddrinfo};
  for (auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
    descriptor socket{::socket(at->ai_family, at->ai_socktype, at->ai_protocol)};
    if (socket.number() < 0 || ::connect(socket.number(), at->ai_addr, at->ai_addrlen) != 0)
      continue;
    int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
  }
  fail(std::string{host} + ":" + port + " does not answer");
}

/// Lines and literals over TLS; blocking.
class connection {
public:
  connection(const char* host, const char* port, const char* ca_file)
    : context_{SSL_CTX_new(TLS_client_method())} {
    if (!context_ || SSL_CTX_load_verify_file(context_.get(), ca_file) != 1)
      fail(std::string{ca_file} + " holds no certificate");
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    socket_ = dial(host, port);
    tls_.reset(SSL_new(context_.get()));
    if (!tls_ || SSL_set1_host(tls_.get(), host) != 1 || !name_server(host)
        || SSL_set_fd(tls_.get(), socket_.number()) != 1 || SSL_connect(tls_.get()) != 1)
      fail("no TLS with the server: " + fault());
  }

  void send(std::string text) {
    text += "\r\n";
    if (SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())) <= 0)
      fail("cannot send: " + fault());
  }

  /// The next line without its end.
  std::string line() {
    std::string text;
    for (;;) {
      auto rest = unread();
      auto end = rest.find('\n');
      text += rest.substr(0, end);
      if (text.size() > max_line)
        fail("the server sent a line too long");
      at_ += end == rest.npos ? rest.size() : end + 1;
      if (end == rest.npos) {
        fill();
        continue;
      }
      if (text.ends_with('\r'))
        text.pop_back();
      return text;
    }
  }

  void skip(std::uint64_t bytes) {
    while (bytes > 0) {
      if (unread().empty())
        fill();
      auto now = std::min<std::uint64_t>(bytes, unread().size());
      at_ += static_cast<std::size_t>(now);
      bytes -= now;
    }
  }

private:
  [[nodiscard]] std::string_view unread() const {
    return std::string_view{buffer_.data(), end_}.substr(at_);
  }

  void fill() {
    int got = SSL_read(tls_.get(), buffer_.data(), static_cast<int>(buffer_.size()));
    if (got <= 0)
      fail("the server ended the connection: " + fault());
    at_ = 0;
    end_ = static_cast<std::size_t>(got);
  }

  /// SSL_set_tlsext_host_name without its old-style cast.
  bool name_server(const char* host) {
    return SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host))
           == 1;
  }

  static std::string fault() {
    char text[256] = "closed";
    if (auto code = ERR_get_error(); code != 0)
      ERR_error_string_n(code, text, sizeof text);
    return text;
  }

  std::unique_ptr<SSL_CTX, free_tls> context_;
  descriptor socket_;
  std::unique_ptr<SSL, free_tls> tls_;
  std::vector<char> buffer_ = std::vector<char>(buffer_bytes);
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

// -- IMAP, as much as it takes ------------------------------------------------

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} ? std::optional{number} : std::nullopt;
}

std::optional<std::uint64_t> number_after(std::string_view line, std::string_view word) {
  auto at = line.find(word);
  return at == line.npos ? std::nullopt : number_in(line.substr(at + word.size()));
}

/// The octets that follow a line which ends in `{N}`.
std::optional<std::uint64_t> literal_of(std::string_view line) {
  auto at = line.rfind('{');
  return line.ends_with('}') && at != line.npos ? number_in(line.substr(at + 1)) : std::nullopt;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

std::string tag_of(std::size_t number) {
  std::string tag{"A"};
  tag += std::to_string(number);
  return tag += ' ';
}

struct listed {
  std::uint64_t uid = 0;
  std::uint64_t size = 0;
};

class drain {
public:
  explicit drain(connection& server) : server_{server} {}

  void sign_in(std::string_view user, std::string_view password) {
    server_.line();
    run("LOGIN " + quoted(user) + " " + quoted(password), [](std::string_view) {});
    run("SELECT INBOX", [](std::string_view) {});
  }

  void list() {
    run("UID FETCH 1:* (UID RFC822.SIZE)", [this](std::string_view line) {
      auto uid = number_after(line, "UID ");
      auto size = number_after(line, "RFC822.SIZE ");
      if (uid && size)
        listed_.push_back({*uid, *size});
    });
  }

  void fetch() {
    while (next_ < listed_.size() || !in_flight_.empty()) {
      while (may_ask())
        ask();
      auto line = server_.line();
      if (auto bytes = literal_of(line)) {
        server_.skip(*bytes);
        ++messages_;
        bytes_ += *bytes;
        to_come_ -= std::min(to_come_, *bytes);
      } else if (!line.starts_with('*') && is_tagged(line, in_flight_.front())) {
        in_flight_.pop_front();
      }
    }
  }

  [[nodiscard]] std::uint64_t messages() const noexcept {
    return messages_;
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return bytes_;
  }

private:
  template <class OnLine>
  void run(const std::string& command, OnLine on_line) {
    auto tag = ++tags_;
    server_.send(tag_of(tag) + command);
    for (;;) {
      auto line = server_.line();
      if (is_tagged(line, tag))
        return;
      on_line(line);
    }
  }

  static bool is_tagged(std::string_view line, std::size_t tag) {
    auto begin = tag_of(tag);
    if (!line.starts_with(begin))
      return false;
    if (!line.substr(begin.size()).starts_with("OK"))
      fail("the server refused: " + std::string{line});
    return true;
  }

  [[nodiscard]] bool may_ask() const {
    return next_ < listed_.size()
           && (in_flight_.empty() || (in_flight_.size() == 1 && to_come_ <= overlap_bytes));
  }

  void ask() {
    auto begin = next_;
    std::uint64_t bytes = 0;
    while (next_ < listed_.size() && next_ - begin < messages_per_command
           && (next_ == begin || bytes + listed_[next_].size <= bytes_per_command))
      bytes += listed_[next_++].size;
    in_flight_.push_back(++tags_);
    to_come_ += bytes;
    server_.send(tag_of(tags_) + "UID FETCH " + std::to_string(listed_[begin].uid) + ":"
                 + std::to_string(listed_[next_ - 1].uid)
                 + " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
  }

  connection& server_;
  std::vector<listed> listed_;
  std::size_t next_ = 0;
  std::size_t tags_ = 0;
  /// Tags of the commands under way, and the bytes that they still bring.
  std::deque<std::size_t> in_flight_;
  std::uint64_t to_come_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: bench_drain HOST PORT CA_FILE USER PASSWORD_FILE\n", stderr);
    return 2;
  }
  try {
    auto begun = std::chrono::steady_clock::now();
    std::string password;
    if (std::ifstream file{arguments[5]}; !std::getline(file, password))
      fail(std::string{arguments[5]} + " holds no password");
    connection server{arguments[1], arguments[2], arguments[3]};
    drain reader{server};
    reader.sign_in(arguments[4], password);
    reader.list();
    reader.fetch();
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("{\"messages\": %llu, \"bytes\": %llu, \"seconds\": %.6f}\n",
                static_cast<unsigned long long>(reader.messages()),
                static_cast<unsigned long long>(reader.bytes()), took.count());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_drain: %s\n", error.what());
    return 1;
  }
}
