#include "jobs/server_examination.hpp"

#include "jobs/failure_words.hpp"
#include "jobs/limits.hpp"
#include "jobs/mail_replies.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/time_text.hpp"
#include "messages/values/url.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace mailfleet::jobs {

namespace {

using enum verdict;
using std::chrono::days;

/// What Exchange says where SMTP AUTH is switched off.
constexpr std::string_view smtp_auth_off = "smtp.auth_disabled";

/// The check at which a look failed.
enum class step : std::uint8_t { none, ca_file, dns, proxy, connection, tls, greeting, log_in };

struct kind_row {
  server_kind kind;
  std::string_view name;
  /// Options on the command line: `--pop3-ca-file`. Empty: a provider's own.
  std::string_view option;
  /// Microsoft's scopes end so.
  std::string_view scope;
};

constexpr std::array kinds{
    kind_row{server_kind::identity, "identity provider", "", ""},
    kind_row{server_kind::imap, "IMAP", "imap", "/IMAP.AccessAsUser.All"},
    kind_row{server_kind::pop3, "POP3", "pop3", "/POP.AccessAsUser.All"},
    kind_row{server_kind::smtp, "SMTP", "smtp", "/SMTP.Send"},
};

const kind_row& row_of(server_kind kind) {
  return kinds[static_cast<std::size_t>(kind) - 1];
}

std::string check_name(const server_look& look, std::string_view what) {
  return std::string{row_of(look.what.kind).name}.append(" ").append(what);
}

finding good(std::string check, std::string what) {
  return {std::move(check), green, std::move(what), {}, {}};
}

finding skipped(std::string check, std::string_view why) {
  return good(std::move(check), std::string{"skipped: "}.append(why));
}

finding of_diagnosis(std::string check, const diagnosis& trouble) {
  auto what = trouble.what;
  if (!trouble.evidence.empty())
    what.append(" (").append(trouble.evidence).append(")");
  // Passing trouble that the server tells of itself; one that says nothing is red.
  const auto* row = find_diagnosis(trouble.code);
  bool is_told = !trouble.code.starts_with("network.");
  auto how = is_told && row && row->then == course::retried && row->who == "nobody" ? yellow : red;
  return {std::move(check), how, std::move(what), trouble.code, trouble.cure};
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// The table's cures name the options of an IMAP server.
std::string fitted(std::string cure, server_kind kind) {
  if (kind == server_kind::imap)
    return cure;
  auto option = row_of(kind).option;
  auto prefix = option.empty() ? std::string{"--"} : "--" + std::string{option} + "-";
  replace_all(cure, "--imap-", prefix);
  if (!option.empty())
    replace_all(cure, "--pin-sha256", prefix + "pin-sha256");
  replace_all(cure, " (993)", "");
  replace_all(cure, " (143)", "");
  return cure;
}

step failed_at(const probe_report& seen) {
  if (!seen.trouble)
    return step::none;
  auto code = seen.trouble->code;
  if (told_by_words(*seen.trouble) == "tls.ca_file_unusable")
    return step::ca_file;
  if (code == errc::proxy_failed)
    return step::proxy;
  if (code == errc::dns_failed || (code == errc::timed_out && seen.reached == probe_stage::nothing))
    return step::dns;
  bool is_tls =
      code == errc::tls_failed || code == errc::tls_untrusted || code == errc::tls_required;
  if (is_tls || (code == errc::timed_out && seen.reached == probe_stage::connected))
    return step::tls;
  if (seen.reached <= probe_stage::connected)
    return step::connection;
  return seen.reached == probe_stage::tls ? step::greeting : step::log_in;
}

finding tls_finding(const server_look& look, wall_time now) {
  const auto& shown = look.seen->certificate;
  auto check = check_name(look, "TLS");
  if (!shown)
    return good(std::move(check), "is spoken");
  auto what = "the certificate of " + shown->subject + ", by " + shown->issuer + ", is good until "
              + to_iso8601_date(shown->not_after);
  if (shown->not_after - now > days{certificate_warning_days})
    return good(std::move(check), what);
  return {std::move(check), yellow, what, {}, "let the server's administrator renew it"};
}

finding failed_finding(const server_look& look, std::string_view check,
                       const diagnosis_subject& about) {
  auto trouble = diagnose(*look.seen->trouble, about, {}, {});
  trouble.cure = fitted(std::move(trouble.cure), look.what.kind);
  return of_diagnosis(check_name(look, check), trouble);
}

/// Nothing was looked at behind it. The cure of a field in a request is left out.
finding ca_file_finding(const server_look& look, const diagnosis_subject& about) {
  auto told = failed_finding(look, "CA file", about);
  std::string_view what = look.seen->trouble->detail;
  what = what.substr(what.find('"'));
  told.what = what.substr(0, what.rfind("; "));
  return told;
}

/// The diagnosis of a server's refusal; empty where it refused nothing, or said nothing.
std::string_view refusal_in(const server_look& look) {
  const auto& seen = *look.seen;
  bool is_refusal =
      seen.trouble && !seen.reply.empty()
      && (seen.trouble->code == errc::authentication_failed
          || seen.trouble->code == errc::server_busy || seen.trouble->code == errc::server_refused);
  if (!is_refusal)
    return {};
  auto protocol = look.what.kind == server_kind::pop3 ? reply_protocol::pop3 : reply_protocol::smtp;
  auto reply = read_reply(protocol, reply_phase::log_in, seen.reply);
  reply.auth = look.what.auth;
  reply.challenged = seen.challenged;
  return meaning_of(reply).diagnosis;
}

/// What a server's refusal means, or the failure where it said nothing.
diagnosis log_in_trouble(const server_look& look, const diagnosis_subject& about) {
  const auto& seen = *look.seen;
  auto refusal = refusal_in(look);
  if (refusal.empty())
    return diagnose(*seen.trouble, about, {}, {});
  return diagnose(refusal, seen.reply, about, {}, {});
}

/// Whether a refusal is of the credential or its account, and not of the protocol (SMTP AUTH
/// or POP that is switched off, a policy) or by a server in trouble.
bool refuses_credential(const server_look& look) {
  auto refusal = refusal_in(look);
  // What is wrong with a token is told in a challenge; without one SMTP servers answer so
  // when they cannot check it (Postfix), or when SMTP AUTH is off (Exchange).
  if (refusal == "smtp.authentication_failed")
    return look.seen->challenged;
  return refusal == "pop3.authentication_failed" || refusal == "pop3.password_refused"
         || refusal == "smtp.password_refused";
}

/// Exchange switches SMTP AUTH off for tenants and mailboxes by itself, so it is told apart.
finding smtp_auth_finding(const server_look& look, const std::optional<diagnosis>& trouble) {
  std::string check = "SMTP AUTH";
  if (!trouble)
    return good(std::move(check), "is switched on");
  if (trouble->code == smtp_auth_off)
    return of_diagnosis(std::move(check), *trouble);
  if (look.seen->trouble->code == errc::no_common_mechanism)
    return skipped(std::move(check), "the server offers no AUTH that fits");
  return skipped(std::move(check), "the server does not say that it is off");
}

void add_log_in(std::vector<finding>& found, const server_look& look,
                const diagnosis_subject& about) {
  bool is_smtp = look.what.kind == server_kind::smtp;
  if (look.what.kind != server_kind::pop3 && !is_smtp)
    return;
  if (!look.no_log_in.empty()) {
    found.push_back(skipped(check_name(look, "log-in"), look.no_log_in));
    found.back().cure = look.scope_cure;
    return;
  }
  if (look.what.user.empty())
    return;
  std::optional<diagnosis> trouble;
  if (look.seen->trouble) {
    trouble = log_in_trouble(look, about);
    trouble->cure = fitted(std::move(trouble->cure), look.what.kind);
  }
  // Where SMTP AUTH is off, its own check says so, and the log-in tells nothing more.
  if (!trouble)
    found.push_back(good(check_name(look, "log-in"), "the server takes the credential"));
  else if (trouble->code != smtp_auth_off)
    found.push_back(of_diagnosis(check_name(look, "log-in"), *trouble));
  if (is_smtp)
    found.push_back(smtp_auth_finding(look, trouble));
}

bool is_among(std::string_view scopes, std::string_view end) {
  return (std::string{scopes} + ' ').find(std::string{end} + ' ') != std::string::npos;
}

/// The resource before `end` in the scope that ends so: `https://outlook.office.com`.
std::string_view resource_in(std::string_view scopes, std::string_view end) {
  auto resource = scopes.substr(0, scopes.find(end));
  return resource.substr(resource.rfind(' ') + 1);
}

/// The scope for this protocol, if Microsoft's scopes were granted and this was not.
std::string lacking_scope(std::string_view granted, server_kind kind) {
  if (is_among(granted, row_of(kind).scope))
    return {};
  for (const auto& row : kinds)
    if (!row.scope.empty() && is_among(granted, row.scope))
      return std::string{resource_in(granted, row.scope)}.append(row_of(kind).scope);
  return {};
}

/// How to come by a scope. Those of a provider are given when it is added, in place of the
/// usual ones.
std::string scope_cure(const std::string& scope, const mailbox_record& mailbox,
                       const provider_record* provider) {
  result<resolved_provider> where = failure{};
  if (provider)
    where = resolve(*provider);
  if (!where)
    return {};
  auto permission = scope.substr(scope.rfind('/') + 1);
  if (std::ranges::find(where->scopes, scope) != where->scopes.end())
    return "if it is wanted: allow the app " + permission + ", then `mailfleet mailbox sign-in "
           + mailbox.address + "`";
  std::string options;
  for (const auto& usual : where->scopes)
    options.append(" --scope ").append(usual);
  return "if it is wanted: allow the app " + permission
         + ", add the provider under another name with this scope too (`mailfleet provider add NAME"
         + options + " --scope " + scope + "`, the other options as `mailfleet provider show "
         + provider->name + "` has them), and add and sign in the mailbox there";
}

server_look look_at(server_kind kind, endpoint server) {
  server_look look;
  look.what.kind = kind;
  look.what.server = std::move(server);
  return look;
}

server_look log_in_at(server_kind kind, endpoint server, const mailbox_record& mailbox,
                      const provider_record* provider, const log_in_means& means) {
  auto look = look_at(kind, std::move(server));
  look.what.user = mailbox.user.empty() ? mailbox.address : mailbox.user;
  look.what.auth = mailbox.auth;
  if (means.trouble)
    look.no_log_in = "there is no credential: " + means.trouble->detail;
  else
    look.what.credential = means.credential;
  auto lacking = lacking_scope(means.scope, kind);
  if (look.what.credential.empty() || mailbox.auth != mailbox_auth::oauth2 || lacking.empty())
    return look;
  look.what.credential = {};
  look.no_log_in = "its scope was not granted (" + lacking + ")";
  look.scope_cure = scope_cure(lacking, mailbox, provider);
  return look;
}

endpoint identity_server(const provider_record& provider, const resolved_provider& where) {
  endpoint server;
  const auto& address = where.token_endpoint.empty() ? where.discovery_url : where.token_endpoint;
  auto parts = parse_url(address);
  // An identity provider on loopback may speak http.
  if (!parts || parts->scheme != "https")
    return server;
  constexpr std::uint16_t https_port = 443;
  server.host = parts->host;
  server.port = parts->port.value_or(https_port);
  server.ca_file = provider.ca_file;
  server.proxy = provider.proxy;
  return server;
}

} // namespace

std::vector<server_look> servers_of(const provider_record& provider) {
  auto where = resolve(provider);
  if (!where)
    return {};
  std::vector<server_look> looks;
  looks.push_back(look_at(server_kind::identity, identity_server(provider, *where)));
  looks.push_back(look_at(server_kind::imap, where->imap));
  looks.push_back(look_at(server_kind::pop3, where->pop3));
  looks.push_back(look_at(server_kind::smtp, where->smtp));
  return looks;
}

std::vector<server_look> servers_of(const mailbox_record& mailbox, const provider_record* provider,
                                    log_in_means means) {
  std::vector<server_look> looks;
  looks.push_back(look_at(server_kind::imap, imap_endpoint(mailbox, provider)));
  looks.push_back(
      log_in_at(server_kind::pop3, pop3_endpoint(mailbox, provider), mailbox, provider, means));
  looks.push_back(
      log_in_at(server_kind::smtp, smtp_endpoint(mailbox, provider), mailbox, provider, means));
  return looks;
}

std::vector<finding> findings_of(const server_look& look, const diagnosis_subject& about,
                                 wall_time now) {
  if (look.what.server.host.empty())
    return {skipped(std::string{row_of(look.what.kind).name}, "no such server is configured")};
  if (!look.seen)
    return {skipped(std::string{row_of(look.what.kind).name}, "was not looked at")};
  const auto& seen = *look.seen;
  auto failed = failed_at(seen);
  std::vector<finding> found;
  bool is_proxied = !seen.proxy.empty();
  if (failed == step::ca_file)
    return {ca_file_finding(look, about)};
  if (failed == step::dns)
    return {failed_finding(look, "DNS", about)};
  found.push_back(is_proxied ? skipped(check_name(look, "DNS"), "the proxy looks the name up")
                             : good(check_name(look, "DNS"), look.what.server.host + " resolves"));
  if (failed == step::proxy) {
    found.push_back(failed_finding(look, "proxy", about));
    return found;
  }
  found.push_back(is_proxied ? good(check_name(look, "proxy"), seen.proxy + " leads there")
                             : skipped(check_name(look, "proxy"), "none is used"));
  if (failed == step::connection || failed == step::tls) {
    found.push_back(failed_finding(look, failed == step::tls ? "TLS" : "connection", about));
    return found;
  }
  found.push_back(tls_finding(look, now));
  if (failed == step::greeting)
    found.push_back(failed_finding(look, "greeting", about));
  else
    add_log_in(found, look, about);
  return found;
}

answer taken_by(server_kind kind, const std::vector<server_look>& looks) {
  for (const auto& look : looks) {
    if (look.what.kind != kind || !look.seen)
      continue;
    if (look.seen->reached == probe_stage::authenticated)
      return answer::yes;
    if (refuses_credential(look))
      return answer::no;
  }
  return answer::unknown;
}

bool lack_scopes(const std::vector<server_look>& looks) {
  return std::ranges::any_of(looks, [](const auto& look) { return !look.scope_cure.empty(); });
}

finding narrowed(const not_connected_facts& facts, const diagnosis_subject& about) {
  auto trouble = diagnose(likely_cause(facts), words_of(facts), about, {}, {});
  auto found = of_diagnosis("IMAP", trouble);
  if (found.code == "imap.not_connected") {
    // The row's cure begins with the doctor, who is asked just now.
    constexpr std::string_view hint = " looks for the cause; ";
    found.what += " What else is known leaves the cause open.";
    if (auto at = found.cure.find(hint); at != std::string::npos)
      found.cure.erase(0, at + hint.size());
    return found;
  }
  found.what = "the server takes the token, but does not open the mailbox; likely: " + found.what;
  return found;
}

} // namespace mailfleet::jobs
