#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/event.hpp>

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "json_body.hpp"
#include "settings.hpp"
#include "vendor_words.hpp"

/// What the requests of form tools have in common, and how it becomes a lead event. A provider's file takes
/// its own format apart into answers; what they mean to a lead is decided here, for all of them alike:
///
///   1. `fields` and `consent` of the configuration, which name an answer by its label, id or reference;
///   2. what the tool says of it: an e-mail field, a phone field, a legal question;
///   3. hidden fields named like UTM parameters and click ids;
///   4. what its label says in plain words: "Work e-mail", "What's your first name?", "Message";
///   5. the rest is kept as attributes, so that nothing is lost. A second e-mail address is such a rest.
namespace leadhub::webform {

enum class AnswerKind {
  text = 1,
  long_text,  ///< of several lines: the lead's message, where no other is
  email,
  phone,
  name,
  first_name,
  last_name,
  city,
  country,
  consent,    ///< agreement to the text in `label`; only what is_checked() takes counts
  attribute,  ///< never anything else, whatever its label says: a price, an id
};

/// One answer, in UTF-8.
struct Answer {
  std::string label;                     ///< what people read; may be empty
  std::vector<std::string> other_names;  ///< ids and references, by which `fields` may name it too
  AnswerKind kind = AnswerKind::text;
  sdk::AttributeValue value;  ///< as the tool types it; what is blank counts as not given
};

/// One event of a tool, taken apart.
struct ToolSubmission {
  std::string type;                     ///< empty: Settings::event
  std::string key;                      ///< the tool's own id; empty: it has none
  std::string occurred_at;              ///< RFC 3339; empty: when it was received
  std::string page;                     ///< where the form stands
  std::string person_ip, person_agent;  ///< of who filled it in; never those of the tool's own server
  std::vector<Answer> answers;
  sdk::LeadEvent event;  ///< what the provider has mapped already; only what is empty in it is filled
};

/// The event as JSON. Throws ChannelError, which names labels but no values, where a field that the
/// configuration demands is missing or of another type, and where the event is too large for the host: the
/// host keeps such a request until the configuration is mended.
std::string event_of(const Settings& settings, ToolSubmission submission, const sdk::HttpRequest& request);

/// Adds what is an attribute whatever its name says, unless `text` is empty.
void add_attribute(ToolSubmission& submission, std::string name, std::string text);

/// Makes an answer of each plain value in `json`, whatever its shape: labels are the last names on the way
/// there, other names the whole way ("data.contact.email"). What lies in an object that is not about a person
/// ("product.name") is an attribute. At most limits::flat_answers_max.
void flatten(const nlohmann::json& json, std::vector<Answer>& answers);

/// A plain value, or a list of plain values, as an attribute's; objects within are written as JSON.
sdk::AttributeValue value_of(const nlohmann::json& json);

/// The member of that name; null where `json` is no object or has none.
const nlohmann::json* member(const nlohmann::json& json, std::string_view name);

}  // namespace leadhub::webform
