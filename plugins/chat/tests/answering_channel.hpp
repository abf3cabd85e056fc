#pragma once

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "senders.hpp"

/// The services' other side: their APIs, as the hub is to use them.
namespace leadhub::chat::testing {

using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;

inline const std::string api_token = "api-token-1";

/// How one service takes what the hub writes.
struct Service {
  std::string provider;
  Json needed;             ///< the keys without which nothing is written
  std::string system, id;  ///< the conversation
  std::string url;
  std::pair<std::string, std::string> proof;  ///< a header
  std::string body;                           ///< that says "Yes, we do."
  ServiceAnswer taken;
  std::string taken_id;
  std::vector<std::tuple<ServiceAnswer, leadhub_retry_class, std::int64_t>>
      refusals;                 ///< with retry_after_ms
  Request message;              ///< somebody writes, in that conversation
  std::vector<Request> silent;  ///< nobody is to be greeted for these
};

inline ServiceAnswer json_answer(int status, std::string body) {
  return {status, {{"content-type", "application/json"}}, std::move(body), 0};
}

inline Service telegram() {
  Json group = message_of("telegram");
  group["message"]["chat"]["type"] = "group";
  Json bot = message_of("telegram");
  bot["message"]["from"]["is_bot"] = true;
  const Json edited{{"update_id", 2}, {"edited_message", message_of("telegram")["message"]}};
  return {"telegram",
          {{"token", api_token}},
          "telegram",
          "7",
          "https://api.telegram.org/bot" + api_token + "/sendMessage",
          {},
          R"({"chat_id":"7","text":"Yes, we do."})",
          json_answer(200, R"({"ok":true,"result":{"message_id":12,"chat":{"id":7}}})"),
          "12",
          {{json_answer(429, R"({"ok":false,"parameters":{"retry_after":5}})"), LEADHUB_RETRY_RATE_LIMITED,
            5'000},
           {json_answer(400, R"({"ok":false,"description":"Bad Request: chat not found"})"),
            LEADHUB_RETRY_PERMANENT, 0},
           {json_answer(403, R"({"ok":false})"), LEADHUB_RETRY_PERMANENT, 0},
           {json_answer(401, R"({"ok":false})"), LEADHUB_RETRY_AUTH, 0},
           {json_answer(404, R"({"ok":false})"), LEADHUB_RETRY_AUTH, 0},
           {json_answer(500, "{"), LEADHUB_RETRY_TRANSIENT, 0}},
          message_sent_by("telegram"),
          {sent_by("telegram", group.dump()), sent_by("telegram", bot.dump()),
           sent_by("telegram", edited.dump())}};
}

inline std::string graph_url(const std::string& path) {
  return "https://graph.facebook.com/v24.0" + path +
         "?appsecret_proof=" + sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, secret)({api_token}));
}
inline ServiceAnswer graph_error(int status, int code, int subcode = 0) {
  return json_answer(status, Json{{"error", {{"code", code}, {"error_subcode", subcode}}}}.dump());
}

inline Service whatsapp() {
  const Json status = Json::parse(
      R"({"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"statuses":[
      {"id":"wamid.9","status":"read","timestamp":"1767614400","recipient_id":"447700900123"}]}}]}]})");
  return {"whatsapp",
          {{"token", api_token}, {"phone_number_id", "1065"}},
          "whatsapp",
          "447700900123",
          graph_url("/1065/messages"),
          {"authorization", "Bearer " + api_token},
          R"({"messaging_product":"whatsapp","recipient_type":"individual","to":"447700900123","type":"text",
              "text":{"body":"Yes, we do."}})",
          json_answer(200, R"({"messages":[{"id":"wamid.2"}]})"),
          "wamid.2",
          {{graph_error(400, 131047), LEADHUB_RETRY_PERMANENT, 0},
           {graph_error(400, 130429), LEADHUB_RETRY_RATE_LIMITED, 0},
           {{429, {{"retry-after", "3"}}, "", 0}, LEADHUB_RETRY_RATE_LIMITED, 3'000},
           {graph_error(401, 190), LEADHUB_RETRY_AUTH, 0},
           {graph_error(500, 2), LEADHUB_RETRY_TRANSIENT, 0}},
          message_sent_by("whatsapp"),
          {sent_by("whatsapp", status.dump())}};
}

