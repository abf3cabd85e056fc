#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lead/profile.hpp"
#include "normalise/normalise.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_store.hpp"

namespace leadhub::pipeline {

struct StageOptions {
  normalise::Options normalise;
  bool builtin_rules = true;  ///< qualify.builtin
};

/// Runs a piece of the log through every stage, in memory, and gathers what it changes. The one place, with
/// pipeline.cpp, that knows all stages. Reads the store, never writes it. Used once, by one thread.
class Batch {
 public:
  Batch(store::LeadStore& store, const StageOptions& options, const Clock& clock, std::string log_id);

  /// Takes request entries, in the order of the log. An event that fails is set aside with its reason and
  /// blocks nobody. Error: the store could not be read.
  [[nodiscard]] Result<void> add(std::span<const store::InboxEntry> entries);

  /// Takes a redrive entry, which must be alone in its batch: what the replaced entries did is taken back by
  /// folding the affected leads' timelines anew, then its own events are applied.
  [[nodiscard]] Result<void> redrive(const store::InboxEntry& entry, std::span<const std::int64_t> replaced);

  /// Sets all events of the entry aside instead of applying them.
  void set_aside(const store::InboxEntry& entry, const std::string& reason);

  /// What to save. Points into this object.
  [[nodiscard]] store::LeadChanges take_changes();

  [[nodiscard]] std::size_t applied_events() const { return applied_events_; }
  [[nodiscard]] std::size_t quarantined_events() const { return changes_.quarantine.size(); }

 private:
  /// A lead that a redrive has left without any event, and the contact points by which it was known.
  struct EmptiedLead {
    lead::Lead* lead = nullptr;
    std::vector<lead::ContactPoint> points;
  };

  void normalise(const store::InboxEntry& entry, std::vector<lead::NormalisedEvent>& events);
  void quarantine(lead::EventReference reference, std::string reason);
  [[nodiscard]] Result<void> load_candidates(std::span<const lead::NormalisedEvent> events);
  /// The leads of those contact points of the events that are `wanted`.
  template <class Events, class Wanted>
  [[nodiscard]] Result<void> load_leads_of(Events&& events, const Wanted& wanted);
  lead::Lead& adopt(lead::Lead lead);
  void index(lead::Lead& lead, const std::vector<lead::ContactPoint>& points);
  void process(const lead::NormalisedEvent& event);
  lead::Lead& lead_for(const lead::NormalisedEvent& event);
  [[nodiscard]] lead::Lead* emptied_lead_for(const lead::NormalisedEvent& event) const;
  void apply(lead::Lead& lead, const lead::NormalisedEvent& event);
  void add_attachments(const lead::Lead& lead, const lead::NormalisedEvent& event);
  void mark_changed(lead::Lead& lead);
  [[nodiscard]] Result<void> rebuild(const std::string& lead_id, std::span<const std::int64_t> replaced);

  store::LeadStore& store_;
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
  std::size_t applied_events_ = 0;
};

}  // namespace leadhub::pipeline
