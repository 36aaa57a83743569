#pragma once

#include "actors/world.hpp"
#include "jobs/validation.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mailfleet {

/// Whom and what control speaks to.
struct control_surroundings {
  world outside;
  fleet_settings settings;
  store_actor store;
  providers_actor providers;
  mailboxes_actor mailboxes;
  outbox_actor outbox;
  std::shared_ptr<byte_budget> process_budget;
  std::string version;
};

/// The one door for control messages: validates, leads each to the actor it is
/// for, and notes those that change something in the audit log. Mailboxes are in
/// control.cpp, providers in control_providers.cpp, ways to sign in are in control_sign_in.cpp,
/// questions about what is stored in control_queries.cpp, about servers in
/// control_certificates.cpp, mail on its way out in control_outbox.cpp.
class control_desk {
public:
  static inline const char* name = "control";

  explicit control_desk(control_actor::pointer self) : self_{self} {}

  void init(control_surroundings around);

  caf::result<control_answer> handle(control_request& request);
  void on_seen(certificate_seen& answer);
  void on_seen(server_seen& answer);

private:
  /// Who asked, and what the audit log is to say of it; nothing for questions.
  struct client {
    caf::typed_response_promise<control_answer> promise;
    std::optional<audit_record> note;
  };

  // -- providers
  void carry_out(add_provider& command, client to);
  void carry_out(list_providers& command, client to);
  void carry_out(show_provider& command, client to);
  void carry_out(remove_provider& command, client to);
  void carry_out(add_secret& command, client to);
  void carry_out(retire_secret& command, client to);
  void carry_out(read_secret_expiry& command, client to);
  void carry_out(request_consent& command, client to);

  // -- the doctor
  void carry_out(examine_provider& command, client to);
  void carry_out(examine_mailbox& command, client to);
  /// What is gathered for one examination (control_examination.cpp).
  struct visit;
  using visit_ptr = std::shared_ptr<visit>;
  template <class Answer, class Handle, class Message, class Next>
  void ask_for(const visit_ptr& of, const Handle& whom, Message message, Next next);
  template <class Record, class Next>
  void read_for(const visit_ptr& of, const record_key& key, Next next);
  void visit_mailbox(const visit_ptr& of);
  void read_grant(const visit_ptr& of);
  void gain_credential(const visit_ptr& of);
  void look_at_neighbours(const visit_ptr& of);
  void look_at_servers(const visit_ptr& of);
  void conclude(const visit_ptr& of);

  // -- mailboxes
  void carry_out(add_mailbox& command, client to);
  void add_with(add_mailbox command, const provider_record* provider, client to);
  void carry_out(list_mailboxes& command, client to);
  void carry_out(show_mailbox& command, client to);
  /// Says of each mailbox what troubles its sending.
  void with_sending(mailbox_list found, client to,
                    std::function<void(mailbox_list&, client&)> then);
  void carry_out(remove_mailbox& command, client to);
  void carry_out(set_servers& command, client to);
  void change_servers(const mailbox_record& who, const provider_record* provider,
                      const server_change& wanted, client to);
  void carry_out(pause_mailbox& command, client to);
  void carry_out(resume_mailbox& command, client to);
  void carry_out(fetch_now& command, client to);
  void carry_out(replace_password& command, client to);
  void commit_password(entity_id owner, secret password, client to);

  // -- mail on its way out
  void carry_out(open_upload& command, client to);
  void carry_out(append_upload& command, client to);
  void carry_out(submit_mail& command, client to);
  void carry_out(list_outbox& command, client to);
  void carry_out(show_outbox& command, client to);
  void carry_out(retry_mail& command, client to);
  void carry_out(cancel_mail& command, client to);
  void carry_out(resolve_doubt& command, client to);
  void carry_out(set_sending& command, client to);
  void accept_for(const mailbox_record& who, submit_mail command, bool has_server, client to);
  void list_mails(const list_outbox& command, std::optional<entity_id> owner, client to);
  void show_mails(const list_outbox& command, const scan_page& page, client to);
  static std::optional<diagnosis> trouble_of(const outbox_record& mail,
                                             const outbox_figures& figures);
  /// Gives the record of the mailbox, without its secrets, to `use`.
  template <class Use>
  void with_mailbox(const reference& which, client to, Use use);

  // -- certificates
  void carry_out(show_certificate& command, client to);
  /// CA files that are looked at, one after the other, before `then` is carried out.
  struct ca_file_look {
    std::vector<jobs::named_ca_file> files;
    client asker;
    std::function<void(client&)> then;
    std::size_t at = 0;
  };
  void look_at_ca_files(ca_file_look look);
  /// Whether the answer was of such a look.
  bool on_ca_file_seen(const server_seen& answer);

  // -- signing in
  void carry_out(begin_sign_in& command, client to);
  void carry_out(begin_device_sign_in& command, client to);
  void carry_out(open_sign_in& command, client to);
  void carry_out(complete_sign_in& command, client to);
  /// Gives the mailbox to `use` if a provider signs it in.
  template <class Use>
  void with_signed_in_mailbox(const reference& which, client to, Use use);
  void on_signed_in(signed_in& who, client& asker);
  void on_signed_in(consent_given& consent, client& asker);

  // -- what is stored
  void carry_out(list_messages& command, client to);
  void carry_out(show_message& command, client to);
  void carry_out(read_body& command, client to);
  void read_part(const message_record& of, std::uint32_t part, client to);
  void carry_out(list_events& command, client to);
  void carry_out(list_audit& command, client to);
  void follow(list_events wanted, std::optional<entity_id> about, client to);
  void carry_out(report_status& command, client to);
  void report_with(status_report report, client to);
  void report_outbox_with(status_report report, client to);
  void with_counts(provider_list providers, client to,
                   std::function<void(provider_list&, client&)> then);
  static void sort_by_name(std::vector<provider_view>& providers);
  static void count_mailboxes(std::vector<provider_view>& of, const mailbox_list& all);

  /// Gives the record of the provider, without its secrets, to `use`.
  template <class Use>
  void with_provider(const reference& which, client to, Use use);

  /// Gives that of the mailbox's provider, or null if it has none.
  template <class Use>
  void with_provider_of(const mailbox_record& who, client to, Use use);

  /// Sends `message` and gives what `use` makes of the answer, or the refusal,
  /// to `to`.
  template <class Answer, class Handle, class Message, class Use>
  void ask(const Handle& whom, Message message, client to, Use use);
  template <class Answer, class Handle, class Message>
  void relay(const Handle& whom, Message message, client to);

  void finish(client& to, control_answer answer);
  void refuse(client& to, const failure& what);
  void note(client& of, std::string outcome);
  [[nodiscard]] entity_id fresh_id();
  [[nodiscard]] std::optional<audit_record> note_for(const control_request& request) const;

  control_actor::pointer self_;
  control_surroundings around_;
  wall_time started_at_{};
  /// Who waits for a look at a certificate.
  std::unordered_map<std::uint64_t, client> probes_;
  std::uint64_t last_probe_ = 0;
  std::unordered_map<std::uint64_t, ca_file_look> ca_file_looks_;
  /// Examinations that wait for looks at servers.
  std::unordered_map<std::uint64_t, visit_ptr> visits_;
  std::uint64_t last_visit_ = 0;
};

control_actor::behavior_type control(control_actor::stateful_pointer<control_desk> self,
                                     control_surroundings around);

} // namespace mailfleet
