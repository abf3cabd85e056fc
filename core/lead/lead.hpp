#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lead/assignment.hpp"
#include "lead/enrolment.hpp"
#include "lead/event.hpp"
#include "lead/qualification.hpp"
#include "lead/reference.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {

enum class Stage { captured = 1, registered, developing, converted, customer, lost, recycled };
inline constexpr std::size_t stage_count = 7;
enum class Temperature { cold = 1, warm, hot };

[[nodiscard]] std::string_view to_string(Stage stage);
[[nodiscard]] std::optional<Stage> stage_from(std::string_view name);
[[nodiscard]] std::string_view to_string(Temperature temperature);
[[nodiscard]] std::string_view to_string(SignalTrust trust);
[[nodiscard]] std::optional<SignalTrust> signal_trust_from(std::string_view name);
[[nodiscard]] std::string_view to_string(ConsentState state);
[[nodiscard]] std::optional<ConsentState> consent_state_from(std::string_view name);

/// The scalar fields of a lead that an event can set, each with its provenance.
enum class Field { name, first_name, last_name, company, job_title, country, city, language, time_zone };
inline constexpr std::array<std::string_view, 9> field_names{
    "name", "first_name", "last_name", "company", "job_title", "country", "city", "language", "time_zone"};

/// A value with the event that set it and when that event happened: the later event wins.
template <class Value>
struct Sourced {
  Value value{};
  EventReference source;
  TimePoint at{};
};

/// One touch: where the person came from, and when.
struct Touch {
  std::vector<NamedText> attribution;
  std::string channel;
  TimePoint at{};
};
/// Whole characters of a named text, at most so many bytes; empty: the touch does not have it.
[[nodiscard]] std::string_view attribution_of(const Touch& touch, std::string_view name,
                                              std::size_t bytes_max);

enum class ContactKind { email = 1, phone, external, anonymous };
[[nodiscard]] std::string_view to_string(ContactKind kind);
[[nodiscard]] std::optional<ContactKind> contact_kind_from(std::string_view name);

/// What is known of a contact point's truth. Registration raises or lowers it.
enum class Verdict { unknown = 1, valid, risky, invalid };
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_from(std::string_view name);
/// From 0: `unknown`, which gives way to any answer, then `valid`, `risky`, `invalid`.
[[nodiscard]] constexpr int badness(Verdict verdict) {
  return static_cast<int>(verdict) - 1;
}

/// What the lists say of an e-mail address. Each is only looked for where the configuration asks for it.
struct ContactMarks {
  bool role = false;        ///< a function rather than a person: info@, sales@
  bool free = false;        ///< a mailbox that anybody can have
  bool disposable = false;  ///< made to be thrown away
  friend bool operator==(const ContactMarks&, const ContactMarks&) = default;
};
/// "role free", in this order; empty where there are none.
[[nodiscard]] std::string to_string(ContactMarks marks);
[[nodiscard]] ContactMarks contact_marks_from(std::string_view text);

struct ContactPoint {
  ContactKind kind = ContactKind::email;
  std::string canonical;  ///< the form that identifies: folded address, E.164, system:id, visitor id
  std::string as_given;
  Verdict verdict = Verdict::unknown;
  std::optional<TimePoint> verified_at;
  EventReference source;
  TimePoint at{};
  std::string reason{};  ///< why the verdict, as a code of docs/verification.md; empty: nothing to say
  ContactMarks marks{};
  std::string home{};  ///< of a merged lead: the id of the one that had it before; empty: this lead itself
};

