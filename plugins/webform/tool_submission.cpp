#include "tool_submission.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "field_mapping.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// What labels say in plain words, after plain_words().
constexpr std::pair<std::string_view, std::string sdk::Person::*> known_labels[] = {
    {"email", &sdk::Person::email},
    {"e mail", &sdk::Person::email},
    {"mail", &sdk::Person::email},
    {"email address", &sdk::Person::email},
    {"e mail address", &sdk::Person::email},
    {"work email", &sdk::Person::email},
    {"work e mail", &sdk::Person::email},
    {"business email", &sdk::Person::email},
    {"company email", &sdk::Person::email},
    {"phone", &sdk::Person::phone},
    {"phone number", &sdk::Person::phone},
    {"telephone", &sdk::Person::phone},
    {"telephone number", &sdk::Person::phone},
    {"tel", &sdk::Person::phone},
    {"mobile", &sdk::Person::phone},
    {"mobile number", &sdk::Person::phone},
    {"mobile phone", &sdk::Person::phone},
    {"mobilephone", &sdk::Person::phone},
    {"mobile phone number", &sdk::Person::phone},
    {"cell phone", &sdk::Person::phone},
    {"work phone", &sdk::Person::phone},
    {"name", &sdk::Person::name},
    {"full name", &sdk::Person::name},
    {"fullname", &sdk::Person::name},
    {"first name", &sdk::Person::first_name},
    {"firstname", &sdk::Person::first_name},
    {"given name", &sdk::Person::first_name},
    {"fname", &sdk::Person::first_name},
    {"last name", &sdk::Person::last_name},
    {"lastname", &sdk::Person::last_name},
    {"family name", &sdk::Person::last_name},
    {"surname", &sdk::Person::last_name},
    {"lname", &sdk::Person::last_name},
    {"company", &sdk::Person::company},
    {"company name", &sdk::Person::company},
    {"business name", &sdk::Person::company},
    {"organisation", &sdk::Person::company},
    {"organization", &sdk::Person::company},
    {"job title", &sdk::Person::job_title},
    {"jobtitle", &sdk::Person::job_title},
    {"country", &sdk::Person::country},
    {"city", &sdk::Person::city},
    {"town", &sdk::Person::city},
    {"language", &sdk::Person::language},
    {"timezone", &sdk::Person::timezone},
    {"time zone", &sdk::Person::timezone}};

constexpr std::string_view message_labels[] = {"message",         "comment",
                                               "comments",        "question",
                                               "questions",       "enquiry",
                                               "inquiry",         "notes",
                                               "how can we help", "how can we help you",
                                               "nachricht",       "what can we do for you",
                                               "tell us more"};

/// In front of what is asked for: "What's your e-mail?", "Please enter your phone number".
constexpr std::string_view courtesies[] = {"please ", "enter ", "what s ", "what is ", "whats ",
                                           "and ",    "your ",  "the ",    "my "};

bool is_word_byte(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

/// "What's your E-Mail?" -> "what s your e mail", "jobTitle" -> "job title"; with '_' between the words it is
/// an attribute's name.
std::string words_of(std::string_view text, char between) {
  std::string out;
  char before = '\0';
  for (const char c : text) {
    const bool begins_word = c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z';
    if ((begins_word || !is_word_byte(c)) && !out.empty() && out.back() != between) out += between;
    if (is_word_byte(c)) out += ascii_lower(c);
    before = c;
  }
  if (!out.empty() && out.back() == between) out.pop_back();
  return out;
}

std::string plain_words(std::string_view label) {
  const std::string words = words_of(label, ' ');
  std::string_view rest = words;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view courtesy : courtesies) {
      if (!rest.starts_with(courtesy)) continue;
      rest.remove_prefix(courtesy.size());
      again = true;
    }
  }
  return std::string(rest);
}

std::string number_text(double number) {
  return json(number).dump();
}

/// One line for a person's field; lists are written with commas.
std::string text_of(const sdk::AttributeValue& value) {
  struct Visitor {
    std::string operator()(bool given) const { return given ? "true" : "false"; }
    std::string operator()(std::int64_t given) const { return std::to_string(given); }
    std::string operator()(double given) const { return number_text(given); }
    std::string operator()(const std::string& given) const { return given; }
    std::string operator()(const std::vector<std::string>& given) const {
      std::string out;
      for (const std::string& text : given) out += (out.empty() ? "" : ", ") + text;
      return out;
    }
  };
  return std::visit(Visitor{}, value);
}

bool is_blank_value(const sdk::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return trim(*text).empty();
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list != nullptr &&
         std::all_of(list->begin(), list->end(), [](const std::string& text) { return trim(text).empty(); });
}

