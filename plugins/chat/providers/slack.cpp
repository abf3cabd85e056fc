#include <leadhub/sdk/form.hpp>

#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "json_body.hpp"
#include "text.hpp"
#include "webhook.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// X-Slack-Signature: v0=<hex of HMAC-SHA-256 over "v0:" time ":" body>, the time in seconds
/// (docs.slack.dev/authentication/verifying-requests-from-slack).
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Slack";
  scheme.signature = sdk::Source::header("x-slack-signature");
  scheme.prefix = "v0=";
  scheme.timestamp = sdk::Source::header("x-slack-request-timestamp");
  scheme.before = {sdk::Part::literal("v0:"), sdk::Part::timestamp(), sdk::Part::literal(":")};
  return scheme;
}

bool is_form(const sdk::HttpRequest& request) {
  return !webform::is_json(request.header("content-type"));
}

/// A member's id means something in their workspace alone.
void keep_person(std::string_view team, const std::string& user, sdk::Person& person) {
  if (!user.empty()) person.external_ids["slack"] = std::string(team) + ":" + user;
}

void keep_profile(const json& user, sdk::Person& person) {
  person.email = text_at(user, "profile.email");
  person.phone = text_at(user, "profile.phone");
  person.name = text_at(user, "profile.real_name");
  person.job_title = text_at(user, "profile.title");
  person.language = text_at(user, "locale");
  person.timezone = text_at(user, "tz");
}

/// Slack's Events API, slash commands and interactions.
class Slack final : public Webhook {
 public:
  explicit Slack(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::signed_by(scheme(), parts.secrets)) {}

 private:
  [[nodiscard]] bool takes(std::string_view content_type) const override {
    const std::string_view type = webform::trim(webform::split_once(content_type, ';').before);
    return webform::is_json(type) || webform::equal_ignoring_case(type, "application/x-www-form-urlencoded");
  }

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    sdk::Verdict verdict = Webhook::admit(request, now_ms);
    // The same request would be refused again, five minutes later too.
    if (verdict.kind == LEADHUB_VERDICT_REFUSE)
      verdict.response->headers.emplace_back("x-slack-no-retry", "1");
    const bool may_verify = request.body().find("url_verification") != std::string_view::npos;
    if (verdict.kind != LEADHUB_VERDICT_ACCEPT || is_form(request) || !may_verify) return verdict;
    const auto body = webform::parse_json_object(request.body());
    if (!body || text_at(*body, "type") != "url_verification") return verdict;
    return webform::answer_challenge(text_at(*body, "challenge"));
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    if (is_form(request)) return understand_form(request, events);
    const json body = parse_body(request);
    const json& given = object_at(body, "event");
    if (given.empty()) throw sdk::ChannelError("the JSON has no \"event\"; is this Slack's Events API?");
    // What the app itself or another one wrote.
    if (!text_at(given, "bot_id").empty() || text_at(given, "subtype") == "bot_message") return;
    sdk::LeadEvent event;
    event.key = text_at(body, "event_id");
    if (event.key.empty()) event.key = key_of_content(request.body());
    event.occurred_at = time_at(body, "event_time");
    understand(text_at(body, "team_id"), given, event);
    events.add(std::move(event));
  }

  static void understand(const std::string& team, const json& given, sdk::LeadEvent& event) {
    const std::string name = text_at(given, "type");
    const std::string subtype = text_at(given, "subtype");
    const json& user = object_at(given, "user");
    if (!user.empty()) {  // of team_join and user_change
      event.type = vendor_event("slack", "contact");
      keep_person(team, text_at(user, "id"), event.person);
      keep_profile(user, event.person);
      keep_text(event, "slack_event", name);
      return;
    }
    const bool opens = name == "assistant_thread_started";
    keep_person(team, text_at(given, opens ? "assistant_thread.user_id" : "user"), event.person);
    const bool is_message = name == "message" || name == "app_mention";
    const bool is_new = subtype.empty() || subtype == "file_share" || subtype == "thread_broadcast";
    event.type = opens                  ? "chat.started"
                 : is_message && is_new ? "chat.message"
                 : is_message           ? vendor_event("slack", subtype)
                                        : vendor_event("slack", name);
    event.message = text_at(given, "text");
    keep_attributes(event, given, "slack_",
                    {"type", "subtype", "user", "text", "ts", "event_ts", "client_msg_id"});
  }

  static void understand_form(const sdk::HttpRequest& request, Events& events) {
    const auto form = sdk::UrlencodedForm::parse(request.body(), bounds::form_fields_max);
    if (!form) throw sdk::ChannelError("the form has too many fields; is this a slash command of Slack?");
    const auto text = [&](std::string_view name) { return std::string(form->value(name)); };
    sdk::LeadEvent event;
    event.key = text("trigger_id");
    if (!form->value("payload").empty()) {
      auto payload = webform::parse_json_object(form->value("payload"));
      if (!payload) throw sdk::ChannelError(payload.error());
      event.type = vendor_event("slack", text_at(*payload, "type"));
      event.key = text_at(*payload, "trigger_id");
      keep_person(text_at(*payload, "team.id"), text_at(*payload, "user.id"), event.person);
      keep_attributes(event, *payload, "slack_", {"type", "token", "trigger_id", "response_url"});
    } else if (!form->value("command").empty()) {
      event.type = "chat.message";
      event.message = text("text");
      keep_person(form->value("team_id"), text("user_id"), event.person);
      for (const char* const name : {"command", "channel_id", "channel_name", "user_name"})
        keep_text(event, "slack_" + std::string(name), text(name));
    } else {
      throw sdk::ChannelError("the form has neither \"command\" nor \"payload\"; is this sent by Slack?");
    }
    if (event.key.empty()) event.key = key_of_content(request.body());
    events.add(std::move(event));
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind slack{"slack", &make_provider<Slack>};

}  // namespace providers

}  // namespace leadhub::chat