inline Service messenger() {
  Json echo = message_of("messenger");
  echo["entry"][0]["messaging"][0]["message"]["is_echo"] = true;
  return {"messenger",
          {{"token", api_token}},
          "messenger",
          "5",
          graph_url("/me/messages"),
          {"authorization", "Bearer " + api_token},
          R"({"recipient":{"id":"5"},"messaging_type":"RESPONSE","message":{"text":"Yes, we do."}})",
          json_answer(200, R"({"recipient_id":"5","message_id":"m_2"})"),
          "m_2",
          {{graph_error(400, 10, 2018278), LEADHUB_RETRY_PERMANENT, 0},
           {graph_error(403, 10), LEADHUB_RETRY_AUTH, 0},
           {graph_error(400, 100), LEADHUB_RETRY_PERMANENT, 0},
           {graph_error(400, 613), LEADHUB_RETRY_RATE_LIMITED, 0},
           {graph_error(400, 1200), LEADHUB_RETRY_TRANSIENT, 0}},
          message_sent_by("messenger"),
          {sent_by("messenger", echo.dump())}};
}

inline Service slack() {
  Json in_channel = message_of("slack");
  in_channel["event"]["channel_type"] = "channel";
  Json bot = message_of("slack");
  bot["event"]["bot_id"] = "B1";
  const auto error = [](const std::string& word, int status = 200) {
    return json_answer(status, Json{{"ok", false}, {"error", word}}.dump());
  };
  return {"slack",
          {{"token", api_token}},
          "slack",
          "T1:U1",
          "https://slack.com/api/chat.postMessage",
          {"authorization", "Bearer " + api_token},
          R"({"channel":"U1","text":"Yes, we do."})",
          json_answer(200, R"({"ok":true,"channel":"D1","ts":"1767614401.000100"})"),
          "1767614401.000100",
          {{error("channel_not_found"), LEADHUB_RETRY_PERMANENT, 0},
           {error("missing_scope"), LEADHUB_RETRY_AUTH, 0},
           {error("ratelimited"), LEADHUB_RETRY_RATE_LIMITED, 0},
           {{429, {{"retry-after", "30"}}, "", 0}, LEADHUB_RETRY_RATE_LIMITED, 30'000},
           {error("service_unavailable", 503), LEADHUB_RETRY_TRANSIENT, 0},
           {json_answer(200, "<html>"), LEADHUB_RETRY_PERMANENT, 0}},
          message_sent_by("slack"),
          {sent_by("slack", in_channel.dump()), sent_by("slack", bot.dump())}};
}

inline Service chatwoot() {
  Json message = message_of("chatwoot");
  message["created_at"] = "2026-01-05T12:00:00.000Z";
  message["account"] = {{"id", 3}};
  message["conversation"] = {{"id", 12}};
  Json ours = message;
  ours["message_type"] = "outgoing";
  Json note = message;
  note["private"] = true;
  return {"chatwoot",
          {{"token", api_token}},
          "chatwoot_conversation",
          "3/12/8",
          "https://app.chatwoot.com/api/v1/accounts/3/conversations/12/messages",
          {"api_access_token", api_token},
          R"({"content":"Yes, we do.","message_type":"outgoing","private":false})",
          json_answer(200, R"({"id":32,"content":"Yes, we do."})"),
          "32",
          {{json_answer(404, "{}"), LEADHUB_RETRY_PERMANENT, 0},
           {json_answer(401, "{}"), LEADHUB_RETRY_AUTH, 0},
           {{429, {{"retry-after", "7"}}, "", 0}, LEADHUB_RETRY_RATE_LIMITED, 7'000},
           {json_answer(500, "{}"), LEADHUB_RETRY_TRANSIENT, 0}},
          sent_by("chatwoot", message.dump()),
          {sent_by("chatwoot", ours.dump()), sent_by("chatwoot", note.dump())}};
}

inline Service intercom() {
  Json message = message_of("intercom");
  message["data"]["item"]["id"] = "215";
  Json admin = message;
  admin["data"]["item"]["conversation_parts"]["conversation_parts"][0]["author"]["type"] = "admin";
  return {
      "intercom",
      {{"token", api_token}, {"admin_id", "814"}},
      "intercom_conversation",
      "215/6",
      "https://api.intercom.io/conversations/215/reply",
      {"authorization", "Bearer " + api_token},
      R"({"message_type":"comment","type":"admin","admin_id":"814","body":"Yes, we do."})",
      json_answer(200, R"({"id":"215","conversation_parts":{"conversation_parts":[{"id":"1"},{"id":"2"}]}})"),
      "2",
      {{json_answer(404, "{}"), LEADHUB_RETRY_PERMANENT, 0},
       {json_answer(401, "{}"), LEADHUB_RETRY_AUTH, 0},
       {json_answer(429, "{}"), LEADHUB_RETRY_RATE_LIMITED, 0},
       {json_answer(500, "{}"), LEADHUB_RETRY_TRANSIENT, 0}},
      sent_by("intercom", message.dump()),
      {sent_by("intercom", admin.dump())}};
}

inline Service crisp() {
  Json operators = message_of("crisp");
  operators["data"]["from"] = "operator";
  return {"crisp",
          {{"token", api_token}, {"website_id", "42286ab3-b29a"}},
          "crisp",
          "session_1",
          "https://api.crisp.chat/v1/website/42286ab3-b29a/conversation/session_1/message",
          {"authorization", "Basic " + sdk::base64_encode(api_token)},
          R"({"type":"text","from":"operator","origin":"chat","content":"Yes, we do."})",
          json_answer(202, R"({"error":false,"reason":"dispatched","data":{"fingerprint":163239623329115}})"),
          "163239623329115",
          {{json_answer(404, R"({"error":true})"), LEADHUB_RETRY_PERMANENT, 0},
           {json_answer(401, R"({"error":true})"), LEADHUB_RETRY_AUTH, 0},
           {json_answer(429, R"({"error":true})"), LEADHUB_RETRY_RATE_LIMITED, 0},
           {json_answer(500, "{}"), LEADHUB_RETRY_TRANSIENT, 0}},
          message_sent_by("crisp"),
          {sent_by("crisp", operators.dump())}};
}

inline Service livechat() {
  const auto from = [](const std::string& author) {
    Json message = message_of("livechat");
    message["payload"]["event"]["created_at"] = "2026-01-05T12:00:00.000000Z";
    message["payload"]["event"]["author_id"] = author;
    return sent_by("livechat", message.dump());
  };
  const auto error = [](int status, const std::string& type) {
    return json_answer(status, Json{{"error", {{"type", type}, {"message", "no"}}}}.dump());
  };
  return {"livechat",
          {{"token", api_token}, {"account_id", "b2c3"}},
          "livechat_conversation",
          "C1/b7eff798",
          "https://api.livechatinc.com/v3.5/agent/action/send_event",
          {"authorization", "Basic " + sdk::base64_encode("b2c3:" + api_token)},
          R"({"chat_id":"C1","event":{"type":"message","text":"Yes, we do.","visibility":"all"}})",
          json_answer(200, R"({"event_id":"C1_7"})"),
          "C1_7",
          {{error(403, "chat_inactive"), LEADHUB_RETRY_PERMANENT, 0},
           {error(400, "validation"), LEADHUB_RETRY_PERMANENT, 0},
           {error(401, "authentication"), LEADHUB_RETRY_AUTH, 0},
           {error(403, "authorization"), LEADHUB_RETRY_AUTH, 0},
           {error(421, "misdirected_request"), LEADHUB_RETRY_AUTH, 0},
           {error(400, "too_many_requests"), LEADHUB_RETRY_RATE_LIMITED, 0},
           {{429, {{"retry-after", "4"}}, "", 0}, LEADHUB_RETRY_RATE_LIMITED, 4'000},
           {error(500, "internal"), LEADHUB_RETRY_TRANSIENT, 0}},
          from("b7eff798"),
          {from("grace@example.com"), from("5c9871d5372c824cbf22d860a707a578")}};
}

inline std::vector<Service> answering_services() {
  return {chatwoot(), intercom(), crisp(), livechat(), slack(), telegram(), whatsapp(), messenger()};
}

/// Everything that the service needs, and an auto_reply.
inline Json full_config(const Service& service) {
  Json config = config_of(service.provider);
  config.update(service.needed);
  config["auto_reply"] = "Thanks, {{first_name}}! Somebody will answer.";
  return config;
}

/// A channel that answers, and the service's API.
class AnsweringChannel {
 public:
  explicit AnsweringChannel(const Service& service)
      : service_(service), channel_(full_config(service), "chat") {
    channel_.host().set_now_ms(noon_ms);
  }

  void answer_with(const ServiceAnswer& answer) {
    channel_.host().set_service([answer](const SentRequest&) { return answer; });
  }
  [[nodiscard]] auto sent() { return channel_.host().sent_requests(); }
  [[nodiscard]] bool delivers() const { return channel_.delivers(); }
  [[nodiscard]] sdk::testing::FakeHost& host() { return channel_.host(); }

  auto deliver_document(std::string document) { return channel_.deliver({std::move(document), "reply-1"}); }
  auto deliver(const std::string& text) {
    return deliver_document(Json{{"type", "chat"},
                                 {"version", 1},
                                 {"conversation", {{"system", service_.system}, {"id", service_.id}}},
                                 {"text", text},
                                 {"date", "2026-01-05T12:00:00.000Z"}}
                                .dump());
  }

  void follow_up(const std::string& key = "log-1") {
    static_cast<void>(channel_.follow_up(service_.message, key));
  }
  auto follow_up(const Request& request) { return channel_.follow_up(request); }
  /// How greeting failed; 0: it did not.
  leadhub_retry_class failure() {
    try {
      follow_up();
      return 0;
    } catch (const sdk::testing::PluginError& error) {
      return error.retry_class;
    }
  }

 private:
  Service service_;
  CapturingChannel channel_;
};

}  // namespace leadhub::chat::testing