/// A whole value that can hardly be anything else than an address.
bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && dot > at + 1 && dot + 2 < text.size() &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return is_blank(c) || is_control(c) ||
                  std::string_view(",;:<>()[]\"/\\").find(c) != std::string_view::npos;
         });
}

/// Turns one submission into an event. An answer that found its place is marked as used.
class Mapper {
 public:
  Mapper(const Settings& settings, ToolSubmission& submission, const sdk::HttpRequest& request)
      : settings_(settings), from_(submission), request_(request), used_(submission.answers.size(), false) {}

  std::string run() {
    bound_what_was_mapped();
    for (std::size_t i = 0; i < used_.size(); ++i)
      if (is_blank_value(from_.answers[i].value)) used_[i] = true;
    map_configured();
    for_each_unused([this](const Answer& answer) { return take_by_kind(answer); });
    for_each_unused([this](const Answer& answer) { return take_attribution(answer); });
    for_each_unused([this](const Answer& answer) { return take_by_label(answer); });
    for_each_unused([this](const Answer& answer) { return take_by_value(answer); });
    for_each_unused([this](const Answer& answer) { return keep(answer); });
    return finish();
  }

 private:
  sdk::LeadEvent& event() { return from_.event; }

  /// What is longer than a field can be is no name and no address; the request itself is kept whole.
  void bound_what_was_mapped() {
    const auto bound = [](std::string& text) {
      text = text.size() <= limits::field_bytes_max ? single_line(text) : std::string();
    };
    for (const auto& [name, part] : sdk::person_members) bound(event().person.*part);
    for (const auto& [name, part] : sdk::attribution_members) bound(event().attribution.*part);
    for (auto& [system, id] : event().person.external_ids) bound(id);
    for (sdk::Item& item : event().items) {
      bound(item.id);
      bound(item.name);
    }
    bound(event().anonymous_id);
    bound(from_.page);
    bound(from_.person_ip);
    bound(from_.person_agent);
    std::erase_if(event().person.external_ids, [](const auto& entry) { return entry.second.empty(); });
  }

  template <class Take>
  void for_each_unused(const Take& take) {
    for (std::size_t i = 0; i < used_.size(); ++i)
      if (!used_[i]) used_[i] = take(from_.answers[i]);
  }

  static bool is_named(const Answer& answer, std::string_view name) {
    const auto same = [&](std::string_view other) { return equal_ignoring_case(trim(other), trim(name)); };
    return (!answer.label.empty() && same(answer.label)) ||
           std::any_of(answer.other_names.begin(), answer.other_names.end(), same);
  }

  /// `fields` and `consent`, by the same rules as forms of our own.
  void map_configured() {
    Submission submission(settings_);
    for (std::size_t rule = 0; rule < settings_.fields.size(); ++rule)
      fill(submission, settings_.fields[rule].name, [&](std::string_view text) {
        submission.fields[rule].value = text;
        submission.fields[rule].values.push_back(text);
      });
    for (std::size_t rule = 0; rule < settings_.consent.size(); ++rule)
      fill(submission, settings_.consent[rule].name, [&](std::string_view text) {
        if (submission.consents[rule].empty() || is_checked(settings_.consent[rule], text))
          submission.consents[rule] = text;
      });
    const std::string page = from_.page;
    Mapped mapped = map_fields(settings_, submission, request_, page);
    if (!mapped.problems.empty()) throw sdk::ChannelError(explain(mapped.problems));
    for (sdk::Consent& consent : mapped.event.consent) {
      consent.url = page;
      consent.ip = from_.person_ip;
      consent.user_agent = from_.person_agent;
    }
    merge(std::move(mapped.event));
  }

