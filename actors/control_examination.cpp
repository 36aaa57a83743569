#include "actors/control_relay.hpp"
#include "actors/from_outside.hpp"
#include "actors/limits.hpp"
#include "jobs/examination.hpp"
#include "jobs/server_examination.hpp"

#include <algorithm>
#include <utility>

/// The doctor: gathers what is known of a provider or mailbox, looks at its servers side by
/// side, and lets jobs/ say what that means. It changes nothing by itself; what
/// its token requests come to is noted by the provider as of any other.
namespace mailfleet {

struct control_desk::visit {
  client asker;
  examination found;
  std::optional<provider_record> provider;
  /// Of a mailbox; its address is empty in a provider's visit.
  mailbox_view shown;
  mailbox_record mailbox;
  std::optional<grant_record> grant;
  jobs::log_in_means means;
  /// The identity provider gave no token in time.
  bool is_late = false;
  jobs::answer neighbour = jobs::answer::unknown;
  std::vector<jobs::server_look> looks;
  /// Looks that have not ended.
  std::size_t open = 0;

  [[nodiscard]] bool is_of_mailbox() const {
    return !shown.record.address.empty();
  }
  [[nodiscard]] bool is_not_connected() const {
    return shown.trouble && shown.trouble->code == "imap.not_connected";
  }
  [[nodiscard]] const provider_record* its_provider() const {
    return provider ? &*provider : nullptr;
  }
};

template <class Answer, class Handle, class Message, class Next>
void control_desk::ask_for(const visit_ptr& of, const Handle& whom, Message message, Next next) {
  self_->request(whom, control_timeout, std::move(message))
      .then([next](Answer& answer) mutable { next(answer); },
            [this, of](const caf::error& what) { refuse(of->asker, as_failure(what)); });
}

/// `next` gets the record, or nothing if there is none.
template <class Record, class Next>
void control_desk::read_for(const visit_ptr& of, const record_key& key, Next next) {
  ask_for<record_read>(of, around_.store, read_record{key}, [next](record_read& answer) mutable {
    std::optional<Record> found;
    if (answer.found)
      found = std::get<Record>(*std::move(answer.found));
    next(std::move(found));
  });
}

void control_desk::carry_out(examine_provider& command, client to) {
  with_provider(command.which, std::move(to), [this](const provider_record& known, client& asker) {
    auto of = std::make_shared<visit>();
    of->asker = std::move(asker);
    // The record as shown lacks the proxy's password.
    record_key key{.in = family::providers, .owner = known.id.value};
    read_for<provider_record>(of, key, [this, of](std::optional<provider_record> found) {
      if (!found)
        return refuse(of->asker, {errc::not_found, "the provider is gone"});
      of->provider = std::move(found);
      of->looks = jobs::servers_of(*of->provider);
      ask_for<examination>(of, around_.providers, look_at_provider{of->provider->id},
                           [this, of](examination& seen) {
                             of->found = std::move(seen);
                             look_at_servers(of);
                           });
    });
  });
}

void control_desk::carry_out(examine_mailbox& command, client to) {
  ask<mailbox_list>(around_.mailboxes, list_views{command.which}, std::move(to),
                    [this](mailbox_list& found, client& asker) {
                      auto of = std::make_shared<visit>();
                      of->asker = std::move(asker);
                      of->shown = std::move(found.mailboxes.front());
                      of->found.subject = of->shown.record.address;
                      visit_mailbox(of);
                    });
}

void control_desk::visit_mailbox(const visit_ptr& of) {
  record_key key{.in = family::mailboxes, .owner = of->shown.record.id.value};
  read_for<mailbox_record>(of, key, [this, of](std::optional<mailbox_record> found) {
    if (!found)
      return refuse(of->asker, {errc::not_found, "the mailbox is gone"});
    of->mailbox = *std::move(found);
    if (!of->mailbox.provider)
      return read_grant(of);
    record_key its{.in = family::providers, .owner = of->mailbox.provider->value};
    read_for<provider_record>(of, its, [this, of](std::optional<provider_record> provider) {
      if (!provider)
        return refuse(of->asker, {errc::not_found, "the mailbox's provider does not exist"});
      of->provider = std::move(provider);
      read_grant(of);
    });
  });
}

void control_desk::read_grant(const visit_ptr& of) {
  bool is_app = of->provider && of->provider->flow == grant_flow::app_only;
  auto owner = is_app ? of->provider->id : of->mailbox.id;
  read_for<grant_record>(of, grant_key(owner), [this, of](std::optional<grant_record> found) {
    of->grant = std::move(found);
    gain_credential(of);
  });
}

void control_desk::gain_credential(const visit_ptr& of) {
  of->means.scope = of->grant ? of->grant->scope : std::string{};
  if (of->mailbox.auth == mailbox_auth::password) {
    if (of->grant)
      of->means.credential = of->grant->password;
    else
      of->means.trouble = failure{errc::sign_in_required, "there is no password"};
    return look_at_neighbours(of);
  }
  // A person waits: whatever wait of ours there is, is not waited out.
  self_
      ->request(
          around_.providers, examination_budget,
          request_token{of->provider ? of->provider->id : entity_id{}, of->mailbox.id, {}, true})
      .then(
          [this, of](token_granted& token) {
            of->means.credential = std::move(token.access_token);
            look_at_neighbours(of);
          },
          [this, of](const caf::error& what) {
            of->means.trouble = as_failure(what);
            of->is_late = of->means.trouble->code == errc::timed_out;
            if (of->is_late)
              of->means.trouble->detail = "the identity provider did not answer in time";
            look_at_neighbours(of);
          });
}

/// Whether others of the provider are connected is asked only where it tells something: the
/// list of a large fleet is long.
void control_desk::look_at_neighbours(const visit_ptr& of) {
  of->looks = jobs::servers_of(of->mailbox, of->its_provider(), std::move(of->means));
  if (!of->is_not_connected())
    return look_at_servers(of);
  ask_for<mailbox_list>(of, around_.mailboxes, list_views{std::nullopt},
                        [this, of](mailbox_list& all) {
                          of->neighbour = jobs::neighbour_connected(all.mailboxes, of->mailbox);
                          look_at_servers(of);
                        });
}

void control_desk::look_at_servers(const visit_ptr& of) {
  auto number = ++last_visit_;
  auto is_there = [](const auto& look) { return !look.what.server.host.empty(); };
  of->open = static_cast<std::size_t>(std::ranges::count_if(of->looks, is_there));
  if (of->open == 0)
    return conclude(of);
  visits_.emplace(number, of);
  for (std::size_t at = 0; at < of->looks.size(); ++at) {
    if (!is_there(of->looks[at]))
      continue;
    auto what = of->looks[at].what;
    of->looks[at].what.credential = {};
    around_.outside.probes->probe(
        std::move(what),
        [self = caf::actor_cast<caf::weak_actor_ptr>(self_), number, at](probe_report seen) {
          send_from_outside<control_actor>(self, server_seen{number, at, std::move(seen)});
        });
  }
}

void control_desk::on_seen(server_seen& answer) {
  if (on_ca_file_seen(answer))
    return;
  auto found = visits_.find(answer.visit);
  if (found == visits_.end() || answer.look >= found->second->looks.size())
    return;
  auto of = found->second;
  of->looks[answer.look].seen = std::move(answer.report);
  if (--of->open != 0)
    return;
  visits_.erase(found);
  conclude(of);
}

void control_desk::conclude(const visit_ptr& of) {
  // Views: `? name : ""` would be a temporary string, gone at the semicolon.
  jobs::diagnosis_subject about{of->mailbox.address, {}};
  if (of->provider)
    about.provider = of->provider->name;
  auto& findings = of->found.findings;
  if (of->is_of_mailbox()) {
    result<jobs::resolved_provider> where = failure{};
    if (of->provider)
      where = jobs::resolve(*of->provider);
    findings =
        jobs::findings_of(of->shown, of->grant ? &*of->grant : nullptr, where ? &*where : nullptr);
    if (of->is_not_connected() && of->provider) {
      jobs::not_connected_facts facts;
      facts.who =
          jobs::signer_by(of->mailbox, of->grant ? of->grant->account : "", of->provider->flow);
      facts.pop3 = jobs::taken_by(server_kind::pop3, of->looks);
      facts.smtp = jobs::taken_by(server_kind::smtp, of->looks);
      facts.neighbour = of->neighbour;
      facts.lack_scopes = jobs::lack_scopes(of->looks);
      findings.back() = jobs::narrowed(facts, about);
    }
    if (of->is_late)
      findings.push_back(jobs::late_finding("token", examination_budget));
  }
  for (const auto& look : of->looks)
    for (auto& found : jobs::findings_of(look, about, around_.outside.clock->now()))
      findings.push_back(std::move(found));
  finish(of->asker, std::move(of->found));
}

} // namespace mailfleet
