#include "actors/sent_look.hpp"

#include "actors/from_outside.hpp"
#include "actors/guard.hpp"
#include "jobs/outbox_doubt.hpp"
#include "jobs/provider_presets.hpp"

#include <optional>
#include <utility>

namespace mailfleet {

void sent_look_machine::init(sent_look_surroundings around) {
  around_ = std::move(around);
}

caf::result<sent_looked> sent_look_machine::begin(look_into_sent& what) {
  // Before the promise is made, which takes the sender out of the message (CAF 0.17.6).
  if (const auto& asker = self_->current_sender())
    self_->monitor(asker);
  promise_ = self_->make_response_promise<sent_looked>();
  stays_ = caf::actor_cast<caf::strong_actor_ptr>(self_);
  mail_ = std::move(what.mail);
  seen_.mail = mail_.key;
  seen_.begun_at = around_.outside.clock->now();
  access_.init(around_.store, around_.providers, mail_.key.mailbox);
  get_in();
  return promise_;
}

// -- getting in --------------------------------------------------------------

void sent_look_machine::get_in() {
  access_.load([this](result<void> loaded) {
    if (!loaded)
      return give_up(loaded.error(), loaded.error().code != errc::not_found);
    if (jobs::imap_endpoint(access_.mailbox(), access_.provider()).host.empty())
      return give_up({errc::not_found, "no IMAP server is known for the mailbox: add it, or its "
                                       "provider, with --imap HOST"},
                     false);
    access_.get_credential([this](result<secret> credential) {
      if (!credential)
        return give_up(credential.error(), true);
      find_owner(*credential);
    });
  });
}

void sent_look_machine::find_owner(const secret& credential) {
  if (access_.mailbox().auth == mailbox_auth::password)
    return search(credential, "");
  access_.read(grant_key(mail_.key.mailbox), "", [this, credential](result<record> found) {
    // An app's own token has no owner.
    if (!found && found.error().code == errc::not_found)
      return search(credential, "");
    if (!found)
      return give_up(found.error(), true);
    const auto& account = std::get<grant_record>(*found).account;
    // Without an address the identity provider gave but a number: nobody logs in by that.
    search(credential, account.find('@') == account.npos ? "" : account);
  });
}

// -- searching ---------------------------------------------------------------

void sent_look_machine::search(const secret& credential, std::string_view owner) {
  const auto& mailbox = access_.mailbox();
  for (auto account : jobs::mailboxes_to_search(access_.user(), owner))
    seen_.looks.push_back({std::string{account}, true, false, false, std::nullopt});
  open_ = seen_.looks.size();
  seen_.begun_at = around_.outside.clock->now();
  for (std::size_t call = 0; call < seen_.looks.size(); ++call) {
    sent_query what;
    what.account.mailbox = mailbox.id;
    what.account.server = jobs::imap_endpoint(mailbox, access_.provider());
    what.account.user = seen_.looks[call].account;
    what.account.auth = mailbox.auth;
    what.account.credential = credential;
    what.folder = mailbox.sending.sent_folder;
    what.own_id = to_string(mail_.key);
    // One that we did not make may be another mail's too: of the one that is submitted again, or
    // exported from Sent. Found, that would stand for a mail that never went.
    if (mail_.mail.facts.message_id.starts_with("<" + what.own_id + "@"))
      what.message_id = mail_.mail.facts.message_id;
    around_.outside.sent_folders->search(
        std::move(what),
        [to = caf::actor_cast<caf::weak_actor_ptr>(self_), call](result<sent_answer> outcome) {
          send_from_outside<sent_look_actor>(to, sent_searched{call, std::move(outcome)});
        });
  }
}

void sent_look_machine::on_searched(sent_searched& news) {
  if (news.call >= seen_.looks.size() || open_ == 0)
    return;
  auto& look = seen_.looks[news.call];
  if (!news.outcome) {
    look.trouble = news.outcome.error();
  } else if (news.outcome->no_folder) {
    look.possible = false;
    look.trouble = failure{errc::not_found, "the server has no folder that is known to keep sent "
                                            "mail: name it with --sent-folder NAME, as the mail "
                                            "program shows it"};
  } else {
    look.complete = true;
    look.found = news.outcome->found;
  }
  if (--open_ == 0)
    answer();
}

void sent_look_machine::give_up(const failure& why, bool possible) {
  seen_.looks = {{access_.user(), possible, false, false, why}};
  answer();
}

void sent_look_machine::answer() {
  promise_.deliver(std::move(seen_));
  self_->quit();
}

sent_look_actor::behavior_type
sent_look_once(sent_look_actor::stateful_pointer<sent_look_machine> self,
               sent_look_surroundings around) {
  guard(self, around.outside.log, sent_look_machine::name);
  self->state.init(std::move(around));
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  return {
      [self](look_into_sent& what) { return self->state.begin(what); },
      [self](sent_searched& news) { self->state.on_searched(news); },
  };
}

} // namespace mailfleet