  /// Gives `set` each text of the answers of that name, which are used then.
  template <class Set>
  void fill(Submission& submission, std::string_view name, const Set& set) {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const Answer& answer = from_.answers[i];
      if (used_[i] || !is_named(answer, name)) continue;
      used_[i] = true;
      if (const auto* list = std::get_if<std::vector<std::string>>(&answer.value))
        for (const std::string& text : *list) set(text);
      else
        set(submission.texts.emplace_back(text_of(answer.value)));
    }
  }

  static std::string explain(const std::vector<Problem>& problems) {
    std::string text = "the form does not fit the configuration:";
    for (const Problem& problem : problems)
      text += " \"" + (problem.label.empty() ? problem.field : problem.label) + "\" " + problem.message + ";";
    return text + " mend \"fields\" and redrive it";
  }

  /// What the configuration says comes before what the provider said.
  void merge(sdk::LeadEvent&& configured) {
    for (const auto& [name, part] : sdk::person_members)
      if (!(configured.person.*part).empty()) event().person.*part = std::move(configured.person.*part);
    for (auto& [system, id] : configured.person.external_ids)
      event().person.external_ids.insert_or_assign(system, std::move(id));
    // The Referer is of the tool's server; only `fields` speak of the person's way here.
    for (const FieldRule& rule : settings_.fields)
      if (rule.target.kind == Target::Kind::attribution &&
          !(configured.attribution.*rule.target.attribution).empty())
        event().attribution.*rule.target.attribution = configured.attribution.*rule.target.attribution;
    for (auto& [name, value] : configured.attributes)
      event().attributes.insert_or_assign(name, std::move(value));
    if (!configured.message.empty()) event().message = std::move(configured.message);
    if (configured.value) event().value = configured.value;
    if (!configured.currency.empty()) event().currency = std::move(configured.currency);
    for (sdk::Consent& consent : configured.consent) event().consent.push_back(std::move(consent));
  }

  static bool set_if_empty(std::string& member, const sdk::AttributeValue& value) {
    if (!member.empty()) return false;
    std::string text = single_line(text_of(value));
    if (text.size() > limits::field_bytes_max) return false;  // no name or address: kept as an attribute
    member = std::move(text);
    return true;
  }

  bool take_by_kind(const Answer& answer) {
    switch (answer.kind) {
      case AnswerKind::email:
        return set_if_empty(event().person.email, answer.value);
      case AnswerKind::phone:
        return set_if_empty(event().person.phone, answer.value);
      case AnswerKind::name:
        return set_if_empty(event().person.name, answer.value);
      case AnswerKind::first_name:
        return set_if_empty(event().person.first_name, answer.value);
      case AnswerKind::last_name:
        return set_if_empty(event().person.last_name, answer.value);
      case AnswerKind::city:
        return set_if_empty(event().person.city, answer.value);
      case AnswerKind::country:
        return set_if_empty(event().person.country, answer.value);
      case AnswerKind::consent:
        return take_consent(answer);
      case AnswerKind::text:
      case AnswerKind::long_text:
      case AnswerKind::attribute:
        break;
    }
    return false;
  }

  /// To what a legal question asks, and to nothing more: consent to mails needs `consent` in the
  /// configuration.
  bool take_consent(const Answer& answer) {
    sdk::Consent consent;
    consent.purpose = "terms";
    consent.channel = "any";
    consent.text = sdk::cut_utf8(multi_line(answer.label), limits::message_bytes_max);
    if (!is_checked(ConsentRule{{}, {}, {}, consent.text, Presence::optional}, text_of(answer.value)))
      return false;
    if (event().consent.size() >= limits::consents_max) return false;
    consent.url = from_.page;
    consent.ip = from_.person_ip;
    consent.user_agent = from_.person_agent;
    event().consent.push_back(std::move(consent));
    return true;
  }

  bool take_attribution(const Answer& answer) {
    if (answer.kind == AnswerKind::attribute) return false;
    for (const auto& [name, part] : sdk::attribution_members)
      if (is_named(answer, name)) return set_if_empty(event().attribution.*part, answer.value);
    return false;
  }

  /// Only answers in words: a number or a list is no name.
  bool take_by_label(const Answer& answer) {
    if (answer.kind == AnswerKind::attribute || !std::holds_alternative<std::string>(answer.value))
      return false;
    if (take_by_words(answer, plain_words(answer.label))) return true;
    return std::any_of(answer.other_names.begin(), answer.other_names.end(),
                       [&](const std::string& name) { return take_by_words(answer, plain_words(name)); });
  }

  bool take_by_words(const Answer& answer, const std::string& words) {
    for (const auto& [label, part] : known_labels)
      if (words == label) return set_if_empty(event().person.*part, answer.value);
    const bool asks_for_message =
        std::find(std::begin(message_labels), std::end(message_labels), words) != std::end(message_labels);
    return asks_for_message && take_message(answer);
  }

  bool take_message(const Answer& answer) {
    if (!event().message.empty()) return false;
    event().message = sdk::cut_utf8(multi_line(text_of(answer.value)), limits::message_bytes_max);
    return true;
  }

  bool take_by_value(const Answer& answer) {
    const auto* text = std::get_if<std::string>(&answer.value);
    if (text == nullptr || answer.kind == AnswerKind::attribute) return false;
    if (answer.kind == AnswerKind::long_text) return take_message(answer);
    return looks_like_email(trim(*text)) && set_if_empty(event().person.email, answer.value);
  }

  /// What is longer than an attribute can be is cut here; the request itself is kept whole.
  static sdk::AttributeValue bounded(const sdk::AttributeValue& value) {
    const auto cut = [](const std::string& text) {
      return std::string(sdk::cut_utf8(multi_line(text), limits::field_bytes_max));
    };
    if (const auto* text = std::get_if<std::string>(&value)) return cut(*text);
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return value;
    std::vector<std::string> out;
    for (const std::string& text : *list)
      if (out.size() < limits::list_items_max) out.push_back(cut(text));
    return out;
  }

  bool keep(const Answer& answer) {
    std::string name = words_of(answer.label, '_');
    for (const std::string& other : answer.other_names)
      if (name.empty()) name = words_of(other, '_');
    if (name.empty()) name = "answer";
    name = sdk::cut_utf8(name, limits::question_bytes_max);
    while (name.ends_with('_')) name.pop_back();
    const std::string base = name;
    for (int i = 2; event().attributes.contains(name); ++i) name = base + "_" + std::to_string(i);
    if (event().attributes.size() < limits::attributes_max)
      event().attributes.emplace(std::move(name), bounded(answer.value));
    return true;
  }

  std::string finish() {
    if (!from_.type.empty()) event().type = from_.type;
    if (event().type.empty()) event().type = settings_.event;
    event().key = from_.key;
    if (event().key.size() > limits::key_bytes_max)
      throw sdk::ChannelError("the event's id is longer than " + std::to_string(limits::key_bytes_max) +
                              " bytes");
    event().occurred_at = from_.occurred_at;
    if (event().attribution.landing_page.empty()) event().attribution.landing_page = from_.page;
    std::string text = event().to_json();
    if (!fits_an_event(event(), text))
      throw sdk::ChannelError("the form has more than " + std::to_string(limits::event_bytes_max) +
                              " bytes of answers, which is more than an event can hold");
    return text;
  }

  const Settings& settings_;
  ToolSubmission& from_;
  const sdk::HttpRequest& request_;
  std::vector<bool> used_;
};

