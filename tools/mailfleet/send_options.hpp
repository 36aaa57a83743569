#pragma once

#include "messages/values/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// What `mailfleet send` is told about a mail, and what it comes to in a request.
namespace mailfleet::tools {

/// A file that goes with a mail.
struct enclosed_file {
  /// The option that names it.
  std::string option;
  std::string path;
};

/// A mail put together from options.
struct mail_options {
  /// Gives the options, so that others can exclude them.
  std::vector<CLI::Option*> add(CLI::App& app);

  /// The `mail` object, its files without content, in the order of `enclosed`, and without whom it
  /// is from if no option says so. Reads the texts. Fails with `invalid_argument` that names the
  /// option.
  [[nodiscard]] result<nlohmann::json> request() const;

  /// The files that go with it. Fails like `request`.
  [[nodiscard]] result<std::vector<enclosed_file>> enclosed() const;

  std::vector<std::string> to, cc, bcc, reply_to;
  std::string from;
  std::string sender;
  std::string subject;
  std::string text, text_file, html_file;
  std::vector<std::string> attached;
  /// `CID=FILE`.
  std::vector<std::string> shown;
  /// `Name: value`.
  std::vector<std::string> headers;
  std::string in_reply_to;
  std::vector<std::string> references;

private:
  [[nodiscard]] result<void> put_addresses(nlohmann::json& mail) const;
  [[nodiscard]] result<void> put_texts(nlohmann::json& mail) const;
  [[nodiscard]] result<void> put_headers(nlohmann::json& mail) const;
};

/// A mail that is there as bytes.
struct raw_options {
  /// Gives the option that the others of a mail exclude.
  CLI::Option* add(CLI::App& app);

  /// The `raw` object without content, for a mail that begins so. Fails with `invalid_argument`
  /// that names the option.
  [[nodiscard]] result<nlohmann::json> request(std::string_view first_part,
                                               const std::string& sender) const;

  std::string file;
  std::vector<std::string> recipients;
  bool convert_lf = false;
};

/// How a mail is to be sent.
struct submission_options {
  void add(CLI::App& app);

  /// Puts them beside the mail; makes an idempotency key if none is given, so that the tool may
  /// ask twice. Fails with `invalid_argument` that names the option.
  [[nodiscard]] result<void> put(nlohmann::json& request) const;

  std::string at;
  bool bulk = false;
  std::string idempotency_key;
};

} // namespace mailfleet::tools
