#pragma once

#include "actors/fresh_mails.hpp"
#include "actors/outbox_uploads.hpp"
#include "actors/sent_index.hpp"
#include "actors/world.hpp"
#include "jobs/outbox_doubt.hpp"
#include "jobs/outbox_retry.hpp"
#include "jobs/outbox_schedule.hpp"
#include "jobs/restart_policy.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mailfleet {

/// What the outbox has around it.
struct outbox_surroundings {
  world outside;
  fleet_settings settings;
  store_actor store;
  providers_actor providers;
  std::shared_ptr<sent_index> index;
};

/// What is to be sent: takes mail in, gives each mailbox's mails to its senders when they are
/// due and its limits admit it, and finds out what became of mails in doubt. Sending is in
/// outbox.cpp, loading and what is known of mailboxes in outbox_lanes.cpp, taking in is in
/// outbox_intake.cpp, decisions and what comes back are in outbox_decisions.cpp, mails in doubt in
/// outbox_doubt.cpp.
class outbox_machine {
public:
  static inline const char* name = "outbox";

  explicit outbox_machine(outbox_actor::pointer self) : self_{self} {}

  void init(outbox_surroundings around);

  // -- taking in
  caf::result<upload_view> begin(const begin_upload& request);
  caf::result<upload_view> append(append_upload& request);
  caf::result<outbox_view> accept(accept_mail& request);
  void on_composed(mail_composed& made);

  // -- sending
  void load(const load_children& page);
  void on_attempted(mail_attempted& end);
  void on_due(const outbox_due& due);
  void on_grant_changed(entity_id mailbox);
  void on_mended(entity_id provider);
  void on_altered(const mailbox_altered& news);

  /// Answers when all mail is known.
  caf::result<done> await_loaded();

  // -- decisions
  caf::result<outbox_view> retry(const message_key& key);
  caf::result<outbox_view> cancel(const message_key& key);
  caf::result<outbox_view> resolve(const resolve_doubt& wanted);
  void on_reported(const mail_reported& news);
  void purge(const outbox_purge& page);
  [[nodiscard]] outbox_figures figures(std::optional<entity_id> only) const;

private:
  using view_promise = caf::typed_response_promise<outbox_view>;
  using idempotency = std::pair<entity_id, std::string>;

  /// What is kept of a mailbox that sends.
  struct lane {
    /// Its limits are known: until then nothing goes.
    bool loaded = false;
    sending_settings settings;
    std::optional<entity_id> provider;
    std::string service;
    /// Why it sends nothing at present, and since when.
    std::optional<diagnosis> rest;
    wall_time rest_since{};
    /// Attempts in a row that failed because of it.
    unsigned failures = 0;
    std::vector<sender_actor> idle;
    /// The largest mail that its server takes, and when a session heard that; 0: not known.
    std::uint64_t max_bytes = 0;
    wall_time size_heard_at{};
    /// A copy of a sent mail was found in its Sent folder; its service is known to keep them.
    bool keeps_copies = false;
    bool service_keeps_copies = false;
    jobs::restart_history ends;

    [[nodiscard]] jobs::sending_limits limits() const {
      return jobs::limits_for(service, settings);
    }
  };
  /// A sender. Nothing else holds it while it waits for its server: one that nobody could send a
  /// message to would be ended (CAF 0.17.6).
  struct employed {
    entity_id mailbox;
    sender_actor handle;
    /// Its session is with a server that is the mailbox's no more.
    bool is_outdated = false;
  };
  /// An attempt that is under way.
  struct attempt {
    /// None yet: its record is being read.
    caf::actor_addr whose;
    wall_time begun_at{};
    std::uint32_t recipients = 0;
  };
  /// A mail that is not finished.
  struct open_mail {
    std::uint64_t number = 0;
    wall_time accepted_at{};
  };
  /// A mail of which nobody knows whether it was sent.
  struct doubt {
    wall_time dot_sent_at{};
    wall_time looking_since{};
    /// Sent may hold a copy of another attempt, to others: one that is found says nothing.
    bool has_another_copy = false;
    std::map<std::string, jobs::sent_search> searches;
    /// When it is decided anew; none: by the operator.
    std::optional<wall_time> look_at;
    bool looking = false;
    /// Why the last look told nothing.
    std::string trouble;
  };
  /// A mail whose bytes are being made.
  struct intake {
    mailbox_record mailbox;
    submission_wishes wishes;
    message_key key;
    /// How many pieces each has.
    std::map<message_key, std::uint32_t> uploads;
    std::vector<view_promise> clients;
    /// Its mailbox was read again, as it changed.
    bool looked_again = false;
  };

  // -- loading
  void on_loaded(scan_page& page);
  void take_over(const outbox_record& mail);
  /// Asks for the mails behind that one.
  [[nodiscard]] static scan_request page_behind(const std::optional<record_key>& key);
  void finish_loading();
  void recover(const message_key& key);
  void recover(const outbox_record& mail);
  void read_again_later(const message_key& key);
  void load_lane(entity_id mailbox);
  void load_service(mailbox_record mailbox);
  void open_lane(const mailbox_record& mailbox, const provider_record* provider);
  void drop_lane(entity_id mailbox);
  void on_moved(entity_id mailbox);

