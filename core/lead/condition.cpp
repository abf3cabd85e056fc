#include "lead/condition.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>

#include "ops/crypto.hpp"

namespace leadhub::lead {
namespace {

PathValue text_or_none(std::string_view text) {
  return text.empty() ? PathValue{} : PathValue{text};
}

PathValue value_of(const AttributeValue& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return std::string_view{*text};
  const auto& list = std::get<std::vector<std::string>>(value);
  return std::vector<std::string_view>{list.begin(), list.end()};
}

PathValue named(const std::vector<NamedText>& list, std::string_view name) {
  for (const auto& [key, value] : list)
    if (key == name) return text_or_none(value);
  return {};
}

PathValue touch_value(const std::optional<Touch>& touch, std::string_view name) {
  if (!touch) return {};
  return name == "channel" ? text_or_none(touch->channel) : named(touch->attribution, name);
}

PathValue mark(const Subject& subject, bool ContactMarks::*member) {
  const auto* email = subject.lead.primary(ContactKind::email);
  return email != nullptr && email->marks.*member;
}

PathValue canonical(const Subject& subject, ContactKind kind) {
  const auto* point = subject.lead.primary(kind);
  return point == nullptr ? PathValue{} : text_or_none(point->canonical);
}

template <Field field>
PathValue lead_field(const Subject& subject, std::string_view) {
  return text_or_none(subject.lead.field(field));
}

template <std::string Person::*member>
PathValue person_field(const Subject& subject, std::string_view) {
  return text_or_none(subject.event->event.person.*member);
}

struct Resolution {
  std::string_view path;
  PathValue (*get)(const Subject&, std::string_view);
};

using S = const Subject&;
using N = std::string_view;

const std::array resolutions{
    // Of the event: asked only where there is one.
    Resolution{"event.type", [](S s, N) -> PathValue { return text_or_none(s.event->event.type); }},
    Resolution{"event.channel", [](S s, N) -> PathValue { return text_or_none(s.event->channel); }},
    Resolution{"event.key", [](S s, N) -> PathValue { return text_or_none(s.event->event.key); }},
    Resolution{"event.trust", [](S s, N) -> PathValue { return to_string(s.event->event.trust); }},
    Resolution{"event.occurred_at", [](S s, N) -> PathValue { return s.event->occurred_at; }},
    Resolution{"event.received_at", [](S s, N) -> PathValue { return s.event->received_at; }},
    Resolution{"event.anonymous_id",
               [](S s, N) -> PathValue { return text_or_none(s.event->event.anonymous_id); }},
    Resolution{"event.value",
               [](S s, N) -> PathValue {
                 return s.event->event.value ? PathValue{*s.event->event.value} : PathValue{};
               }},
    Resolution{"event.currency", [](S s, N) -> PathValue { return text_or_none(s.event->event.currency); }},
    Resolution{"event.message", [](S s, N) -> PathValue { return text_or_none(s.event->event.message); }},
    Resolution{"event.person.email", person_field<&Person::email>},
    Resolution{"event.person.phone", person_field<&Person::phone>},
    Resolution{"event.person.name", person_field<&Person::name>},
    Resolution{"event.person.company", person_field<&Person::company>},
    Resolution{"event.person.job_title", person_field<&Person::job_title>},
    Resolution{"event.person.country", person_field<&Person::country>},
    Resolution{"event.person.city", person_field<&Person::city>},
    Resolution{"event.person.language", person_field<&Person::language>},
    Resolution{"event.attribution.*",
               [](S s, N name) -> PathValue { return named(s.event->event.attribution, name); }},
    Resolution{"event.attributes.*",
               [](S s, N name) -> PathValue {
                 for (const auto& [key, value] : s.event->event.attributes)
                   if (key == name) return value_of(value);
                 return {};
               }},
    // Of the lead, with the event applied.
    Resolution{"lead.id", [](S s, N) -> PathValue { return text_or_none(s.lead.id); }},
    Resolution{"lead.email", [](S s, N) { return canonical(s, ContactKind::email); }},
    Resolution{"lead.phone", [](S s, N) { return canonical(s, ContactKind::phone); }},
    Resolution{"lead.name", lead_field<Field::name>},
    Resolution{"lead.first_name", lead_field<Field::first_name>},
    Resolution{"lead.last_name", lead_field<Field::last_name>},
    Resolution{"lead.company", lead_field<Field::company>},
    Resolution{"lead.job_title", lead_field<Field::job_title>},
    Resolution{"lead.country", lead_field<Field::country>},
    Resolution{"lead.city", lead_field<Field::city>},
    Resolution{"lead.language", lead_field<Field::language>},
    Resolution{"lead.time_zone", lead_field<Field::time_zone>},
    Resolution{"lead.stage", [](S s, N) -> PathValue { return to_string(s.lead.stage); }},
    Resolution{"lead.stages.*",
               [](S s, N name) -> PathValue {
                 const auto stage = stage_from(name);
                 if (!stage) return {};
                 const auto& entered = s.lead.entered(*stage);
                 return entered ? PathValue{*entered} : PathValue{};
               }},
    Resolution{"lead.temperature",
               [](S s, N) -> PathValue { return to_string(s.lead.temperature_at(s.now)); }},
    Resolution{"lead.score", [](S s, N) -> PathValue { return static_cast<double>(s.lead.score_at(s.now)); }},
    Resolution{
        "lead.score.fit",
        [](S s, N) -> PathValue { return static_cast<double>(s.lead.score_at(s.now, ScoreGroup::fit)); }},
    Resolution{"lead.score.engagement",
               [](S s, N) -> PathValue {
                 return static_cast<double>(s.lead.score_at(s.now, ScoreGroup::engagement));
               }},
    Resolution{"lead.grade", [](S s, N) -> PathValue { return s.lead.grade_at(s.now); }},
    Resolution{"lead.value",
               [](S s, N) -> PathValue {
                 double sum = 0;
                 for (const auto& [currency, value] : s.lead.value) sum += value;
                 return s.lead.value.empty() ? PathValue{} : PathValue{sum};
               }},
    Resolution{"lead.owner", [](S s, N) -> PathValue { return text_or_none(s.lead.owner()); }},
    Resolution{"lead.tags",
               [](S s, N) -> PathValue {
                 return std::vector<std::string_view>{s.lead.tags.begin(), s.lead.tags.end()};
               }},
    Resolution{"lead.attributes.*",
               [](S s, N name) -> PathValue {
                 for (const auto& [key, attribute] : s.lead.attributes)
                   if (key == name) return value_of(attribute.value);
                 return {};
               }},
    Resolution{"lead.created_at", [](S s, N) -> PathValue { return s.lead.created_at; }},
    Resolution{"lead.updated_at", [](S s, N) -> PathValue { return s.lead.updated_at; }},
    Resolution{"lead.verified",
               [](S s, N) -> PathValue {
                 return std::any_of(s.lead.contact_points.begin(), s.lead.contact_points.end(),
                                    [](const ContactPoint& point) { return point.verified_at.has_value(); });
               }},
    Resolution{"lead.email.free", [](S s, N) { return mark(s, &ContactMarks::free); }},
    Resolution{"lead.email.role", [](S s, N) { return mark(s, &ContactMarks::role); }},
    Resolution{"lead.email.disposable", [](S s, N) { return mark(s, &ContactMarks::disposable); }},
    Resolution{"lead.email.verdict",
               [](S s, N) -> PathValue {
                 const auto* email = s.lead.primary(ContactKind::email);
                 return email == nullptr ? PathValue{} : PathValue{to_string(email->verdict)};
               }},
    Resolution{"lead.attribution.first.*",
               [](S s, N name) -> PathValue { return touch_value(s.lead.first_touch, name); }},
    Resolution{"lead.attribution.last.*",
               [](S s, N name) -> PathValue { return touch_value(s.lead.last_touch, name); }},
};

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return whole ? std::optional{number} : std::nullopt;
}

std::optional<double> as_number(const PathValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string_view>(&value)) return number_in(*text);
  return std::nullopt;
}

