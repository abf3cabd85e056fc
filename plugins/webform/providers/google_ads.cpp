#include <nlohmann/json.hpp>

#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Source: developers.google.com/google-ads/webhook/docs/implementation. {"google_key", "lead_id", "is_test",
/// "user_column_data": [{"column_id", "column_name", "string_value"}], "gcl_id", "campaign_id", "form_id",
/// ...}. The secret stands in the body. 200 {}: taken; 4xx {"message"}: not sent again; 5xx: sent again, so a
/// lead may come twice under one lead_id.
class GoogleAds final : public ToolProvider {
 public:
  explicit GoogleAds(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_at(sdk::TokenPlace::given(), parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    json body;
    try {
      body = parse_tool_json(request.body());
    } catch (const sdk::ChannelError& error) {
      return refuse(400, error.what());  // without the body there is no key
    }
    if (std::string reason = door_.refuse(request, now_ms, text_at(body, "google_key")); !reason.empty())
      return refuse(401, "google_key: " + reason);
    if (text_at(body, "is_test") == "true")
      return sdk::Verdict::answer(json_answer("{}"));  // "Send test data": nobody's lead
    return sdk::Verdict::accept();
  }

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    ToolSubmission submission;
    submission.key = text_at(body, "lead_id");
    submission.occurred_at = time_at(body, "lead_submit_time");
    submission.event.attribution.gclid = text_at(body, "gcl_id");
    for (const char* const name :
         {"campaign_id", "adgroup_id", "creative_id", "asset_group_id", "form_id", "lead_source"})
      add_attribute(submission, name, text_at(body, name));
    const json* const columns = member(body, "user_column_data");
    if (columns == nullptr || !columns->is_array())
      throw sdk::ChannelError("the lead has no list user_column_data; see what Google Ads sends today");
    for (const json& column : *columns) submission.answers.push_back(answer_of(column));
    return {{event_of(settings_, std::move(submission), request)}, json_answer("{}")};
  }

  /// The ids of columns are fixed words; questions of one's own have the question as their name.
  static Answer answer_of(const json& column) {
    Answer answer;
    const std::string id = text_at(column, "column_id");
    const std::string name = text_at(column, "column_name");
    answer.label = id.empty() ? name : id;
    if (!name.empty() && name != answer.label) answer.other_names = {name};
    answer.kind = id == "EMAIL"          ? AnswerKind::email
                  : id == "PHONE_NUMBER" ? AnswerKind::phone
                  : id == "FULL_NAME"    ? AnswerKind::name
                                         : AnswerKind::text;
    if (const json* const value = member(column, "string_value")) answer.value = value_of(*value);
    return answer;
  }

  [[nodiscard]] sdk::HttpResponse refusal_of(int status, std::string message) const override {
    return json_answer(json{{"message", std::move(message)}}.dump(), status);
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind google_ads{"google_ads", Sender::machine, FieldsNeed::optional,
                                         &make_provider<GoogleAds>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
