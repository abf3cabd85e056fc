#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "answers.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// What Gravity Forms keeps of an entry for itself.
constexpr std::string_view bookkeeping[] = {
    "id",         "form_id",      "date_created", "date_updated", "source_url",   "ip",
    "user_agent", "is_starred",   "is_read",      "status",       "created_by",   "post_id",
    "currency",   "is_fulfilled", "is_approved",  "source_id",    "payment_date", "payment_method"};

bool is_field_id(std::string_view name) {
  return !name.empty() && name.front() >= '0' && name.front() <= '9' &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// "(281) 332-2575", "+44 20 7946 0958": digits alone may be anything.
bool looks_like_phone(std::string_view text) {
  text = trim(text);
  if (text.empty() || (text.front() != '+' && text.front() != '(')) return false;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      ++digits;
    else if (std::string_view("+() -./").find(c) == std::string_view::npos)
      return false;
  }
  return digits >= 7 && digits <= 15;
}

/// Source: docs.gravityforms.com, Webhooks Add-On and Entry Object. The body "all fields" is the raw entry,
/// JSON or a form: answers by the ids of their fields ("1.3": part 3 of field 1), and the entry's own keys.
/// "Select fields" has keys of the administrator's choice. Nothing is signed: a request header of the
/// administrator's choice holds the secret.
class GravityForms final : public ToolProvider {
 public:
  explicit GravityForms(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)) {}

 private:
  using Parts = std::map<std::string, std::string>;  // of one field: part -> value

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json entry = parse_tool_body(request);
    ToolSubmission submission;
    // Ids of entries are counted within one site.
    if (const std::string id = text_at(entry, "id"); !id.empty() && !text_at(entry, "form_id").empty())
      submission.key = "entry-" + text_at(entry, "form_id") + "-" + id;
    submission.occurred_at = time_at(entry, "date_created");
    submission.page = text_at(entry, "source_url");
    submission.person_ip = text_at(entry, "ip");
    submission.person_agent = text_at(entry, "user_agent");
    add_attribute(submission, "form_id", text_at(entry, "form_id"));
    std::map<std::string, Parts> fields;
    for (const auto& [name, value] : entry.items()) {
      if (std::find(std::begin(bookkeeping), std::end(bookkeeping), name) != std::end(bookkeeping)) continue;
      const Halves halves = split_once(name, '.');
      if (is_field_id(name) && !halves.after.empty())
        fields[std::string(halves.before)][std::string(halves.after)] = text_at(entry, name);
      else
        submission.answers.push_back(answer_of(name, value));
    }
    for (const auto& [id, parts] : fields) read_parts(id, parts, submission);
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  static Answer answer_of(const std::string& name, const json& value) {
    Answer answer;
    answer.label = is_field_id(name) ? "field_" + name : name;
    if (is_field_id(name)) answer.other_names = {name};
    answer.value = value_of(value);
    if (is_field_id(name) && value.is_string() && looks_like_phone(value.get_ref<const std::string&>()))
      answer.kind = AnswerKind::phone;
    return answer;
  }

  /// The field's kind shows in its parts: 1 to 6 are an address, 2, 3, 4, 6 and 8 a name, 1 to 3 with a whole
  /// number at the end a consent. Others are check boxes.
  static void read_parts(const std::string& id, const Parts& parts, ToolSubmission& submission) {
    const auto has = [&](const char* part) { return parts.contains(part); };
    const auto is_number = [](const std::string& text) {
      return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    const bool is_address = has("1") && has("3") && has("4") && has("5") && has("6");
    const bool is_name = has("3") && has("6") && !has("1") && !has("5");
    const bool is_consent = parts.size() == 3 && has("1") && has("2") && has("3") && is_number(parts.at("3"));
    if (is_consent) {
      submission.answers.push_back({parts.at("2"), {id, id + ".1"}, AnswerKind::consent, parts.at("1")});
      return;
    }
    for (const auto& [part, value] : parts) {
      AnswerKind kind = AnswerKind::text;
      if (is_name && part == "3") kind = AnswerKind::first_name;
      if (is_name && part == "6") kind = AnswerKind::last_name;
      if (is_address && part == "3") kind = AnswerKind::city;
      if (is_address && part == "6") kind = AnswerKind::country;
      submission.answers.push_back({"field_" + id + "_" + part, {id + "." + part}, kind, value});
    }
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind gravity_forms{"gravity_forms", Sender::machine, FieldsNeed::optional,
                                            &make_provider<GravityForms>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
