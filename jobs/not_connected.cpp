#include "jobs/not_connected.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

constexpr std::string_view untold = "imap.not_connected";
constexpr std::string_view switched_off = "imap.disabled";

std::string_view cause_for_app(const not_connected_facts& facts) {
  // SMTP has rights of its own (SendAs, RBAC): only POP3 opens the mailbox as IMAP would.
  if (facts.pop3 == answer::yes)
    return switched_off;
  switch (facts.neighbour) {
  case answer::yes: return "imap.app_without_rights";
  case answer::no: return "imap.app_unknown";
  case answer::unknown: break;
  }
  return untold;
}

std::string_view cause_for_own(const not_connected_facts& facts) {
  // The account is the mailbox's: what another protocol opens, it may open.
  if (facts.pop3 == answer::yes || facts.smtp == answer::yes)
    return switched_off;
  bool is_refused = facts.pop3 == answer::no || facts.smtp == answer::no;
  switch (facts.neighbour) {
  case answer::yes: return is_refused ? "imap.mailbox_unusable" : switched_off;
  case answer::no: return "imap.none_connected";
  case answer::unknown: break;
  }
  return untold;
}

std::string_view cause_for_other(const not_connected_facts& facts) {
  if (facts.pop3 == answer::yes)
    return switched_off;
  return "imap.other_account";
}

std::string_view cause_for_unknown(const not_connected_facts& facts) {
  if (facts.pop3 == answer::yes)
    return switched_off;
  // Who may send need not be who may read.
  if (facts.smtp != answer::yes && facts.neighbour == answer::no)
    return "imap.none_connected";
  return untold;
}

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return copy;
}

std::string_view words_of(signer who) {
  switch (who) {
  case signer::own: return "the mailbox's own account signed in";
  case signer::other: return "the mailbox's delegate signed in";
  case signer::app: return "the app signs in as itself";
  case signer::unknown: break;
  }
  return "it is not known whether the mailbox's own account signed in";
}

} // namespace

std::string_view likely_cause(const not_connected_facts& facts) {
  switch (facts.who) {
  case signer::own: return cause_for_own(facts);
  case signer::other: return cause_for_other(facts);
  case signer::app: return cause_for_app(facts);
  case signer::unknown: break;
  }
  return cause_for_unknown(facts);
}

std::string words_of(const not_connected_facts& facts) {
  std::string text{words_of(facts.who)};
  auto add = [&](answer which, std::string_view if_yes, std::string_view if_no) {
    if (which != answer::unknown)
      text.append("; ").append(which == answer::yes ? if_yes : if_no);
  };
  add(facts.pop3, "POP3 takes the token", "POP3 refuses the token too");
  add(facts.smtp, "SMTP takes the token", "SMTP refuses the token too");
  add(facts.neighbour, "another mailbox of the provider is connected",
      "no other mailbox of the provider is connected");
  if (facts.lack_scopes)
    text.append("; the log-ins that are skipped for want of a scope could tell more");
  return text;
}

signer signer_by(const mailbox_record& mailbox, std::string_view account, grant_flow flow) {
  if (flow == grant_flow::app_only)
    return signer::app;
  // preferred_username may be a telephone number or a name.
  // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
  if (account.find('@') == std::string_view::npos)
    return signer::unknown;
  auto name = lower(account);
  if (name == lower(mailbox.address) || name == lower(mailbox.user))
    return signer::own;
  // A UPN need not be the address, nor of its domain (ann@contoso.onmicrosoft.com), and the
  // sign-in takes an account by its e-mail claim too: another name is no proof.
  return name == lower(mailbox.delegate) ? signer::other : signer::unknown;
}

answer neighbour_connected(std::span<const mailbox_view> all, const mailbox_record& mailbox) {
  auto found = answer::unknown;
  for (const auto& other : all) {
    if (other.record.id == mailbox.id || other.record.provider != mailbox.provider)
      continue;
    if (other.state == mailbox_state::watching || other.state == mailbox_state::syncing)
      return answer::yes;
    if (other.trouble && other.trouble->code == untold)
      found = answer::no;
  }
  return found;
}

} // namespace mailfleet::jobs
