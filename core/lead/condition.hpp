#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lead/profile.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::lead {

/// What a condition looks at: a lead, and the event that has just been applied to it. Refers only.
struct Subject {
  const Lead& lead;
  const NormalisedEvent* event =
      nullptr;  ///< null: nothing has happened; whatever asks for an event is false
  TimePoint now{};
};

/// What a path gives; monostate: there is no value.
using PathValue =
    std::variant<std::monostate, bool, double, std::string_view, TimePoint, std::vector<std::string_view>>;

/// One of the paths that conditions may name (config/condition_paths.hpp), resolved.
class Path {
 public:
  /// nullopt: there is no such path.
  [[nodiscard]] static std::optional<Path> resolve(std::string_view text);

  [[nodiscard]] PathValue value(const Subject& subject) const { return get_(subject, name_); }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_of_event() const { return text_.starts_with("event."); }

 private:
  using Getter = PathValue (*)(const Subject&, std::string_view name);
  Path(std::string text, std::string name, Getter get)
      : text_(std::move(text)), name_(std::move(name)), get_(get) {}
  std::string text_;
  std::string name_;  ///< what stands for the `*`
  Getter get_;
};

/// A regular expression of RE2: linear in the text, whatever it says. Shared, immutable, thread-safe.
class Pattern {
 public:
  /// Error: `invalid`, in RE2's words.
  [[nodiscard]] static Result<Pattern> compile(const std::string& expression);
  [[nodiscard]] bool is_found_in(std::string_view text) const;
  [[nodiscard]] const std::string& expression() const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

using Operand = std::variant<bool, double, std::string, TimePoint, std::chrono::milliseconds, Pattern>;

/// One comparison of a path's value. A value that is not there meets only `present: false`. A number written
/// as text, as forms do, counts as the number where a number is asked for.
struct Comparison {
  enum class Operator { one_of = 1, greater, at_least, less, at_most, present, contains, matches, within };
  Operator is = Operator::one_of;
  std::vector<Operand> operands;  ///< one, but of `one_of` any number; of a list: one of its elements
};

struct Test {
  Path path;
  std::vector<Comparison> comparisons;  ///< all of which must hold
};

/// A condition as of DESIGN section 7: every test holds, each of `all` does, of each group of `any` at least
/// one does, and none of `none`. An empty one holds always.
struct Condition {
  std::vector<Test> tests;
  std::vector<Condition> all;
  std::vector<std::vector<Condition>> any;
  std::vector<Condition> none;
  std::string segment{};  ///< where it is a segment's: that one's name
};

[[nodiscard]] bool holds(const Condition& condition, const Subject& subject);

/// Whether it names a path of the event, in itself or in a segment.
[[nodiscard]] bool looks_at_event(const Condition& condition);

/// The next time after `subject.now` at which it may change without anything happening: points fade to a
/// limit, `within` runs out, a temperature ends. nullopt: never.
[[nodiscard]] std::optional<TimePoint> next_change(const Condition& condition, const Subject& subject);

/// In words: "event.type is demo.requested and lead.score is at least 60".
[[nodiscard]] std::string describe(const Condition& condition);

/// By which a rule is known again in another reading of hub.yaml, wherever it stands there: 12 hexadecimal
/// digits of what it says.
[[nodiscard]] std::string mark_of(std::string_view rule);

}  // namespace leadhub::lead