std::optional<TimePoint> as_time(const PathValue& value) {
  if (const auto* time = std::get_if<TimePoint>(&value)) return *time;
  if (const auto* text = std::get_if<std::string_view>(&value)) return parse_rfc3339(*text);
  return std::nullopt;
}

bool equals(const PathValue& value, const Operand& operand) {
  if (const auto* list = std::get_if<std::vector<std::string_view>>(&value))
    return std::any_of(list->begin(), list->end(),
                       [&](std::string_view element) { return equals(PathValue{element}, operand); });
  if (const auto* wanted = std::get_if<std::string>(&operand)) {
    const auto* text = std::get_if<std::string_view>(&value);
    return text != nullptr && *text == *wanted;
  }
  if (const auto* wanted = std::get_if<bool>(&operand)) {
    if (const auto* text = std::get_if<std::string_view>(&value))
      return *text == (*wanted ? "true" : "false");
    const auto* truth = std::get_if<bool>(&value);
    return truth != nullptr && *truth == *wanted;
  }
  if (const auto* wanted = std::get_if<double>(&operand)) return as_number(value) == *wanted;
  if (const auto* wanted = std::get_if<TimePoint>(&operand)) return as_time(value) == *wanted;
  return false;
}

template <class Less>
bool ordered(const PathValue& value, const Operand& operand, Less&& compare) {
  if (const auto* limit = std::get_if<double>(&operand)) {
    const auto number = as_number(value);
    return number && compare(*number, *limit);
  }
  if (const auto* limit = std::get_if<TimePoint>(&operand)) {
    const auto time = as_time(value);
    return time && compare(*time, *limit);
  }
  return false;
}

