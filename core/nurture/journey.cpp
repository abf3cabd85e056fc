#include "nurture/journey.hpp"

#include <algorithm>
#include <type_traits>

#include "ops/crypto.hpp"
#include "ops/local_time.hpp"

namespace leadhub::nurture {
namespace {

void end(lead::Enrolment& enrolment, lead::EnrolmentState state, std::string why, TimePoint now) {
  enrolment.state = state;
  enrolment.why = std::move(why);
  enrolment.ended_at = now;
  enrolment.due_at.reset();
}

bool is_running(const lead::Enrolment& enrolment) {
  return enrolment.state == lead::EnrolmentState::running;
}

/// The same for a lead however often it is asked, and evenly spread over all of them.
int per_cent_of(const lead::Lead& lead, const std::string& journey, const std::string& step) {
  const auto digest = ops::sha256(lead.id + "/" + journey + "/" + step);
  const auto number = static_cast<unsigned>(digest[0]) << 16U | static_cast<unsigned>(digest[1]) << 8U |
                      static_cast<unsigned>(digest[2]);
  return static_cast<int>(number % 100);
}

std::size_t way_of(const Split& split, int per_cent) {
  int sum = 0;
  for (const auto& way : split.ways) {
    sum += way.share;
    if (per_cent < sum) return way.first;
  }
  return split.ways.back().first;
}

/// From when on a mail may go, and why not before.
std::pair<TimePoint, std::string_view> mail_may_go(const Rules& rules, const lead::Subject& subject) {
  const auto now = subject.now;
  const auto capped = rules.cap ? after_cap(*rules.cap, subject.lead.development.mails, now) : now;
  if (capped > now) return {capped, capped_words};
  const auto& zone = time_zone_of(rules, subject.lead);
  return {rules.quiet_hours ? after_quiet(*rules.quiet_hours, now, zone) : now,
          "it is in the lead's quiet hours"};
}

/// Walks the steps of one journey.
class Walk {
 public:
  Walk(const Rules& rules, const Journey& journey, lead::Enrolment& enrolment, const lead::Subject& subject)
      : rules_(rules), journey_(journey), enrolment_(enrolment), subject_(subject) {}

  std::optional<Task> next() {
    while (is_running(enrolment_)) {
      const auto at = journey_.find(enrolment_.step);
      if (!at) return std::nullopt;  // end_if_due says so
      next_ = *at + 1;
      stays_ = false;
      const auto& step = journey_.steps[*at];
      auto task = std::visit([&](const auto& what) { return take(what, step); }, step.what);
      if (stays_) return std::nullopt;
      reach(next_);
      if (task) return task;
    }
    return std::nullopt;
  }

 private:
  void reach(std::size_t step) {
    if (step >= journey_.steps.size())
      return end(enrolment_, lead::EnrolmentState::completed, "every step was taken", subject_.now);
    enrolment_.step = journey_.steps[step].name;
    enrolment_.reached_at = subject_.now;
    enrolment_.due_at = subject_.now;
    enrolment_.why.clear();
  }

  /// Stays at the step where that time has not come yet.
  void wait(TimePoint until, std::string_view why) {
    stays_ = until > subject_.now;
    if (!stays_) return;
    enrolment_.due_at = until;
    enrolment_.why = why;
  }

  std::optional<Task> take(const Send& send, const Step& step) {
    const auto [when, why] = mail_may_go(rules_, subject_);
    wait(when, why);
    return stays_ ? std::nullopt : std::optional{Task{step.name, send}};
  }
  template <class What>
  requires std::is_constructible_v<decltype(Task::what), What> std::optional<Task> take(const What& what,
                                                                                        const Step& step) {
    return Task{step.name, what};
  }
  std::optional<Task> take(const Wait& step, const Step& /*step*/) {
    wait(enrolment_.reached_at + step.span, "the wait is not over");
    return std::nullopt;
  }
  std::optional<Task> take(const WaitUntil& step, const Step& /*step*/) {
    const auto& zone = time_zone_of(rules_, subject_.lead);
    wait(next_moment(step.days, step.at, enrolment_.reached_at, zone), "its moment has not come");
    return std::nullopt;
  }
  std::optional<Task> take(const If& step, const Step& /*step*/) {
    if (!lead::holds(step.when, {subject_.lead, nullptr, subject_.now})) next_ = step.otherwise;
    return std::nullopt;
  }
  std::optional<Task> take(const Split& split, const Step& step) {
    next_ = way_of(split, per_cent_of(subject_.lead, journey_.name, step.name));
    return std::nullopt;
  }
  std::optional<Task> take(const GoTo& step, const Step& /*step*/) {
    next_ = step.step;
    return std::nullopt;
  }
  std::optional<Task> take(const End& /*end*/, const Step& /*step*/) {
    next_ = journey_.steps.size();
    return std::nullopt;
  }

