#include <leadhub/sdk/form.hpp>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"
#include "bounds.hpp"
#include "json_body.hpp"
#include "text.hpp"

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

/// Text in which nobody is mentioned and nothing is linked by accident
/// (docs.slack.dev/messaging/formatting-message-text#escaping).
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// Slack's Events API, slash commands and interactions.
class Slack final : public AnsweringWebhook {
 public:
  explicit Slack(ProviderParts&& parts)
      : AnsweringWebhook(parts, webform::Door::signed_by(scheme(), parts.secrets), "https://slack.com/api") {}

 private:
  [[nodiscard]] bool takes(std::string_view content_type) const override {
    const std::string_view type = webform::trim(webform::split_once(content_type, ';').before);
    return webform::is_json(type) || webform::equal_ignoring_case(type, "application/x-www-form-urlencoded");
  }

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    sdk::Verdict verdict = AnsweringWebhook::admit(request, now_ms);
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

  /// Not what is said in channels and groups, and no slash commands.
  [[nodiscard]] bool is_private(const json& event) const override {
    return text_at(event, "type") == "chat.started" ||
           text_at(event, "attributes.slack_channel_type") == "im";
  }

  /// chat.postMessage to a member, which is the app's own conversation with them
  /// (docs.slack.dev/reference/methods/chat.postMessage).
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    const auto member = webform::split_once(message.id, ':').after;
    sdk::OutboundRequest request =
        post("/chat.postMessage", {{"channel", std::string(member)}, {"text", escaped(message.text)}});
    request.headers.emplace_back("authorization", "Bearer " + token());
    return request;
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200 && text_at(body, "ok") == "true") return text_at(body, "ts");
    const std::string error = text_at(body, "error");
    if (is_one_of(error, {"internal_error", "fatal_error"}))
      throw sdk::NoAnswerError("slack failed and says that the message may have been posted",
                               LEADHUB_ERROR_TIMEOUT, sdk::RetryClass::transient);
    throw refusal_by_service(answer, retry_class_of(answer.status, error), advice_for(error));
  }

  static sdk::RetryClass retry_class_of(int status, std::string_view error) {
    if (is_one_of(error, {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired",
                          "missing_scope", "no_permission", "not_allowed_token_type", "access_denied",
                          "org_login_required", "ekm_access_denied", "accesslimited"}))
      return sdk::RetryClass::auth;
    if (is_one_of(error, {"ratelimited", "rate_limited"})) return sdk::RetryClass::rate_limited;
    if (is_one_of(error, {"service_unavailable", "request_timeout", "team_added_to_org"}))
      return sdk::RetryClass::transient;
    return sdk::retry_class_of(status);
  }

  /// Slack's own word, which is one of a list and never somebody's text.
  static std::string advice_for(const std::string& error) {
    const bool is_word = !error.empty() && error.size() <= bounds::slack_error_bytes_max &&
                         error.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    std::string said = is_word ? "it says " + error : "";
    if (error == "missing_scope") return said + ": the token needs chat:write, so install the app again";
    return said;
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind slack{"slack", &make_provider<Slack>};

}  // namespace providers

}  // namespace leadhub::chat
