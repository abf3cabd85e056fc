#include <map>
#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Tally-Signature: <base64 of HMAC-SHA-256 over the body>. No time is signed, so none is checked.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Tally";
  scheme.signature = sdk::Source::header("tally-signature");
  scheme.encoding = sdk::SignatureEncoding::base64;
  return scheme;
}

/// Source: tally.so/help/webhooks. {"eventId", "eventType": "FORM_RESPONSE", "createdAt", "data":
/// {"responseId", "formId", "formName", "fields": [{"key", "label", "type", "value", "options": [{"id",
/// "text"}]}]}}. What was chosen are ids of options; labels may repeat.
class Tally final : public ToolProvider {
 public:
  explicit Tally(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::signed_by(scheme(), parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    ToolSubmission submission;
    submission.key = text_at(body, "eventId");
    submission.occurred_at = time_at(body, "createdAt");
    const json* const data = member(body, "data");
    if (text_at(body, "eventType") == "FORM_RESPONSE" && data != nullptr && data->is_object()) {
      read_response(*data, submission);
    } else {
      submission.type = vendor_event("tally", text_at(body, "eventType"));
      flatten(body, submission.answers);
    }
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  static void read_response(const json& data, ToolSubmission& submission) {
    if (submission.key.empty()) submission.key = text_at(data, "responseId");
    add_attribute(submission, "form_id", text_at(data, "formId"));
    add_attribute(submission, "form_name", text_at(data, "formName"));
    const json* const fields = member(data, "fields");
    if (fields == nullptr || !fields->is_array()) return;
    for (const json& field : *fields)
      if (!repeats_check_box(field)) submission.answers.push_back(answer_of(field));
  }

  /// Besides the list of what was checked each box comes again as a field of its own, true or false, with the
  /// box's id at the end of its key.
  static bool repeats_check_box(const json& field) {
    const json* const value = member(field, "value");
    return text_at(field, "type") == "CHECKBOXES" && value != nullptr && value->is_boolean() &&
           member(field, "options") == nullptr;
  }

  static Answer answer_of(const json& field) {
    Answer answer;
    answer.label = text_at(field, "label");
    answer.other_names = {text_at(field, "key")};
    const std::string type = text_at(field, "type");
    answer.kind = type == "INPUT_EMAIL"          ? AnswerKind::email
                  : type == "INPUT_PHONE_NUMBER" ? AnswerKind::phone
                  : type == "TEXTAREA"           ? AnswerKind::long_text
                                                 : AnswerKind::text;
    const json* const value = member(field, "value");
    if (value == nullptr) return answer;
    const json* const options = member(field, "options");
    if (options != nullptr && options->is_array() && !options->empty())
      answer.value = chosen(*value, *options);
    else if (type == "FILE_UPLOAD" || type == "SIGNATURE")
      answer.value = addresses(*value);
    else
      answer.value = value_of(*value);
    return answer;
  }

  /// The texts of the options that `value` names by their ids; what is no id (a text of one's own) stays.
  static sdk::AttributeValue chosen(const json& value, const json& options) {
    std::map<std::string, std::string> texts;
    for (const json& option : options) texts[text_at(option, "id")] = text_at(option, "text");
    const auto text_of = [&](const json& id) {
      const std::string text = id.is_string() ? id.get<std::string>() : id.dump();
      const auto found = texts.find(text);
      return found == texts.end() ? text : found->second;
    };
    if (!value.is_array()) return value.is_null() ? std::string() : text_of(value);
    std::vector<std::string> all;
    for (const json& id : value) all.push_back(text_of(id));
    if (all.size() == 1) return all.front();
    return all;
  }

  static sdk::AttributeValue addresses(const json& files) {
    std::vector<std::string> all;
    if (files.is_array())
      for (const json& file : files) all.push_back(text_at(file, "url"));
    return all;
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind tally{"tally", Sender::machine, FieldsNeed::optional, &make_provider<Tally>,
                                    &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
