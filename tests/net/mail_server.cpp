#include "tests/net/mail_server.hpp"

#include <memory>
#include <utility>

namespace mailfleet::test {

namespace {

using net::mail_protocol;

std::string greeting_of(mail_protocol protocol) {
  switch (protocol) {
  case mail_protocol::imap: return "* OK ready\r\n";
  case mail_protocol::pop3: return "+OK ready\r\n";
  case mail_protocol::smtp: return "220 test ready\r\n";
  }
  return {};
}

std::string tag_of(const std::string& line) {
  return line.substr(0, line.find(' '));
}

std::string capabilities(mail_protocol protocol, const std::string& asked, bool starttls) {
  switch (protocol) {
  case mail_protocol::imap:
    return std::string{"* CAPABILITY IMAP4rev1"} + (starttls ? " STARTTLS" : "") + "\r\n"
           + tag_of(asked) + " OK done\r\n";
  case mail_protocol::pop3:
    return std::string{"+OK\r\nUIDL\r\n"} + (starttls ? "STLS\r\n" : "") + ".\r\n";
  case mail_protocol::smtp:
    return std::string{"250-test\r\n"} + (starttls ? "250-STARTTLS\r\n" : "") + "250 8BITMIME\r\n";
  }
  return {};
}

std::string consent(mail_protocol protocol, const std::string& asked, bool grants) {
  switch (protocol) {
  case mail_protocol::imap: return tag_of(asked) + (grants ? " OK go\r\n" : " NO never\r\n");
  case mail_protocol::pop3: return grants ? "+OK go\r\n" : "-ERR never\r\n";
  case mail_protocol::smtp: return grants ? "220 go\r\n" : "454 never\r\n";
  }
  return {};
}

awaitable<> play_dialog(std::shared_ptr<boost::asio::ssl::context> context, mail_dialog dialog,
                        std::function<awaitable<>(tls_socket&)> play, tcp::socket socket) {
  auto protocol = dialog.protocol;
  std::string buffer;
  if (dialog.tls == tls_mode::starttls) {
    co_await write(socket, greeting_of(protocol));
    auto asked = co_await read_through(socket, buffer, "\r\n");
    co_await write(socket, capabilities(protocol, asked, dialog.offers_starttls));
    asked = co_await read_through(socket, buffer, "\r\n");
    co_await write(socket, consent(protocol, asked, dialog.grants_starttls) + dialog.injected);
  }
  tls_socket stream{std::move(socket), *context};
  co_await stream.async_handshake(tls_socket::server, boost::asio::use_awaitable);
  if (dialog.tls == tls_mode::implicit)
    co_await write(stream, greeting_of(protocol));
  auto asked = co_await read_through(stream, buffer, "\r\n");
  co_await write(stream, capabilities(protocol, asked, false));
  co_await play(stream);
}

} // namespace

test_server::script mail_script(const identity& who, mail_dialog dialog,
                                std::function<awaitable<>(tls_socket&)> play) {
  auto context = std::make_shared<boost::asio::ssl::context>(make_tls_context(who));
  return [context, dialog = std::move(dialog), play = std::move(play)](tcp::socket socket) {
    return play_dialog(context, dialog, play, std::move(socket));
  };
}

awaitable<> echo_lines(tls_socket& stream) {
  for (std::string buffer;;)
    co_await write(stream, co_await read_through(stream, buffer, "\n"));
}

} // namespace mailfleet::test
