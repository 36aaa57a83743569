#pragma once

#include "messages/values/control.hpp"
#include "messages/values/records.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// What may stand behind Exchange's "User is authenticated but not connected": the token is
/// good, and the mailbox does not open. The server does not say why; what else is known of
/// the mailbox and of its neighbours does.
/// https://github.com/simonrob/email-oauth2-proxy/issues/74
namespace mailfleet::jobs {

/// Who signed in for the mailbox, by the id_token.
enum class signer : std::uint8_t {
  unknown = 1,
  own,   ///< The mailbox's own account.
  other, ///< Another one, as for a shared mailbox.
  app,   ///< Nobody: the app itself (RFC 6749 4.4).
};

enum class answer : std::uint8_t {
  unknown = 1, ///< Not asked, or it did not come so far.
  yes,
  no,
};

struct not_connected_facts {
  signer who = signer::unknown;
  /// Whether the POP3 and the SMTP server take the same token for the mailbox.
  answer pop3 = answer::unknown;
  answer smtp = answer::unknown;
  /// Whether another mailbox of the provider is connected; unknown: it has no other.
  answer neighbour = answer::unknown;
  /// POP3 or SMTP was not asked for want of a scope: Microsoft's usual ones hold IMAP only.
  bool lack_scopes = false;
};

/// The likely cause: a code of the table in jobs/diagnosis.hpp; `imap.not_connected` where
/// the facts do not tell one from another.
[[nodiscard]] std::string_view likely_cause(const not_connected_facts& facts);

/// The facts that are known, in words.
[[nodiscard]] std::string words_of(const not_connected_facts& facts);

/// Who signed in. `account` is the name in the id_token, which may be none of a mailbox: the
/// mailbox's own if it is its address or log-in name, another if it is its delegate's, and
/// unknown otherwise, for an account may have another name (UPN) than its mailbox.
[[nodiscard]] signer signer_by(const mailbox_record& mailbox, std::string_view account,
                               grant_flow flow);

/// Whether one of a provider's other mailboxes is connected; those that are paused, or wait
/// for something else, say nothing.
[[nodiscard]] answer neighbour_connected(std::span<const mailbox_view> all,
                                         const mailbox_record& mailbox);

} // namespace mailfleet::jobs
