#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "deliver/rules.hpp"
#include "identify/matcher.hpp"
#include "lead/action.hpp"
#include "lead/profile.hpp"
#include "lead/suppression.hpp"
#include "normalise/normalise.hpp"
#include "nurture/journey.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "qualify/qualify.hpp"
#include "route/desk.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_store.hpp"
#include "verify/email_lists.hpp"
#include "verify/verify.hpp"

namespace leadhub::pipeline {

struct StageOptions {
  normalise::Options normalise;
  qualify::Rules rules = qualify::default_rules();
  route::Routes routes{};
  deliver::Rules deliver{};
  nurture::Rules nurture{};
  /// The channels whose newsletter requests wait for a confirmation: the shortest time between two mails.
  std::map<std::string, std::chrono::milliseconds, std::less<>> opt_in_resend_after{};
  verify::Policy policy{};
  std::shared_ptr<const verify::EmailLists> lists = std::make_shared<const verify::EmailLists>();
  bool ask_dns = false;  ///< verify.email.mx: new addresses wait for a verdict on their domain
  identify::RoleAddresses role_addresses = identify::RoleAddresses::by_name;
  /// The keyed hash by which suppressions know a canonical address.
  std::function<std::string(std::string_view canonical)> hash_address = [](std::string_view canonical) {
    return std::string{canonical};
  };
};

/// Key of the index of contact points.
[[nodiscard]] std::string contact_key(lead::ContactKind kind, std::string_view canonical);

/// A contact point that was verified stays so, whichever event named it.
void keep_verification(lead::Lead& lead, const std::vector<lead::ContactPoint>& before);

/// Runs a piece of the log through every stage, in memory, and gathers what it changes. The one place, with
/// pipeline.cpp, that knows all stages. Reads the store, never writes it. Used once, by one thread.
class Batch {
 public:
  /// `desk`: who of the team is how busy before it.
  Batch(store::LeadStore& store, const StageOptions& options, const Clock& clock, std::string log_id,
        route::Desk desk = route::Desk{});

  /// Takes request entries, in the order of the log. An event that fails is set aside with its reason and
  /// blocks nobody. Error: the store could not be read.
  [[nodiscard]] Result<void> add(std::span<const store::InboxEntry> entries);

  /// Takes a redrive entry, which must be alone in its batch: what the replaced entries did is taken back by
  /// folding the affected leads' timelines anew, then its own events are applied.
  [[nodiscard]] Result<void> redrive(const store::InboxEntry& entry, std::span<const std::int64_t> replaced);

  /// Takes an action entry, which must be alone in its batch. An action that cannot be done (the lead is
  /// gone, the two are one already) is set aside with its reason.
  [[nodiscard]] Result<void> act(const store::InboxEntry& entry, store::InboxReader& inbox);

  /// Sets all events of the entry aside instead of applying them.
  void set_aside(const store::InboxEntry& entry, const std::string& reason);

  /// What to save. Points into this object.
  [[nodiscard]] store::LeadChanges take_changes();

  /// Who of the team is how busy after it; true once the changes are saved.
  [[nodiscard]] const route::Desk& desk() const { return desk_; }

  [[nodiscard]] std::size_t applied_events() const { return applied_events_; }
  [[nodiscard]] std::size_t quarantined_events() const { return changes_.quarantine.size(); }

 private:
  /// A lead that a redrive has left without any event, and the contact points by which it was known.
  struct EmptiedLead {
    lead::Lead* lead = nullptr;
    std::vector<lead::ContactPoint> points;
  };

  [[nodiscard]] Result<void> act(const lead::MergeLeads& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::UnmergeLead& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::DismissProposal& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::VerifyContacts& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::EraseLead& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::PauseSending& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::ResumeSending& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::SuppressAddress& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::LiftSuppression& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::ReplyInChat& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::RecordDeed& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::RecordSignal& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::LookAgain& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::JudgeSignal& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::RedriveDeliveries& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::SettleMessage& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::StartBroadcast& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::ReachLeads& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::DecideBroadcast& action, lead::EventReference reference);
  [[nodiscard]] Result<void> act(const lead::CancelBroadcast& action, lead::EventReference reference);
  /// The lead with that id, or the one that it became part of. Error: `not_found`.
  [[nodiscard]] Result<lead::Lead*> load(std::string id);
  [[nodiscard]] Result<void> merge(lead::Lead& into, lead::Lead& merged, std::string reason,
                                   std::int64_t seq);
  /// Undoes a merge: `alone` gets back the events that are at home with `members`.
  [[nodiscard]] Result<void> part(lead::Lead& from, lead::Lead& alone,
                                  const std::vector<std::string>& members, std::int64_t merge_entry);
  /// The visits of a person who has now made themselves known become theirs.
  [[nodiscard]] Result<void> join_visitors(lead::Lead& lead, const lead::NormalisedEvent& event);
  /// Public input that names two leads decides nothing: somebody is asked.
  void propose_merges(const lead::Lead& lead, const lead::NormalisedEvent& event);

