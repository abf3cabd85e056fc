#include <algorithm>
#include <utility>

#include "lead/deed.hpp"
#include "ops/limits.hpp"
#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"
#include "route/working_time.hpp"

namespace leadhub::pipeline {
namespace {

constexpr std::string_view by_operator = "somebody of the team decided it";

/// Null: none.
const route::Rule* first_that_holds(const route::Routes& routes, const lead::Subject& subject) {
  const auto found = std::find_if(routes.rules.begin(), routes.rules.end(), [&](const route::Rule& rule) {
    return !(rule.on_event && subject.event == nullptr) && lead::holds(rule.when, subject);
  });
  return found == routes.rules.end() ? nullptr : &*found;
}

/// Null: hub.yaml has it no more.
const route::Rule* rule_of(const route::Routes& routes, std::string_view mark) {
  const auto found = std::ranges::find(routes.rules, mark, &route::Rule::mark);
  return found == routes.rules.end() ? nullptr : &*found;
}

bool is_open(const lead::Lead& lead) {
  const auto& assignment = lead.routing.assignment;
  return assignment && assignment->state == lead::AssignmentState::open;
}

}  // namespace

Result<void> Batch::route(lead::Lead& lead, const lead::NormalisedEvent& event) {
  const auto& routes = options_.routes;
  if (routes.rules.empty()) return {};
  const auto* rule = first_that_holds(routes, {lead, &event, event.received_at});
  auto& holding = lead.routing.holding;
  const bool held_before =
      rule != nullptr && std::find(holding.begin(), holding.end(), rule->mark) != holding.end();
  holding.clear();
  if (rule == nullptr) return {};
  // What an event has set off, the next such event sets off again.
  if (!rule->on_event) holding.push_back(rule->mark);
  return held_before ? Result<void>{} : hand_over(lead, *rule, event.received_at, event.reference);
}

Result<void> Batch::hand_over(lead::Lead& lead, const route::Rule& rule, TimePoint now,
                              lead::EventReference source) {
  if (is_open(lead)) return {};
  const auto& routes = options_.routes;
  // Whoever has the lead already goes on with it.
  const auto* owner = route::find_member(routes, lead.owner());
  if (owner != nullptr && desk_.is_free(routes, *owner, now)) {
    assign(lead, *owner, {rule.name, "owner", rule.answer_within}, now, source);
    return {};
  }
  const auto knows_company = rule.method == route::Method::sticky ? owner_of_company(lead) : std::string{};
  if (!knows_company) return std::unexpected(knows_company.error());
  const auto* chosen = desk_.choose(routes, rule, lead, *knows_company, {}, now);
  if (chosen != nullptr) {
    assign(lead, *chosen, {rule.name, std::string{to_string(rule.method)}, rule.answer_within}, now, source);
    return {};
  }
  const auto since = lead.routing.waiting ? lead.routing.waiting->since : now;
  const auto latest = now + limits::backlog_look;
  lead.routing.waiting = {rule.mark, source, since,
                          std::min(desk_.next_free(routes, now).value_or(latest), latest)};
  return {};
}

Result<std::string> Batch::owner_of_company(const lead::Lead& lead) {
  const auto& company = lead.field(lead::Field::company);
  if (company.empty()) return std::string{};
  for (const auto& other : leads_)
    if (&other != &lead && other.merged_into.empty() && other.field(lead::Field::company) == company &&
        !other.owner().empty())
      return other.owner();
  return store_.owner_of_company(company);
}

void Batch::assign(lead::Lead& lead, const route::Member& member, Terms terms, TimePoint now,
                   lead::EventReference source) {
  close_assignment(lead, lead::AssignmentState::superseded);
  auto& routing = lead.routing;
  lead::Assignment assignment;
  assignment.round = routing.assignment ? routing.assignment->round + 1 : 1;
  assignment.owner = member.name;
  assignment.rule = std::move(terms.rule);
  assignment.method = std::move(terms.method);
  assignment.source = source;
  assignment.assigned_at = now;
  if (terms.answer_within)
    assignment.answer_by =
        options_.routes.working_hours
            ? route::add_working_time(now, *terms.answer_within, *options_.routes.working_hours)
            : now + *terms.answer_within;
  desk_.take(member, now);
  routing.assignment = assignment;
  routing.waiting.reset();
  keep_assignment(lead);
  tell(lead, member.name, member.email, "hand-off", now, source);
}

/// Ends a hand-off that is open.
void Batch::close_assignment(lead::Lead& lead, lead::AssignmentState state) {
  if (!is_open(lead)) return;
  auto& assignment = *lead.routing.assignment;
  assignment.state = state;
  desk_.settle(assignment.owner);
  keep_assignment(lead);
}

void Batch::keep_assignment(const lead::Lead& lead) {
  const auto& assignment = *lead.routing.assignment;
  std::erase_if(changes_.assignments, [&](const auto& kept) {
    return kept.lead_id == lead.id && kept.row.round == assignment.round;
  });
  changes_.assignments.push_back({lead.id, assignment});
}

void Batch::join_hand_offs(lead::Lead& into, lead::Lead& merged) {
  if (!is_open(merged)) return;
  if (into.routing.assignment) return close_assignment(merged, lead::AssignmentState::superseded);
  into.routing = merged.routing;
  keep_assignment(into);
  merged.routing.assignment->state = lead::AssignmentState::superseded;
  keep_assignment(merged);
}

void Batch::tell(const lead::Lead& lead, const std::string& name, const std::string& address,
                 std::string_view what, TimePoint now, lead::EventReference source) {
  if (options_.routes.notify_via.empty()) return;
  lead::Message message;
  message.kind = lead::MessageKind::hand_off;
  message.occurrence = std::string{what}
                           .append("/")
                           .append(lead.id)
                           .append("/")
                           .append(std::to_string(lead.routing.assignment->round))
                           .append("/")
                           .append(name);
  message.id = ops::make_uuid(now, log_id_ + "/" + message.occurrence);
  message.lead_id = lead.id;
  message.channel = options_.routes.notify_via;
  message.address = address;
  message.canonical = address;
  message.source = source;
  message.created_at = now;
  message.due_at = now;
  message.text = what;
  message.author = name;
  changes_.messages.push_back(std::move(message));
}

Result<void> Batch::check_answer(lead::Lead& lead, TimePoint now) {
  if (!is_open(lead)) return {};
  const auto assignment = *lead.routing.assignment;
  if (!assignment.answer_by || *assignment.answer_by > now) return {};
  close_assignment(lead, lead::AssignmentState::missed);
  const auto& rules = options_.routes.rules;
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [&](const route::Rule& one) { return one.name == assignment.rule; });
  if (rule == rules.end() || rule->then == route::WhenMissed::nothing) return {};
  return rule->then == route::WhenMissed::reassign ? reassign(lead, *rule, assignment, now)
                                                   : escalate(lead, assignment, now);
}