  // -- sending
  lane& lane_of(entity_id mailbox);
  /// Puts a mail where its state, which is durable, belongs.
  void place(const outbox_record& mail);
  void count(outbox_status end);
  void forget(const message_key& key);
  void pump();
  void plan(std::optional<wall_time> when);
  void start(const jobs::waiting_mail& next);
  void dispatch(fresh_mail mail);
  void note_destinations(const outbox_record& mail);
  void note_rest(lane& of, entity_id mailbox, const attempt& ended, mail_attempted& end);
  [[nodiscard]] std::uint32_t recipients_at_once(const outbox_record& mail) const;
  [[nodiscard]] static std::string destination_of(entity_id mailbox, const std::string& address);
  /// An attempt is over, however it ended; nothing if it was not this sender's.
  std::optional<attempt> take_attempt(const message_key& key, const caf::actor_addr& whose);
  [[nodiscard]] wall_time not_before(const outbox_record& mail) const;
  void on_down(const caf::down_msg& down);
  void on_exit(const caf::exit_msg& exit);
  void leave_if_idle();

  // -- taking in
  void take_in(accept_mail& request, view_promise client);
  void answer_as_it_is(const message_key& key, bool is_repeated, view_promise client);
  result<void> reserve_uploads(const submit_mail& what, entity_id mailbox,
                               std::map<message_key, std::uint32_t>& into);
  void drop_expired_uploads();
  [[nodiscard]] result<void> check_mail(const composed_mail& mail,
                                        const mailbox_record& mailbox) const;
  /// Shared, for whoever waits for the store has it, and copies are dear.
  using accepted_mail = std::shared_ptr<fresh_mail>;
  void commit_accepted(std::uint64_t call, const accepted_mail& mail);
  void look_again(std::uint64_t call, const accepted_mail& mail);
  void refuse_written(std::uint64_t call, const fresh_mail& mail, const failure& why);
  void on_accepted(std::uint64_t call, fresh_mail& mail);
  void refuse(std::uint64_t call, const failure& why);
  [[nodiscard]] std::uint32_t next_number(entity_id mailbox);
  void drop_content_of(const message_key& key, std::uint32_t chunks);

  // -- decisions
  using decision = std::function<result<outbox_progress>(const outbox_progress&)>;
  using change_handler = std::function<void(result<outbox_record>)>;
  /// Reads a mail, changes it, and makes it durable.
  void change(const message_key& key, decision how, change_handler then);
  void commit_change(outbox_record mail, outbox_progress next, change_handler then);
  caf::result<outbox_view> decide(const message_key& key, decision how);
  [[nodiscard]] outbox_view view_of(const outbox_record& mail) const;
  void on_purged(const scan_page& page);
  void note_held_reports();
  [[nodiscard]] outbox_figures figures_of_all() const;
  [[nodiscard]] outbox_figures figures_of(entity_id mailbox) const;

  // -- doubt
  void begin_doubt(const outbox_record& mail);
  void look_at_doubts();
  void decide_doubt(const message_key& key, bool may_search);
  void look_into_sent_of(const message_key& key);
  void on_looked(const sent_looked& seen);
  void settle_doubt(const message_key& key, doubt_end how, std::string_view why);
  [[nodiscard]] std::optional<wall_time> next_doubt() const;
  [[nodiscard]] static doubt_outlook outlook_of(const lane& its, const doubt& one);

  [[nodiscard]] wall_time now() const {
    return around_.outside.clock->now();
  }

  outbox_actor::pointer self_;
  outbox_surroundings around_;
  jobs::outbox_schedule schedule_;
  jobs::resting_destinations destinations_;
  std::map<entity_id, lane> lanes_;
  /// The highest number that a mail of a mailbox was given.
  std::unordered_map<entity_id, std::uint32_t> last_numbers_;
  /// Mails whose record could not be read or written.
  std::set<message_key> unread_;

  std::map<message_key, open_mail> open_;
  std::unordered_map<std::uint64_t, message_key> keys_;
  std::multiset<wall_time> accepted_;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t last_number_ = 0;
  fresh_mails fresh_;

  std::unordered_map<caf::actor_addr, employed> senders_;
  std::map<message_key, attempt> under_way_;
  std::map<message_key, doubt> doubts_;

  /// Reports about mail that is under way.
  std::vector<mail_reported> reports_;

  outbox_uploads uploads_;
  std::unordered_map<std::uint64_t, intake> intakes_;
  std::uint64_t last_call_ = 0;
  std::map<idempotency, std::pair<message_key, wall_time>> submitted_;
  std::map<idempotency, std::uint64_t> submitting_;

  /// Requests that came before everything was read.
  std::vector<std::pair<accept_mail, view_promise>> early_;
  /// What mailboxes sent in the last day, as it is read.
  std::map<entity_id, std::vector<std::pair<wall_time, std::uint32_t>>> sent_lately_;
  std::vector<caf::typed_response_promise<done>> awaiting_;
  bool loaded_ = false;
  bool stopping_ = false;
  std::uint64_t plan_ = 0;
  std::optional<wall_time> planned_;
};

outbox_actor::behavior_type outbox(outbox_actor::stateful_pointer<outbox_machine> self,
                                   outbox_surroundings around);

} // namespace mailfleet
