#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::lead {

/// Name and value, in the order of the document.
using NamedText = std::pair<std::string, std::string>;

using AttributeValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// The person as given by the channel; an empty member was not given.
struct Person {
  std::string email;
  std::string phone;
  std::string name;
  std::string first_name;
  std::string last_name;
  std::string company;
  std::string job_title;
  std::string country;
  std::string city;
  std::string language;
  std::string time_zone;
  std::vector<NamedText> external_ids;  ///< system, id
};

enum class ConsentState {
  granted = 1,
  withdrawn,
  requested,  ///< asked for, and not yet confirmed by whoever owns the mailbox: allows nothing
};

struct ConsentStatement {
  std::string purpose;
  std::string channel = "email";
  ConsentState state = ConsentState::granted;
  std::string text{};  ///< exactly what the person agreed to
  std::string url{};   ///< where the form stood
  std::string ip{};
  std::string user_agent{};
  std::string confirms{};  ///< double opt-in: the event that asked, "17.0"; set by the hub alone
};

struct Item {
  std::string id;
  std::string name;
  std::optional<double> quantity;
  std::optional<double> price;
};

struct Attachment {
  std::string field;
  std::string name;  ///< a file name without any path
  std::string content_type;
  std::string content;  ///< base64, as in the document
};

enum class SignalTrust { human = 1, scanner, unknown };

/// Why a mail came back: for good, for now, or because somebody refuses us, whoever it is for.
enum class BounceKind { hard = 1, soft, block };

/// One thing that a person did: the typed form of the document that sdk/lead-event.schema.json describes.
struct LeadEvent {
  std::string type;
  std::string key;  ///< empty: the provider gave none
  std::optional<TimePoint> occurred_at;
  std::string anonymous_id;
  std::optional<double> value;
  std::string currency;
  std::vector<Item> items;
  Person person;
  std::vector<ConsentStatement> consent;
  std::vector<NamedText> attribution;  ///< names from attribution_names
  std::string message;
  std::vector<std::pair<std::string, AttributeValue>> attributes;
  std::vector<Attachment> attachments;
  SignalTrust trust = SignalTrust::unknown;
  std::optional<BounceKind> bounce;  ///< of email.bounced, where the channel knows
  std::string message_id;            ///< of the mail that a signal is about; empty: not given
  std::string bounce_status;         ///< enhanced status code (RFC 3463), "5.1.1"; empty: not given
};

/// The members of `attribution` that there are, click ids included, in the order of screens and exports.
[[nodiscard]] const std::vector<std::string_view>& attribution_names();

/// Whether `type` is one of the shared types or x.<vendor>.<name>.
[[nodiscard]] bool is_event_type(std::string_view type);

/// Reads and checks one event document; each member has its shape, so that nothing nests deeper than the
/// schema does. The same check guards the inbox (what a plugin says) and feeds the pipeline, so that nothing
/// is stored which could not be processed. Error: `invalid`, naming the member by the path of its names; the
/// value itself is never quoted. Bounds: limits.hpp, "Lead events". Thread-safe.
[[nodiscard]] Result<LeadEvent> parse_event(std::string_view json);

/// The documents of a JSON array of events, as they stand in the text: they are stored as they came.
[[nodiscard]] std::vector<std::string_view> event_documents(std::string_view array);

/// What stands in the log in the place of an event whose person was erased.
inline constexpr std::string_view erased_event = "{}";

/// The document with empty contents for its attachments, which are stored beside it; still a valid event.
/// Returns `json` itself where it has none.
[[nodiscard]] std::string without_attachment_contents(std::string_view json);

}  // namespace leadhub::lead