bool contains(const PathValue& value, const Operand& operand) {
  const auto* text = std::get_if<std::string_view>(&value);
  const auto* part = std::get_if<std::string>(&operand);
  if (text != nullptr && part != nullptr) return text->find(*part) != text->npos;
  return std::holds_alternative<std::vector<std::string_view>>(value) && equals(value, operand);
}

bool matches(const PathValue& value, const Pattern& pattern) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return pattern.is_found_in(*text);
  const auto* list = std::get_if<std::vector<std::string_view>>(&value);
  return list != nullptr && std::any_of(list->begin(), list->end(), [&](std::string_view element) {
           return pattern.is_found_in(element);
         });
}

bool is_present(const PathValue& value) {
  if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) return !list->empty();
  return !std::holds_alternative<std::monostate>(value);
}

bool holds(const Comparison& comparison, const PathValue& value, TimePoint now) {
  using enum Comparison::Operator;
  if (comparison.is == present) return is_present(value) == std::get<bool>(comparison.operands.front());
  if (!is_present(value)) return false;
  const auto& operand = comparison.operands.front();
  switch (comparison.is) {
    case one_of:
      return std::any_of(comparison.operands.begin(), comparison.operands.end(),
                         [&](const Operand& wanted) { return equals(value, wanted); });
    case greater:
      return ordered(value, operand, [](auto a, auto b) { return a > b; });
    case at_least:
      return ordered(value, operand, [](auto a, auto b) { return a >= b; });
    case less:
      return ordered(value, operand, [](auto a, auto b) { return a < b; });
    case at_most:
      return ordered(value, operand, [](auto a, auto b) { return a <= b; });
    case contains:
      return lead::contains(value, operand);
    case matches:
      return lead::matches(value, std::get<Pattern>(operand));
    case within: {
      const auto time = as_time(value);
      return time && *time + std::get<std::chrono::milliseconds>(operand) > now;
    }
    case present:
      break;
  }
  return false;
}

bool holds(const Test& test, const Subject& subject) {
  if (test.path.is_of_event() && subject.event == nullptr) return false;
  const auto value = test.path.value(subject);
  return std::all_of(test.comparisons.begin(), test.comparisons.end(),
                     [&](const Comparison& comparison) { return holds(comparison, value, subject.now); });
}

/// Keeps the earliest of those that lie ahead.
class Earliest {
 public:
  explicit Earliest(TimePoint now) : now_(now) {}
  void consider(std::optional<TimePoint> time) {
    if (time && *time > now_ && (!found_ || *time < *found_)) found_ = time;
  }
  [[nodiscard]] std::optional<TimePoint> found() const { return found_; }

 private:
  TimePoint now_;
  std::optional<TimePoint> found_;
};

bool is_score(std::string_view path) {
  return path == "lead.score" || path.starts_with("lead.score.");
}

/// Whole points change where they are rounded: from 60 to 59 at 59.5.
void consider_score(Earliest& earliest, Comparison::Operator is, double limit, std::string_view path,
                    const Subject& subject) {
  using enum Comparison::Operator;
  const auto reaches = [&](double points) {
    earliest.consider(subject.lead.score_reaches(points, path, subject.now));
  };
  if (is != greater && is != at_most) reaches(std::ceil(limit) - 0.5);
  if (is != at_least && is != less) reaches(std::floor(limit) + 0.5);
}

void consider(Earliest& earliest, const Test& test, const Subject& subject) {
  const auto& path = test.path.text();
  if (path == "lead.temperature") {
    earliest.consider(subject.lead.hot_until);
    earliest.consider(subject.lead.warm_until);
    return;
  }
  if (test.path.is_of_event()) return;
  for (const auto& comparison : test.comparisons)
    for (const auto& operand : comparison.operands) {
      if (const auto* limit = std::get_if<double>(&operand); limit != nullptr && is_score(path))
        consider_score(earliest, comparison.is, *limit, path, subject);
      if (const auto* span = std::get_if<std::chrono::milliseconds>(&operand))
        if (const auto time = as_time(test.path.value(subject))) earliest.consider(*time + *span);
    }
}

template <class Visit>
void each_part(const Condition& condition, Visit&& visit) {
  for (const auto& part : condition.all) visit(part);
  for (const auto& part : condition.none) visit(part);
  for (const auto& group : condition.any)
    for (const auto& part : group) visit(part);
}

