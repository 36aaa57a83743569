#pragma once

#include "messages/values/secret.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::tests {

/// An application registered at the testbed's OpenID provider.
struct testbed_client {
  /// `client_secret_post`, `client_secret_basic`, `private_key_jwt` or `none`.
  std::string auth;
  /// Two or none. The provider accepts the first, until told otherwise.
  std::vector<secret> secrets;
};

/// What the running testbed says of itself: tests/testbed/README.md has the list.
struct testbed_info {
  std::string folder;
  std::string domain;
  std::string ca_file;
  std::string issuer;
  std::string discovery_url;
  std::string admin_url;
  /// Scopes to ask for, separated by spaces.
  std::string scope;
  /// Of every mailbox and account.
  secret password;
  /// imap, imaps, pop3, pop3s, lmtp, mx, submission, submissions, idp, idps.
  std::map<std::string, std::uint16_t> ports;
  /// good, clear_text, expired, wrong_host, untrusted, self_signed: the same
  /// Dovecot, with other certificates.
  std::map<std::string, std::string> addresses;
  /// SHA-256 of the certificate at the address `self_signed`.
  std::string self_signed_sha256;
  std::map<std::string, testbed_client> clients;
  /// Mailboxes that hold seeded mail. Any other name of the domain is an empty
  /// mailbox: a test takes one of its own and meets nobody there.
  std::vector<std::string> users;
};

/// What a minted token may differ in.
struct token_wish {
  std::string client = "mail-post";
  std::string scope = "openid email mail offline_access";
  std::optional<std::chrono::seconds> lifetime;
  bool with_refresh_token = false;
};

struct minted_token {
  secret access_token;
  secret refresh_token;
  std::chrono::seconds expires_in{};
};

/// The testbed that MAILFLEET_TESTBED names. Every call blocks until done and
/// throws `std::runtime_error` with the testbed's words when it is refused: a
/// test that cannot set its scene has failed. Faults and settings are the whole
/// provider's, so tests of the label `testbed` run one at a time; the object
/// clears them when it goes.
class testbed {
public:
  testbed();
  ~testbed();
  testbed(const testbed&) = delete;
  testbed& operator=(const testbed&) = delete;

  [[nodiscard]] const testbed_info& info() const noexcept {
    return info_;
  }

  /// `NAME@DOMAIN`.
  [[nodiscard]] std::string address(std::string_view name) const;

  /// Tokens as a sign-in of `user` would have given.
  [[nodiscard]] minted_token mint(std::string_view user, const token_wish& wish = {}) const;

  /// Ends all tokens of a user, as a changed password does.
  void revoke(std::string_view user) const;

  /// From a start address over the provider's pages, as `user` (empty: as
  /// `login_hint` says), to the callback, which is followed. Its answer.
  [[nodiscard]] std::string sign_in(std::string_view start_url, std::string_view user = {}) const;

  /// Puts a message (line ends LF or CRLF) into the mailbox by LMTP.
  void deliver(std::string_view user, std::string_view message) const;

  /// Puts a message into a folder of the mailbox, which is made if need be.
  void put(std::string_view user, std::string_view folder, std::string_view message) const;

  /// Keeps copies of submitted mail in the senders' folders Sent from now on: each after so
  /// many seconds, and the first `drop` not at all.
  void keep_sent_copies(std::chrono::seconds delay = {}, unsigned drop = 0);

  /// Makes `target` (token, authorization, introspection, discovery, jwks) fail
  /// with the fields of `testbed fault`: {{"status", 503}, {"count", 1}}, ...
  void set_fault(std::string_view target, const nlohmann::json& fault) const;
  void clear_faults() const;

  /// How often a fault of `target` fired since `clear_stats`.
  [[nodiscard]] std::uint64_t fired(std::string_view target) const;

  /// Changes settings of the provider: {{"access_token_ttl", 5}}, ...
  void set(const nlohmann::json& settings) const;

  /// requests, fired, token_grants, refused_secrets: each a map of counts.
  [[nodiscard]] nlohmann::json stats() const;
  void clear_stats() const;

  /// Stops Dovecot, which sends BYE to every session, and starts it again.
  void restart_imap() const;

private:
  nlohmann::json admin(std::string_view method, std::string_view path,
                       const nlohmann::json& body = nullptr) const;

  testbed_info info_;
  bool keeps_copies_ = false;
};

} // namespace mailfleet::tests