std::string scalar_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Whether "name" at the end of such a path is a person's: at the top, or in an object that is about one.
bool speaks_of_a_person(std::string_view path) {
  const std::size_t end = path.rfind('.');
  if (end == std::string_view::npos) return true;
  const std::size_t begin = path.rfind('.', end - 1);
  const std::string_view owner =
      begin == std::string_view::npos ? path.substr(0, end) : path.substr(begin + 1, end - begin - 1);
  constexpr std::string_view persons[] = {"data",    "payload", "contact", "person",  "customer",
                                          "user",    "lead",    "traits",  "profile", "subscriber",
                                          "visitor", "client",  "fields",  "form",    "submission"};
  return std::any_of(std::begin(persons), std::end(persons),
                     [&](std::string_view person) { return equal_ignoring_case(owner, person); });
}

void flatten_into(const json& value, const std::string& path, const std::string& name,
                  std::vector<Answer>& answers) {
  if (answers.size() >= limits::flat_answers_max) return;
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      std::string inner_path = path;
      if (!path.empty()) inner_path += '.';
      flatten_into(inner, inner_path += key, key, answers);
    }
    return;
  }
  const bool has_objects = value.is_array() && std::any_of(value.begin(), value.end(), [](const json& item) {
                             return item.is_structured();
                           });
  if (has_objects) {
    for (std::size_t i = 0; i < value.size(); ++i)
      flatten_into(value[i], path + "." + std::to_string(i), name, answers);
    return;
  }
  Answer answer;
  const bool is_person = speaks_of_a_person(path);
  answer.label = is_person ? name : path;
  answer.other_names = {is_person ? path : name};
  if (!is_person) answer.kind = AnswerKind::attribute;
  answer.value = value_of(value);
  answers.push_back(std::move(answer));
}

}  // namespace

std::string event_of(const Settings& settings, ToolSubmission submission, const sdk::HttpRequest& request) {
  return Mapper(settings, submission, request).run();
}

void add_attribute(ToolSubmission& submission, std::string name, std::string text) {
  if (!text.empty())
    submission.answers.push_back({std::move(name), {}, AnswerKind::attribute, std::move(text)});
}

void flatten(const json& value, std::vector<Answer>& answers) {
  flatten_into(value, {}, {}, answers);
}

sdk::AttributeValue value_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) {
    const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX;
    return fits ? sdk::AttributeValue(value.get<std::int64_t>()) : sdk::AttributeValue(value.dump());
  }
  if (value.is_number()) return value.get<double>();
  if (!value.is_array()) return scalar_text(value);
  std::vector<std::string> list;
  for (const json& item : value) list.push_back(scalar_text(item));
  return list;
}

const json* member(const json& value, std::string_view name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

}  // namespace leadhub::webform
