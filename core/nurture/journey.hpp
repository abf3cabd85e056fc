#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lead/condition.hpp"
#include "lead/lead.hpp"
#include "lead/tracking.hpp"
#include "nurture/brake.hpp"
#include "nurture/sending_hours.hpp"

namespace leadhub::nurture {

// What a step says. The first five do something, the others decide when and where the journey goes on.

/// A mail of that template to the lead, by that channel.
struct Send {
  std::string template_name;
  std::string via;
};
/// A mail of that template to the lead's owner.
struct Notify {
  std::string template_name;
  std::string via;
};
struct Tag {
  std::string tag;
};
struct Set {
  std::vector<std::pair<std::string, lead::AttributeValue>> attributes;
};
/// The lead, as it is then, to the destination.
struct Call {
  std::string via;
};

struct Wait {
  std::chrono::milliseconds span{};
};
/// The next moment, now included, that lies on one of the days, from Monday, at the time; without a time any
/// moment of such a day does.
struct WaitUntil {
  std::array<bool, 7> days{true, true, true, true, true, true, true};
  std::optional<std::chrono::minutes> at;  ///< since midnight, in the lead's own time zone
};
struct If {
  lead::Condition when;
  std::size_t otherwise = 0;  ///< the step that follows where it does not hold; else the next one does
};
struct Split {
  struct Way {
    int share = 0;  ///< per cent
    std::size_t first = 0;
  };
  std::vector<Way> ways;
};
struct GoTo {
  std::size_t step = 0;
};
struct End {};

struct Step {
  std::string name;  ///< unique in its journey; by it a running enrolment finds its step after a change
  std::variant<Send, Notify, Tag, Set, Call, Wait, WaitUntil, If, Split, GoTo, End> what;
};

struct Journey {
  std::string name;
  lead::Condition enter;
  bool enters_on_event = false;
  std::optional<lead::Condition> leave;
  std::optional<lead::Condition> goal;
  std::optional<std::chrono::milliseconds>
      again;                ///< so long after its end a lead may enter once more; none: never
  std::string purpose;      ///< of the consent that its mails need
  lead::Tracking track{};   ///< of its mails to leads
  std::vector<Step> steps;  ///< branches lead forward only, so that it always ends

  [[nodiscard]] std::optional<std::size_t> find(std::string_view step) const;
};

struct Rules {
  std::vector<Journey> journeys;
  std::optional<QuietHours> quiet_hours;
  std::optional<MailCap> cap;
  std::optional<Brake> brake{Brake{}};
  std::string time_zone = "UTC";  ///< of leads whose own is not known

  [[nodiscard]] const Journey* find(std::string_view journey) const;
};

/// Something that a journey does now.
struct Task {
  std::string step;
  std::variant<Send, Notify, Tag, Set, Call> what;
};

/// Ends an enrolment that has arrived, is to leave, or whose journey or step is not in the rules any more
/// (`journey` null: the journey is not). Whether it did.
bool end_if_due(const Journey* journey, lead::Enrolment& enrolment, const lead::Subject& subject);

/// Whether the lead, which is `subject.lead`, begins the journey now. It then has an enrolment at the first
/// step. `occurrence` names what happened. To be asked once after each event, and whenever the lead may have
/// changed.
bool enter_if_due(const Journey& journey, lead::Lead& lead, const lead::Subject& subject,
                  const std::string& occurrence);

/// Goes on until there is something to do, which the caller does before asking again; nullopt: the enrolment
/// waits, with its due time, or has ended. A mail is a task once it may go: in its lead's own hours and below
/// the cap, of which the caller takes note by `note_mail`.
[[nodiscard]] std::optional<Task> next_task(const Rules& rules, const Journey& journey,
                                            lead::Enrolment& enrolment, const lead::Subject& subject);

/// Whether the lead has got as many marketing mails as it may for now.
[[nodiscard]] bool is_capped(const Rules& rules, const lead::Development& development, TimePoint now);
inline constexpr std::string_view capped_words = "the lead has got as many mails as the cap allows";

/// The lead gets a marketing mail now, which counts for the cap.
void note_mail(const Rules& rules, lead::Development& development, TimePoint now);

/// By whose clock the lead lives: its own, else the hub's.
[[nodiscard]] const std::string& time_zone_of(const Rules& rules, const lead::Lead& lead);

/// Journeys on which nobody takes a step for now, by name.
using Paused = std::set<std::string, std::less<>>;

/// When to look at the lead's journeys again though nothing happens; nullopt: never.
[[nodiscard]] std::optional<TimePoint> next_look(const Rules& rules, const Paused& paused,
                                                 const lead::Subject& subject);

}  // namespace leadhub::nurture