Result<void> Batch::reassign(lead::Lead& lead, const route::Rule& rule, const lead::Assignment& missed,
                             TimePoint now) {
  const auto earlier = store_.assignments_of(lead.id);
  if (!earlier) return std::unexpected(earlier.error());
  std::vector<std::string> had_it{missed.owner};
  for (const auto& assignment : *earlier)
    if (assignment.source == missed.source) had_it.push_back(assignment.owner);
  auto open_to_all = rule;
  if (rule.method == route::Method::named) open_to_all.method = route::Method::territory;
  const auto* chosen = desk_.choose(options_.routes, open_to_all, lead, {}, had_it, now);
  if (chosen == nullptr) return escalate(lead, missed, now);
  assign(lead, *chosen, {rule.name, "reassigned", rule.answer_within}, now, missed.source);
  return {};
}

Result<void> Batch::escalate(lead::Lead& lead, const lead::Assignment& missed, TimePoint now) {
  const auto& routes = options_.routes;
  if (!routes.manager.empty()) {
    tell(lead, routes.manager, routes.manager, "missed", now, missed.source);
    return {};
  }
  for (const auto& member : routes.team) tell(lead, member.name, member.email, "missed", now, missed.source);
  return {};
}

Result<void> Batch::look_again(lead::Lead& lead, TimePoint now, lead::EventReference reference) {
  if (!lead.wake_at || *lead.wake_at > now) return {};
  if (auto reckoned = reckon_anew(lead); !reckoned) return reckoned;
  if (auto due = raise_account_dates(lead, now, reference); !due) return due;
  // A stage that time has brought is an event of the timeline, so that folding it again gives the same.
  auto later = lead;
  if (qualify::reconsider(options_.rules, later, now, reference)) {
    if (auto passed = apply_deed(lead, lead::deed::time_passed, now, reference); !passed) return passed;
  } else {
    lead = std::move(later);
    mark_changed(lead);
  }
  if (auto checked = check_answer(lead, now); !checked) return checked;
  auto& routing = lead.routing;
  const auto* wanted = routing.waiting ? rule_of(options_.routes, routing.waiting->rule) : nullptr;
  if (wanted == nullptr) routing.waiting.reset();
  if (routing.waiting && routing.waiting->again_at <= now)
    if (auto handed = hand_over(lead, *wanted, now, routing.waiting->source); !handed) return handed;
  const auto* rule = first_that_holds(options_.routes, {lead, nullptr, now});
  std::erase_if(routing.holding, [&](const auto& held) { return rule == nullptr || held != rule->mark; });
  send_on(lead, {lead, nullptr, now}, reference);
  return develop(lead, {lead, nullptr, now}, reference);
}

