#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Elementor Pro's form action "Webhook". With "Advanced Data" fields[ID][value|title|type], form[id|name]
/// and meta[KEY][value]; without it the labels are the names, and "form_id", "form_name", "Page URL", "User
/// Agent", "Remote IP", "Date" and "Time" stand beside them. It sends a form; what passes through other tools
/// arrives as JSON, so both are taken. Nothing is signed and headers cannot be set: the secret stands in the
/// address.
class Elementor final : public ToolProvider {
 public:
  explicit Elementor(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_body(request);
    ToolSubmission submission;
    const json* const fields = member(body, "fields");
    if (fields != nullptr && fields->is_structured())
      read_advanced(body, *fields, submission);
    else
      read_simple(body, submission);
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  static void read_advanced(const json& body, const json& fields, ToolSubmission& submission) {
    if (const json* const form = member(body, "form")) {
      add_attribute(submission, "form_id", text_at(*form, "id"));
      add_attribute(submission, "form_name", text_at(*form, "name"));
    }
    if (const json* const meta = member(body, "meta")) {
      submission.page = meta_value(*meta, "page_url");
      submission.person_ip = meta_value(*meta, "remote_ip");
      submission.person_agent = meta_value(*meta, "user_agent");
    }
    for (const auto& [name, field] : fields.items()) {
      if (!field.is_object()) {
        submission.answers.push_back({name, {}, AnswerKind::text, value_of(field)});
        continue;
      }
      const json* const value = member(field, "value");
      const std::string id = fields.is_array() ? text_at(field, "id") : name;
      const std::string title = text_at(field, "title");
      submission.answers.push_back(
          {title.empty() ? id : title,
           {id},
           kind_of(text_at(field, "type")),
           value == nullptr ? sdk::AttributeValue(std::string()) : value_of(*value)});
    }
  }

  static std::string meta_value(const json& meta, std::string_view name) {
    const json* const entry = member(meta, name);
    if (entry == nullptr) return {};
    return entry->is_object() ? text_at(*entry, "value") : text_at(meta, name);
  }

  static AnswerKind kind_of(const std::string& type) {
    if (type == "email") return AnswerKind::email;
    if (type == "tel") return AnswerKind::phone;
    if (type == "acceptance") return AnswerKind::consent;
    return type == "textarea" ? AnswerKind::long_text : AnswerKind::text;
  }

  static void read_simple(const json& body, ToolSubmission& submission) {
    submission.page = text_at(body, "Page URL");
    submission.person_ip = text_at(body, "Remote IP");
    submission.person_agent = text_at(body, "User Agent");
    for (const auto& [name, value] : body.items()) {
      if (name == "Page URL" || name == "Remote IP" || name == "User Agent" || name == "Powered by" ||
          name == "Date" || name == "Time")
        continue;
      const bool is_own = name == "form_id" || name == "form_name";
      submission.answers.push_back(
          {name, {}, is_own ? AnswerKind::attribute : AnswerKind::text, value_of(value)});
    }
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind elementor{"elementor", Sender::machine, FieldsNeed::optional,
                                        &make_provider<Elementor>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