void consider(Earliest& earliest, const Condition& condition, const Subject& subject) {
  for (const auto& test : condition.tests) consider(earliest, test, subject);
  each_part(condition, [&](const Condition& part) { consider(earliest, part, subject); });
}

// --- In words

std::string in_words(const Operand& operand) {
  std::ostringstream out;
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, bool>)
          out << (held ? "true" : "false");
        else if constexpr (std::is_same_v<Held, TimePoint>)
          out << format_rfc3339(held);
        else if constexpr (std::is_same_v<Held, std::chrono::milliseconds>)
          out << std::chrono::duration_cast<std::chrono::seconds>(held).count() << " s";
        else if constexpr (std::is_same_v<Held, Pattern>)
          out << '/' << held.expression() << '/';
        else
          out << held;
      },
      operand);
  return out.str();
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) out.append(out.empty() ? "" : between).append(part);
  return out;
}

std::string in_words(const Comparison& comparison) {
  using enum Comparison::Operator;
  std::vector<std::string> operands;
  operands.reserve(comparison.operands.size());
  for (const auto& operand : comparison.operands) operands.push_back(in_words(operand));
  const auto listed = joined(operands, " or ");
  switch (comparison.is) {
    case one_of:
      return "is " + listed;
    case greater:
      return "is more than " + listed;
    case at_least:
      return "is at least " + listed;
    case less:
      return "is less than " + listed;
    case at_most:
      return "is at most " + listed;
    case present:
      return listed == "true" ? "is known" : "is not known";
    case contains:
      return "contains " + listed;
    case matches:
      return "matches " + listed;
    case within:
      return "is no more than " + listed + " ago";
  }
  return {};
}

std::vector<std::string> parts_in_words(const Condition& condition) {
  std::vector<std::string> parts;
  for (const auto& test : condition.tests)
    for (const auto& comparison : test.comparisons)
      parts.push_back(test.path.text() + " " + in_words(comparison));
  for (const auto& part : condition.all)
    parts.push_back(part.segment.empty() ? describe(part) : "it is in the segment " + part.segment);
  for (const auto& group : condition.any) {
    std::vector<std::string> ways;
    ways.reserve(group.size());
    for (const auto& part : group)
      ways.push_back(part.segment.empty() ? describe(part) : "it is in the segment " + part.segment);
    parts.push_back(ways.size() == 1 ? ways.front() : "(" + joined(ways, " or ") + ")");
  }
  for (const auto& part : condition.none) parts.push_back("not (" + describe(part) + ")");
  return parts;
}

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) : regex(expression, RE2::Quiet) {}
  RE2 regex;
};

Result<Pattern> Pattern::compile(const std::string& expression) {
  auto compiled = std::make_shared<const Compiled>(expression);
  if (!compiled->regex.ok()) return fail(ErrorCode::invalid, compiled->regex.error());
  return Pattern{std::move(compiled)};
}

bool Pattern::is_found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, compiled_->regex);
}

const std::string& Pattern::expression() const {
  return compiled_->regex.pattern();
}

std::optional<Path> Path::resolve(std::string_view text) {
  for (const auto& [path, get] : resolutions) {
    if (path == text) return Path{std::string{text}, {}, get};
    if (!path.ends_with('*')) continue;
    const auto prefix = path.substr(0, path.size() - 1);
    if (text.starts_with(prefix) && text.size() > prefix.size())
      return Path{std::string{text}, std::string{text.substr(prefix.size())}, get};
  }
  return std::nullopt;
}

bool holds(const Condition& condition, const Subject& subject) {
  const auto part_holds = [&](const Condition& part) { return holds(part, subject); };
  return std::all_of(condition.tests.begin(), condition.tests.end(),
                     [&](const Test& test) { return holds(test, subject); }) &&
         std::all_of(condition.all.begin(), condition.all.end(), part_holds) &&
         std::all_of(
             condition.any.begin(), condition.any.end(),
             [&](const auto& group) { return std::any_of(group.begin(), group.end(), part_holds); }) &&
         std::none_of(condition.none.begin(), condition.none.end(), part_holds);
}

bool looks_at_event(const Condition& condition) {
  bool found = std::any_of(condition.tests.begin(), condition.tests.end(),
                           [](const Test& test) { return test.path.is_of_event(); });
  each_part(condition, [&](const Condition& part) { found = found || looks_at_event(part); });
  return found;
}

std::optional<TimePoint> next_change(const Condition& condition, const Subject& subject) {
  Earliest earliest{subject.now};
  consider(earliest, condition, subject);
  return earliest.found();
}

std::string describe(const Condition& condition) {
  const auto parts = parts_in_words(condition);
  return parts.empty() ? "always" : joined(parts, " and ");
}

std::string mark_of(std::string_view rule) {
  return ops::sha256_hex(rule).substr(0, 12);
}

}  // namespace leadhub::lead