  /// Whether the event shows that no mail should go to its address any more.
  [[nodiscard]] Result<void> suppress(const lead::Lead& lead, const lead::NormalisedEvent& event);
  [[nodiscard]] Result<std::vector<lead::MailSign>> mail_signs(const lead::Lead& lead,
                                                               const std::string& canonical);

  /// Asks whoever reads the mailbox to confirm, unless they have, or were asked a moment ago.
  [[nodiscard]] Result<void> ask_to_confirm(const lead::Lead& lead, const lead::NormalisedEvent& event);
  [[nodiscard]] Result<bool> is_confirmed(const lead::Lead& lead, const lead::NormalisedEvent& event);
  [[nodiscard]] Result<bool> was_just_asked(const lead::NormalisedEvent& event, const std::string& canonical);

  /// On which terms somebody gets a lead.
  struct Terms {
    std::string rule;  ///< in words
    std::string method;
    std::optional<std::chrono::milliseconds> answer_within;
  };
  /// Gives the lead to somebody, where a rule of the configuration holds that did not before.
  [[nodiscard]] Result<void> route(lead::Lead& lead, const lead::NormalisedEvent& event);
  /// Hands it over by that rule, unless somebody has it who has not answered yet. Where nobody is free it
  /// waits.
  [[nodiscard]] Result<void> hand_over(lead::Lead& lead, const route::Rule& rule, TimePoint now,
                                       lead::EventReference source);
  void assign(lead::Lead& lead, const route::Member& member, Terms terms, TimePoint now,
              lead::EventReference source);
  void close_assignment(lead::Lead& lead, lead::AssignmentState state);
  void keep_assignment(const lead::Lead& lead);
  /// Of two leads that become one, whoever has the first keeps it; of the other the hand-off ends, or goes on
  /// with the first.
  void join_hand_offs(lead::Lead& into, lead::Lead& merged);
  /// Writes to somebody of the team. what: "hand-off" or "missed".
  void tell(const lead::Lead& lead, const std::string& name, const std::string& address,
            std::string_view what, TimePoint now, lead::EventReference source);
  [[nodiscard]] Result<std::string> owner_of_company(const lead::Lead& lead);
  /// What becomes of a hand-off whose time to answer has run out.
  [[nodiscard]] Result<void> check_answer(lead::Lead& lead, TimePoint now);
  [[nodiscard]] Result<void> reassign(lead::Lead& lead, const route::Rule& rule,
                                      const lead::Assignment& missed, TimePoint now);
  [[nodiscard]] Result<void> escalate(lead::Lead& lead, const lead::Assignment& missed, TimePoint now);
  /// Error: `invalid` where nobody has that name.
  [[nodiscard]] Result<void> give_to(lead::Lead& lead, const std::string& owner, TimePoint now,
                                     lead::EventReference source);
  /// The owner has taken the lead up, in that round of its hand-offs or whichever it is. Error: `conflict`
  /// where nobody has it, or it has gone on.
  [[nodiscard]] Result<void> answer(lead::Lead& lead, std::optional<std::int64_t> round, TimePoint now);

  /// Whether the lead's timeline has the deed, by its key.
  [[nodiscard]] Result<bool> is_done_already(const lead::Lead& lead, const lead::NormalisedEvent& event);
  /// Something that the hub itself does to a lead.
  [[nodiscard]] Result<void> apply_deed(lead::Lead& lead, std::string_view type, TimePoint now,
                                        lead::EventReference reference);
  /// document: a lead event.
  [[nodiscard]] Result<void> apply_own(lead::Lead& lead, std::string_view document, TimePoint now,
                                       lead::EventReference reference);
  /// What time alone changes, where that is due.
  [[nodiscard]] Result<void> look_again(lead::Lead& lead, TimePoint now, lead::EventReference reference);
  [[nodiscard]] Result<void> look_again_or_put_off(lead::Lead& lead, lead::EventReference reference);
  [[nodiscard]] Result<void> raise_account_dates(lead::Lead& lead, TimePoint now,
                                                 lead::EventReference reference);
  /// Adds to when the rules ask for the lead again when the team, the account and the destinations do.
  void set_alarm(lead::Lead& lead) const;
  /// Puts a message for each destination to which a rule sends the lead now into the outbox.
  void send_on(lead::Lead& lead, const lead::Subject& subject, lead::EventReference source);

