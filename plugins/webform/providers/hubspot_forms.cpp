#include <nlohmann/json.hpp>

#include "gate.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// The shape of HubSpot's Forms API v3 (POST .../submissions/v3/integration/submit/PORTAL/FORM), so that a
/// website made for it only needs another address: {"submittedAt", "fields": [{"objectTypeId", "name",
/// "value"}], "context":
/// {"hutk", "ipAddress", "pageUri", "pageName"}, "legalConsentOptions": {"consent": {"consentToProcess",
/// "text", "communications": [{"value", "subscriptionTypeId", "text"}]}}}. Sent by browsers, so origins count
/// and there may be no secret; a server may send one as the API's secure twin does, as a bearer token.
class HubspotForms final : public ToolProvider {
 public:
  explicit HubspotForms(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)), gate_(settings_) {}

  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override {
    sdk::Reading reading = ToolProvider::read(request);
    gate_.add_cors(request, reading.response);
    return reading;
  }

 private:
  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t now_ms) override {
    return gate_.stop(request, now_ms, Format::json);
  }

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    const json* const fields = member(body, "fields");
    if (fields == nullptr || !fields->is_array())
      throw sdk::ChannelError(
          "the submission has no list \"fields\"; send {\"fields\":[{\"name\",\"value\"}]}");
    ToolSubmission submission;
    submission.occurred_at = time_at(body, "submittedAt");
    for (const json& field : *fields) {
      const std::string name = text_at(field, "name");
      const json* const value = member(field, "value");
      if (!name.empty() && value != nullptr)
        submission.answers.push_back({name, {}, AnswerKind::text, value_of(*value)});
    }
    if (const json* const context = member(body, "context")) read_context(*context, submission);
    if (submission.person_ip.empty() && door_.is_open()) {  // it is the person's browser that sends
      submission.person_ip = request.client_address();
      submission.person_agent = single_line(request.header("user-agent"));
    }
    if (const json* const legal = member(body, "legalConsentOptions")) read_consent(*legal, submission);
    return {{event_of(settings_, std::move(submission), request)}, thanks()};
  }

  static void read_context(const json& context, ToolSubmission& submission) {
    submission.page = text_at(context, "pageUri");
    submission.person_ip = text_at(context, "ipAddress");
    submission.event.anonymous_id = text_at(context, "hutk");  // the visitor's cookie
    for (const char* const name : {"pageName", "sfdcCampaignId", "goToWebinarWebinarKey"})
      add_attribute(submission, name, text_at(context, name));
  }

  /// `consent` of the configuration names a subscription by its id, and so says what purpose it is to the
  /// hub.
  static void read_consent(const json& legal, ToolSubmission& submission) {
    const json* const consent = member(legal, "consent");
    if (consent == nullptr) return;
    if (const std::string agreed = text_at(*consent, "consentToProcess"); !agreed.empty())
      submission.answers.push_back(
          {text_at(*consent, "text"), {"consentToProcess"}, AnswerKind::consent, agreed});
    const json* const communications = member(*consent, "communications");
    if (communications == nullptr || !communications->is_array()) return;
    for (const json& one : *communications)
      submission.answers.push_back({text_at(one, "text"),
                                    {text_at(one, "subscriptionTypeId")},
                                    AnswerKind::consent,
                                    text_at(one, "value")});
  }

  [[nodiscard]] sdk::HttpResponse thanks() const {
    if (!settings_.thank_you.empty()) return json_answer(json{{"redirectUri", settings_.thank_you}}.dump());
    return json_answer(json{{"inlineMessage", settings_.texts.thanks}}.dump());
  }

  [[nodiscard]] sdk::HttpResponse refusal_of(int status, std::string message) const override {
    return json_answer(
        json{{"status", "error"}, {"message", message}, {"errors", json::array({{{"message", message}}})}}
            .dump(),
        status);
  }

  Gate gate_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind hubspot_forms{"hubspot_forms", Sender::machine, FieldsNeed::optional,
                                            &make_provider<HubspotForms>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
