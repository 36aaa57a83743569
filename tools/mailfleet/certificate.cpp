#include "tools/mailfleet/certificate.hpp"

#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// `AB:CD:...`, as `openssl x509 -fingerprint -sha256` prints it.
std::string fingerprint_text(const std::string& digits) {
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at != 0 && at % 2 == 0)
      text.push_back(':');
    text.push_back(digits[at] >= 'a' ? static_cast<char>(digits[at] - 'a' + 'A') : digits[at]);
  }
  return text;
}

std::string certificate_text(const ordered_json& seen) {
  auto text = fmt::format("subject  {}\nissuer   {}\nends     {}\nsha256   {}\n",
                          text_at(seen, "subject"), text_at(seen, "issuer"),
                          text_at(seen, "not_after"), fingerprint_text(text_at(seen, "sha256")));
  auto trouble = text_at(seen, "trouble");
  return text + (trouble == "-" ? "trusted  yes\n" : "trusted  no: " + trouble + '\n');
}

void show_certificate(const ordered_json& seen) {
  fmt::print("{}", certificate_text(seen));
}

using terminal_handle =
    std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

/// Whether the person typed yes; nothing if there is no terminal.
std::optional<bool> ask_person(const std::string& question) {
  terminal_handle terminal{std::fopen("/dev/tty", "r+e")};
  if (!terminal)
    return std::nullopt;
  fmt::print(terminal.get(), "{}", question);
  std::fflush(terminal.get());
  std::array<char, 16> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), terminal.get()) == nullptr)
    return false;
  return std::string_view{line.data()} == "yes\n";
}

} // namespace

std::optional<std::string> confirm_certificate(session& with, const json& imap) {
  auto answer = with.ask("POST", "/certificates", imap.dump());
  if (!answer)
    return std::nullopt;
  auto seen = ordered_json::parse(*answer, nullptr, false);
  if (!seen.is_object() || !seen.contains("sha256")) {
    with.refuse({errc::protocol_violation, "mailfleetd showed no certificate"}, exit_refused);
    return std::nullopt;
  }
  if (text_at(seen, "trouble") == "-")
    return std::string{};
  auto agreed = ask_person(certificate_text(seen)
                           + "\nCompare sha256 with what the server's operator gives you.\n"
                             "Trust this certificate for this mailbox, and no other? (yes/no) ");
  if (agreed && *agreed)
    return text_at(seen, "sha256");
  if (agreed)
    with.refuse({errc::invalid_argument, "the certificate was not confirmed; nothing was added"},
                exit_refused);
  else
    with.refuse({errc::invalid_argument,
                 "there is no terminal to confirm the certificate on; compare it and give "
                 "--pin-sha256 "
                     + fingerprint_text(text_at(seen, "sha256"))},
                exit_usage);
  return std::nullopt;
}

void add_certificate_command(CLI::App& app, session& with) {
  auto* command = app.add_subcommand("certificate", "The certificate that an IMAP server shows");
  auto server = std::make_shared<imap_options>();
  auto proxy = std::make_shared<proxy_options>();
  command->add_option("host", server->host, "The server")->required()->type_name("HOST");
  command->add_option("--port", server->port, "Its port (993 implicit, 143 starttls)")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65'535));
  command->add_option("--tls", server->tls, "implicit or starttls")
      ->check(CLI::IsMember({"implicit", "starttls"}));
  command->add_option("--ca-file", server->ca_file, "PEM bundle that it is checked against")
      ->type_name("FILE");
  proxy->add(*command);
  command->footer("mailfleetd connects, breaks the handshake off and sends no credential.\n\n"
                  "Examples:\n"
                  "  mailfleet certificate imap.example.net\n"
                  "  mailfleet certificate mail.example.net --port 143 --tls starttls");
  command->final_callback([server, proxy, &with] {
    with.options = certificate_fields();
    auto request = server_request(*server, *proxy);
    if (!request)
      with.refuse(request.error(), exit_usage);
    else
      with.run("POST", "/certificates", request->dump(), show_certificate);
  });
}

} // namespace mailfleet::tools