  /// Which journeys are paused; called before anything is done.
  [[nodiscard]] Result<void> read_pauses();
  /// Journeys: who begins or ends one, and what is to be done on the way.
  [[nodiscard]] Result<void> develop(lead::Lead& lead, const lead::Subject& subject,
                                     lead::EventReference source);
  /// One round of it; whether anything was done that conditions may look at.
  [[nodiscard]] Result<bool> take_steps(lead::Lead& lead, TimePoint now, lead::EventReference source);
  void end_and_enter(lead::Lead& lead, const lead::Subject& subject, lead::EventReference source);
  [[nodiscard]] Result<void> perform(lead::Lead& lead, const nurture::Journey& journey,
                                     const nurture::Task& task, TimePoint now, lead::EventReference source);
  /// Puts the lead's mail of the broadcast into the outbox.
  [[nodiscard]] Result<void> post(lead::Lead& lead, const lead::Broadcast& broadcast,
                                  lead::EventReference source);
  /// What came back of a mail is noted with it.
  void note_feedback(const lead::NormalisedEvent& event);
  /// The same once a signal of the lead is judged otherwise.
  [[nodiscard]] Result<void> note_feedback_anew(const lead::Lead& lead, const lead::JudgeSignal& action);
  /// Why a mail of that purpose may not go to the lead; empty: it may.
  [[nodiscard]] Result<std::string> why_no_mail(const lead::Lead& lead, const std::string& purpose);
  [[nodiscard]] Result<std::vector<lead::ConsentEntry>> consents_of(const lead::Lead& lead);
  void end_if_due(const lead::Lead& lead, lead::Enrolment& enrolment, const lead::Subject& subject);
  /// Of two leads that become one, each journey goes on once.
  void join_journeys(lead::Lead& into, const lead::Lead& merged);
  /// Each gets back the journeys that it began.
  void part_journeys(lead::Lead& from, lead::Lead& alone);

  /// A line of the timeline, read again.
  [[nodiscard]] Result<lead::NormalisedEvent> normalised(const lead::TimelineEntry& line) const;
  /// Applies an event that has its line in the timeline already; its consents are written anew.
  void fold(lead::Lead& lead, const lead::NormalisedEvent& event);

  void normalise(const store::InboxEntry& entry, std::vector<lead::NormalisedEvent>& events);
  void quarantine(lead::EventReference reference, std::string reason);
  [[nodiscard]] Result<void> load_candidates(std::span<const lead::NormalisedEvent> events);
  /// The leads of those contact points of the events that are `wanted`.
  template <class Events, class Wanted>
  [[nodiscard]] Result<void> load_leads_of(Events&& events, const Wanted& wanted);
  lead::Lead& adopt(lead::Lead lead);
  void index(lead::Lead& lead, const std::vector<lead::ContactPoint>& points);
  /// Error: the store could not be read; what the event itself does wrong sets it aside.
  [[nodiscard]] Result<void> process(const lead::NormalisedEvent& event);
  lead::Lead& lead_for(const lead::NormalisedEvent& event);
  [[nodiscard]] lead::Lead* emptied_lead_for(const lead::NormalisedEvent& event) const;
  [[nodiscard]] Result<void> apply(lead::Lead& lead, const lead::NormalisedEvent& event);

  /// Judges an event that has just been applied, and gathers what the rules made of it.
  void judge(lead::Lead& lead, const lead::NormalisedEvent& event);
  /// Judges all events of a lead anew, as after a merge: those of its own timeline and of `other`'s.
  [[nodiscard]] Result<void> judge_anew(lead::Lead& lead, const std::string& other);
  /// Every line of the timelines of these leads that counts, this batch's among them, in the order of the
  /// log.
  [[nodiscard]] Result<std::vector<lead::TimelineEntry>> lines_of(std::set<std::string> ids);
  /// The decay may have changed since the lead's points were summed up.
  [[nodiscard]] Result<void> reckon_anew(lead::Lead& lead);
  void add_attachments(const lead::Lead& lead, const lead::NormalisedEvent& event);
  void ask_about_new_addresses(const lead::Lead& lead, const lead::NormalisedEvent& event);
  void mark_changed(lead::Lead& lead);
  void follow_merges();
  [[nodiscard]] Result<void> rebuild(const std::string& lead_id, std::span<const std::int64_t> replaced);

  store::LeadStore& store_;
  store::InboxReader* inbox_ = nullptr;  ///< while an action is taken
  TimePoint asked_at_{};                 ///< when that action was asked for
  const StageOptions& options_;
  const Clock& clock_;
  std::string log_id_;
  std::deque<lead::Lead> leads_;  ///< stable addresses
  std::unordered_map<std::string, lead::Lead*> by_id_;
  std::unordered_map<std::string, std::vector<lead::Lead*>> by_contact_;
  std::unordered_set<const lead::Lead*> changed_;
  std::vector<EmptiedLead> emptied_;
  const lead::Lead* without_heir_ = nullptr;  ///< the one emptied lead, where no event names it any more
  store::LeadChanges changes_;
  route::Desk desk_;
  std::map<std::string, std::int64_t, std::less<>> turns_before_;
  std::unordered_map<std::string, TimePoint> looked_at_;  ///< as of when the rules of deliver saw each lead
  std::int32_t deeds_ = 0;                           ///< of the hub's own in this batch, for their references
  std::unordered_set<const lead::Lead*> developed_;  ///< whose enrolments may have changed
  std::unordered_map<std::string, TimePoint> put_off_;  ///< leads that could not be looked at
  std::int64_t posted_ = 0;     ///< by the journeys of the lead that is being developed
  bool is_developing_ = false;  ///< what a journey does to a lead is looked at once it has done it
  nurture::Paused paused_;      ///< journeys
  std::size_t applied_events_ = 0;
};

}  // namespace leadhub::pipeline