/// A person who showed interest. Pure data; the rules that change it stand in lead/profile.hpp.
struct Lead {
  std::string id;  ///< UUIDv7
  Stage stage = Stage::captured;
  std::array<std::optional<TimePoint>, stage_count> stage_entered;  ///< by stage, from captured
  std::optional<TimePoint> warm_until;  ///< the rules of temperature hold for a time; see temperature_at
  std::optional<TimePoint> hot_until;
  std::array<Sourced<std::string>, field_names.size()> fields;
  std::vector<std::pair<std::string, Sourced<AttributeValue>>> attributes;
  std::vector<std::string> tags;
  std::vector<ContactPoint> contact_points;
  std::string channel{};  ///< by which it was captured
  std::optional<Touch> first_touch;
  std::optional<Touch> last_touch;
  TimePoint created_at{};
  TimePoint updated_at{};
  std::string merged_into{};  ///< the lead that this one became part of; empty: it stands for itself
  Qualification qualification{};
  Routing routing{};
  std::vector<std::string> delivering{};  ///< marks of the rules of `deliver` that held last
  Development development{};
  Account account{};
  std::vector<std::pair<std::string, double>> value{};  ///< what they bought, summed up by currency
  std::optional<TimePoint> wake_at{};                   ///< when to look at it again though nothing happens

  [[nodiscard]] const std::string& field(Field field) const {
    return fields[static_cast<std::size_t>(field)].value;
  }

  /// The contact point shown as the lead's own: the verified one, else the one given last. Null: none of that
  /// kind.
  [[nodiscard]] const ContactPoint* primary(ContactKind kind) const;

  /// Temperature at a time: a rule's effect ends by itself, nobody has to rewrite the lead.
  [[nodiscard]] Temperature temperature_at(TimePoint now) const {
    if (hot_until && now < *hot_until) return Temperature::hot;
    if (warm_until && now < *warm_until) return Temperature::warm;
    return Temperature::cold;
  }

  /// What the rules have given to a group, faded to a time, to the fraction of a point.
  [[nodiscard]] double points_at(TimePoint now, ScoreGroup group) const;
  /// The same in whole points, which is what people see and conditions compare: 20 points are 20 until they
  /// have faded to 19.5. Of both groups it is their sum.
  [[nodiscard]] std::int64_t score_at(TimePoint now) const;
  [[nodiscard]] std::int64_t score_at(TimePoint now, ScoreGroup group) const;
  /// When `lead.score`, `lead.score.fit` or `lead.score.engagement` will have faded past a limit, to the
  /// fraction of a point, that it has not passed yet. nullopt: it stays where it is.
  [[nodiscard]] std::optional<TimePoint> score_reaches(double limit, std::string_view path,
                                                       TimePoint now) const;

  /// "A1" to "C3": how well the lead fits, and how engaged it is.
  [[nodiscard]] std::string_view grade_at(TimePoint now) const;

  /// Who of the team has it; empty: nobody.
  [[nodiscard]] const std::string& owner() const;
  [[nodiscard]] const std::optional<TimePoint>& entered(Stage in) const {
    return stage_entered[static_cast<std::size_t>(in) - 1];
  }
};

/// Which stage may follow which: registered, developing, converted and customer in this order, stages may be
/// passed over up to converted, and any stage may convert that comes before; any may be lost; who is lost may
/// be recycled, which is like captured.
[[nodiscard]] bool is_transition(Stage from, Stage to);

/// The lead enters a stage. Its entry time is never before that of the stage it leaves.
void enter(Lead& lead, Stage stage, TimePoint at, StageReason reason);

/// One line of a lead's timeline.
struct TimelineEntry {
  EventReference reference;
  std::string channel;
  std::string key;
  std::string type;
  TimePoint occurred_at{};
  TimePoint received_at{};
  SignalTrust trust = SignalTrust::unknown;
  std::string document;  ///< the event as JSON, without attachment contents
  std::string home{};    ///< as ContactPoint::home
};

/// One line of the consent ledger.
struct ConsentEntry {
  EventReference reference;
  std::int32_t line = 0;  ///< place in the event, from 0
  ConsentStatement statement;
  std::string text_hash;  ///< SHA-256 of the text, hexadecimal
  TimePoint occurred_at{};
  TimePoint recorded_at{};
  std::string home{};  ///< as ContactPoint::home
  std::string
      bound_from{};  ///< a withdrawal that binds this lead, too: the lead that it was written down for
};

struct StoredAttachment {
  std::string sha256;  ///< of the content, hexadecimal
  std::string field;
  std::string name;
  std::string content_type;
  std::int64_t bytes = 0;
  EventReference reference;
  std::string home{};  ///< as ContactPoint::home
};

}  // namespace leadhub::lead