  const Rules& rules_;
  const Journey& journey_;
  lead::Enrolment& enrolment_;
  const lead::Subject& subject_;
  std::size_t next_ = 0;
  bool stays_ = false;
};

/// Whether somebody who was on the journey may begin it once more.
bool may_begin_again(const Journey& journey, const lead::Enrolment& last, const std::string& occurrence,
                     TimePoint now) {
  return !is_running(last) && journey.again && last.occurrence != occurrence &&
         now >= *last.ended_at + *journey.again;
}

}  // namespace

const std::string& time_zone_of(const Rules& rules, const lead::Lead& lead) {
  const auto& own = lead.field(lead::Field::time_zone);
  return !own.empty() && has_local_time(own) ? own : rules.time_zone;
}

std::optional<std::size_t> Journey::find(std::string_view step) const {
  const auto found = std::ranges::find(steps, step, &Step::name);
  if (found == steps.end()) return std::nullopt;
  return static_cast<std::size_t>(found - steps.begin());
}

const Journey* Rules::find(std::string_view journey) const {
  const auto found = std::ranges::find(journeys, journey, &Journey::name);
  return found == journeys.end() ? nullptr : &*found;
}

bool end_if_due(const Journey* journey, lead::Enrolment& enrolment, const lead::Subject& subject) {
  using lead::EnrolmentState;
  if (!is_running(enrolment)) return false;
  const auto holds = [&](const auto& condition) { return condition && lead::holds(*condition, subject); };
  if (journey == nullptr)
    end(enrolment, EnrolmentState::left, "its journey is not in hub.yaml any more", subject.now);
  else if (holds(journey->goal))
    end(enrolment, EnrolmentState::arrived, lead::describe(*journey->goal), subject.now);
  else if (holds(journey->leave))
    end(enrolment, EnrolmentState::left, lead::describe(*journey->leave), subject.now);
  else if (!journey->find(enrolment.step))
    end(enrolment, EnrolmentState::left, "its step is not in the journey any more", subject.now);
  return !is_running(enrolment);
}

bool enter_if_due(const Journey& journey, lead::Lead& lead, const lead::Subject& subject,
                  const std::string& occurrence) {
  if (journey.enters_on_event && subject.event == nullptr) return false;
  auto* last = lead.development.find(journey.name);
  const bool holds = lead::holds(journey.enter, subject);
  // Of what a lead is, the beginning alone counts, and not that it goes on being so.
  const bool held_before = last != nullptr && !journey.enters_on_event && last->would_enter;
  if (last != nullptr) last->would_enter = holds && !journey.enters_on_event;
  if (!holds || held_before) return false;
  if (last != nullptr && !may_begin_again(journey, *last, occurrence, subject.now)) return false;
  // Whoever is where the journey leads, or would leave it at once, need not begin it.
  for (const auto* ending : {&journey.goal, &journey.leave})
    if (*ending && lead::holds(**ending, subject)) return false;
  lead::Enrolment enrolment;
  enrolment.journey = journey.name;
  enrolment.occurrence = occurrence;
  enrolment.step = journey.steps.front().name;
  enrolment.entered_at = subject.now;
  enrolment.reached_at = subject.now;
  enrolment.due_at = subject.now;
  enrolment.would_enter = !journey.enters_on_event;
  if (last != nullptr)
    *last = std::move(enrolment);
  else
    lead.development.enrolments.push_back(std::move(enrolment));
  return true;
}

std::optional<Task> next_task(const Rules& rules, const Journey& journey, lead::Enrolment& enrolment,
                              const lead::Subject& subject) {
  return Walk{rules, journey, enrolment, subject}.next();
}

bool is_capped(const Rules& rules, const lead::Development& development, TimePoint now) {
  return rules.cap && after_cap(*rules.cap, development.mails, now) > now;
}

void note_mail(const Rules& rules, lead::Development& development, TimePoint now) {
  if (!rules.cap) return;
  auto& mails = development.mails;
  mails.push_back(now);
  if (mails.size() > rules.cap->mails)
    mails.erase(mails.begin(), mails.end() - static_cast<std::ptrdiff_t>(rules.cap->mails));
}

std::optional<TimePoint> next_look(const Rules& rules, const Paused& paused, const lead::Subject& subject) {
  std::optional<TimePoint> first;
  const auto consider = [&](const std::optional<TimePoint>& time) {
    if (time && (!first || *time < *first)) first = time;
  };
  for (const auto& journey : rules.journeys) {
    const auto* enrolment = subject.lead.development.find(journey.name);
    if (enrolment != nullptr && is_running(*enrolment)) {
      if (!paused.contains(journey.name)) consider(enrolment->due_at);
      for (const auto* ending : {&journey.goal, &journey.leave})
        if (*ending) consider(lead::next_change(**ending, subject));
    } else if (!journey.enters_on_event && (enrolment == nullptr || journey.again)) {
      consider(lead::next_change(journey.enter, subject));
    }
  }
  return first;
}

}  // namespace leadhub::nurture
