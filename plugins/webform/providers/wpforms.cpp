#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// The Webhooks addon of WPForms sends what the administrator has listed under "Request body", under the
/// names given there, as JSON or as a form. Nothing is signed: a request header of the administrator's choice
/// holds the secret. Where one of the names is entry_id, it tells two requests of one entry.
class WpForms final : public ToolProvider {
 public:
  explicit WpForms(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_body(request);
    ToolSubmission submission;
    submission.page = text_at(body, "page_url");
    submission.person_ip = text_at(body, "user_ip");
    for (const auto& [name, value] : body.items()) {
      if (name == "entry_id" && !text_at(body, name).empty())
        submission.key = "entry-" + text_at(body, name);
      else if (name == "page_url" || name == "user_ip")
        continue;
      else if (value.is_object())
        read_parts(name, value, submission);
      else
        submission.answers.push_back({name, {}, AnswerKind::text, value_of(value)});
    }
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  /// A name is {"value", "first", "middle", "last"}; other fields may come whole as well, with their value.
  static void read_parts(const std::string& name, const json& parts, ToolSubmission& submission) {
    const bool is_name = member(parts, "first") != nullptr && member(parts, "last") != nullptr;
    for (const auto& [part, value] : parts.items()) {
      if (is_name && part == "value") continue;
      Answer answer{
          part == "value" ? name : name + " " + part, {name + "." + part}, AnswerKind::text, value_of(value)};
      if (is_name && part == "first") answer.kind = AnswerKind::first_name;
      if (is_name && part == "last") answer.kind = AnswerKind::last_name;
      submission.answers.push_back(std::move(answer));
    }
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind wpforms{"wpforms", Sender::machine, FieldsNeed::optional,
                                      &make_provider<WpForms>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
