#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// X-Webflow-Signature: <hex of HMAC-SHA-256 over time ":" body>, X-Webflow-Timestamp in milliseconds.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Webflow";
  scheme.signature = sdk::Source::header("x-webflow-signature");
  scheme.timestamp = sdk::Source::header("x-webflow-timestamp");
  scheme.time_unit = sdk::TimeUnit::milliseconds;
  scheme.before = {sdk::Part::timestamp(), sdk::Part::literal(":")};
  return scheme;
}

/// {"triggerType": "form_submission", "payload": {"id", "name", "siteId", "formId", "submittedAt", "data":
/// {"First Name": "..."}}}.
class Webflow final : public ToolProvider {
 public:
  explicit Webflow(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::signed_by(scheme(), parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    ToolSubmission submission;
    const json* const payload = member(body, "payload");
    const json* const data = payload == nullptr ? nullptr : member(*payload, "data");
    if (text_at(body, "triggerType") == "form_submission" && data != nullptr && data->is_object()) {
      submission.key = text_at(*payload, "id");
      submission.occurred_at = time_at(*payload, "submittedAt");
      add_attribute(submission, "form_id", text_at(*payload, "formId"));
      add_attribute(submission, "form_name", text_at(*payload, "name"));
      for (const auto& [name, value] : data->items())
        submission.answers.push_back({name, {}, AnswerKind::text, value_of(value)});
    } else {
      submission.type = vendor_event("webflow", text_at(body, "triggerType"));
      if (payload != nullptr) submission.key = text_at(*payload, "id");
      flatten(payload != nullptr ? *payload : body, submission.answers);
    }
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind webflow{"webflow", Sender::machine, FieldsNeed::optional,
                                      &make_provider<Webflow>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
