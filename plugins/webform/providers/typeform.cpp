#include <map>
#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Typeform-Signature: sha256=<base64 of HMAC-SHA-256 over the body>. No time is signed, so none is checked.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Typeform";
  scheme.signature = sdk::Source::header("typeform-signature");
  scheme.prefix = "sha256=";
  scheme.encoding = sdk::SignatureEncoding::base64;
  return scheme;
}

/// Source: Typeform's webhook reference. {"event_id", "event_type": "form_response", "form_response":
/// {"form_id", "token", "landed_at", "submitted_at", "hidden": {}, "definition": {"title", "fields": [{"id",
/// "ref", "type", "title"}]}, "answers": [{"type": "email", "email": "...", "field": {"id", "ref",
/// "type"}}]}}. The value of an answer is its member of the name of its type.
class Typeform final : public ToolProvider {
 public:
  explicit Typeform(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::signed_by(scheme(), parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    ToolSubmission submission;
    submission.key = text_at(body, "event_id");
    const json* const response = member(body, "form_response");
    if (text_at(body, "event_type") == "form_response" && response != nullptr && response->is_object()) {
      read_response(*response, submission);
    } else {
      submission.type = vendor_event("typeform", text_at(body, "event_type"));
      flatten(body, submission.answers);
    }
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  static void read_response(const json& response, ToolSubmission& submission) {
    if (submission.key.empty()) submission.key = text_at(response, "token");
    submission.occurred_at = time_at(response, "submitted_at");
    std::map<std::string, std::string> titles;
    if (const json* const definition = member(response, "definition")) {
      if (const json* const fields = member(*definition, "fields")) collect_titles(*fields, titles);
      add_attribute(submission, "form_name", text_at(*definition, "title"));
    }
    add_attribute(submission, "form_id", text_at(response, "form_id"));
    if (const json* const hidden = member(response, "hidden"); hidden != nullptr && hidden->is_object())
      for (const auto& [name, value] : hidden->items())
        submission.answers.push_back({name, {}, AnswerKind::text, value_of(value)});
    if (const json* const answers = member(response, "answers"); answers != nullptr && answers->is_array())
      for (const json& answer : *answers) submission.answers.push_back(answer_of(answer, titles));
    if (const json* const calculated = member(response, "calculated"))
      if (const json* const score = member(*calculated, "score"))
        submission.answers.push_back({"score", {}, AnswerKind::attribute, value_of(*score)});
  }

  /// Questions within groups stand in properties.fields. `fields` is bounded by the depth of the JSON.
  static void collect_titles(const json& fields, std::map<std::string, std::string>& titles) {
    if (!fields.is_array()) return;
    for (const json& field : fields) {
      titles[text_at(field, "id")] = text_at(field, "title");
      if (const json* const properties = member(field, "properties"))
        if (const json* const inner = member(*properties, "fields")) collect_titles(*inner, titles);
    }
  }

  static Answer answer_of(const json& from, const std::map<std::string, std::string>& titles) {
    Answer answer;
    std::string question_type;
    if (const json* const field = member(from, "field")) {
      const std::string id = text_at(*field, "id");
      question_type = text_at(*field, "type");
      if (const auto title = titles.find(id); title != titles.end()) answer.label = title->second;
      answer.other_names = {text_at(*field, "ref"), id};
    }
    const std::string type = text_at(from, "type");
    answer.kind = kind_of(type, question_type);
    if (const json* const value = member(from, type)) answer.value = chosen(*value);
    return answer;
  }

  static AnswerKind kind_of(const std::string& type, const std::string& question_type) {
    if (type == "email") return AnswerKind::email;
    if (type == "phone_number") return AnswerKind::phone;
    if (question_type == "legal") return AnswerKind::consent;
    return question_type == "long_text" ? AnswerKind::long_text : AnswerKind::text;
  }

  /// A choice by its label, several by theirs, what was typed instead of them included; a payment by its
  /// amount.
  static sdk::AttributeValue chosen(const json& value) {
    if (!value.is_object()) return value_of(value);
    if (const json* const labels = member(value, "labels"); labels != nullptr && labels->is_array()) {
      auto all = std::get<std::vector<std::string>>(value_of(*labels));
      if (std::string other = text_at(value, "other"); !other.empty()) all.push_back(std::move(other));
      return all;
    }
    for (const char* const name : {"label", "other", "amount", "url"})
      if (std::string text = text_at(value, name); !text.empty()) return text;
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind typeform{"typeform", Sender::machine, FieldsNeed::optional,
                                       &make_provider<Typeform>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