Result<void> Batch::raise_account_dates(lead::Lead& lead, TimePoint now, lead::EventReference reference) {
  const auto is_due = [&](const std::optional<TimePoint>& date) { return date && *date <= now; };
  if (is_due(lead.account.renews_at))
    if (auto raised = apply_deed(lead, lead::deed::renewal_due, now, reference); !raised) return raised;
  if (is_due(lead.account.follow_up_at)) return apply_deed(lead, lead::deed::follow_up_due, now, reference);
  return {};
}

void Batch::set_alarm(lead::Lead& lead) const {
  if (!lead.merged_into.empty()) {
    lead.wake_at.reset();  // the other is looked at
    return;
  }
  if (const auto put_off = put_off_.find(lead.id); put_off != put_off_.end()) {
    lead.wake_at = put_off->second;
    return;
  }
  const auto consider = [&](const std::optional<TimePoint>& time) {
    if (time && *time < lead::forever && (!lead.wake_at || *time < *lead.wake_at)) lead.wake_at = time;
  };
  if (is_open(lead)) consider(lead.routing.assignment->answer_by);
  if (lead.routing.waiting) consider(lead.routing.waiting->again_at);
  consider(lead.account.renews_at);
  consider(lead.account.follow_up_at);
  // From when the rules saw it, which may be long ago where the pipeline lags: what changed since is due at
  // once.
  const auto seen = looked_at_.find(lead.id);
  const auto since = seen == looked_at_.end() ? clock_.now() : seen->second;
  for (const auto& rule : options_.deliver.rules)
    if (!rule.on_event) consider(lead::next_change(rule.when, {lead, nullptr, since}));
  consider(nurture::next_look(options_.nurture, paused_, {lead, nullptr, since}));
}

Result<void> Batch::give_to(lead::Lead& lead, const std::string& owner, TimePoint now,
                            lead::EventReference source) {
  const auto* member = route::find_member(options_.routes, owner);
  if (member == nullptr)
    return fail(ErrorCode::invalid, "nobody of route.team has the name \"" + owner + "\"");
  assign(lead, *member, {std::string{by_operator}, "operator", std::nullopt}, now, source);
  return {};
}

Result<void> Batch::answer(lead::Lead& lead, std::optional<std::int64_t> round, TimePoint now) {
  auto& assignment = lead.routing.assignment;
  if (!assignment) return fail(ErrorCode::conflict, "nobody of the team has this lead; assign it first");
  if (round && *round != assignment->round)
    return fail(ErrorCode::conflict, "the lead has gone to " + assignment->owner + " meanwhile");
  if (assignment->state == lead::AssignmentState::answered) return {};
  if (is_open(lead)) desk_.settle(assignment->owner);
  assignment->state = lead::AssignmentState::answered;
  assignment->answered_at = now;
  keep_assignment(lead);
  return {};
}

}  // namespace leadhub::pipeline
