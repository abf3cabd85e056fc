#pragma once

#include <leadhub/sdk/crypto.hpp>

#include <string>
#include <vector>

#include "tests/capturing_channel.hpp"

/// The services' side: requests as each of them would send them, signed.
namespace leadhub::chat::testing {

using webform::testing::CapturingChannel;
using webform::testing::Json;
using webform::testing::noon_ms;
using webform::testing::Outcome;
using webform::testing::Request;

inline const std::string secret = "a secret";

inline const std::vector<std::string>& services() {
  static const std::vector<std::string> names{"telegram", "slack",    "whatsapp", "messenger",
                                              "intercom", "chatwoot", "crisp",    "livechat"};
  return names;
}

inline bool is_meta(const std::string& provider) {
  return provider == "whatsapp" || provider == "messenger";
}
/// Whether the service signs the body, and the time besides.
inline bool signs(const std::string& provider) {
  return provider != "telegram" && provider != "livechat";
}
inline bool signs_time(const std::string& provider) {
  return provider == "slack" || provider == "chatwoot" || provider == "crisp";
}

inline Json config_of(const std::string& provider) {
  Json config{{"provider", provider}, {"secret", secret}};
  if (is_meta(provider)) config["verify_token"] = "a token";
  return config;
}

/// A body that is exactly this, sent and signed at that time. The last header is what proves it; LiveChat's
/// proof is in the body.
inline Request sent_by(const std::string& provider, std::string body, std::int64_t now_ms = noon_ms) {
  const auto hex = [&](const std::string& text, sdk::Digest digest = sdk::Digest::sha256) {
    return sdk::hex_encode(sdk::Hmac(digest, secret)({text}));
  };
  const std::string seconds = std::to_string(now_ms / 1000);
  Request request;
  request.path = "/in/chat";
  request.headers = {{"content-type", "application/json"}};
  auto& headers = request.headers;
  if (provider == "telegram") {
    headers.emplace_back("x-telegram-bot-api-secret-token", secret);
  } else if (provider == "slack") {
    headers.emplace_back("x-slack-request-timestamp", seconds);
    headers.emplace_back("x-slack-signature", "v0=" + hex("v0:" + seconds + ":" + body));
  } else if (is_meta(provider)) {
    headers.emplace_back("x-hub-signature-256", "sha256=" + hex(body));
  } else if (provider == "intercom") {
    headers.emplace_back("x-hub-signature", "sha1=" + hex(body, sdk::Digest::sha1));
  } else if (provider == "chatwoot") {
    headers.emplace_back("x-chatwoot-timestamp", seconds);
    headers.emplace_back("x-chatwoot-signature", "sha256=" + hex(seconds + "." + body));
  } else if (provider == "crisp") {
    headers.emplace_back("x-crisp-request-timestamp", seconds);
    headers.emplace_back("x-crisp-signature", hex("[" + seconds + ";" + body + "]"));
  }
  request.body = std::move(body);
  return request;
}

/// The message "Hello" of one person, as each service tells it. `text`: another one.
inline Json message_of(const std::string& provider, const std::string& text = "Hello") {
  if (provider == "telegram")
    return {{"update_id", 1},
            {"message",
             {{"message_id", 1},
              {"from", {{"id", 7}, {"first_name", "Ada"}}},
              {"chat", {{"id", 7}, {"type", "private"}}},
              {"date", noon_ms / 1000},
              {"text", text}}}};
  if (provider == "slack")
    return {{"type", "event_callback"},
            {"team_id", "T1"},
            {"event_id", "Ev1"},
            {"event_time", noon_ms / 1000},
            {"event", {{"type", "message"}, {"user", "U1"}, {"text", text}, {"channel_type", "im"}}}};
  if (provider == "whatsapp")
    return Json::parse(
        R"({"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[
        {"from":"447700900123","id":"wamid.1","timestamp":"1767614400","type":"text","text":{"body":)" +
        Json(text).dump() + R"(}}]}}]}]})");
  if (provider == "messenger")
    return Json::parse(
        R"({"object":"page","entry":[{"messaging":[{"sender":{"id":"5"},"timestamp":1767614400000,"message":
        {"mid":"m_1","text":)" +
        Json(text).dump() + "}}]}]}");
  if (provider == "intercom")
    return Json::parse(
        R"({"id":"notif_1","topic":"conversation.user.replied","created_at":1767614400,"data":{"item":{
        "conversation_parts":{"conversation_parts":[{"id":"2","author":{"type":"lead","id":"6"},"body":)" +
        Json("<p>" + text + "</p>").dump() + "}]}}}}");
  if (provider == "chatwoot")
    return {{"event", "message_created"},
            {"id", 31},
            {"content", text},
            {"message_type", "incoming"},
            {"sender", {{"id", 8}, {"name", "Ada"}}}};
  if (provider == "crisp")
    return {{"event", "message:send"},
            {"timestamp", noon_ms},
            {"data", {{"session_id", "session_1"}, {"fingerprint", 9}, {"type", "text"}, {"content", text}}}};
  return {{"action", "incoming_event"},
          {"secret_key", secret},
          {"payload",
           {{"chat_id", "C1"},
            {"event", {{"id", "E1"}, {"type", "message"}, {"author_id", "b7eff798"}, {"text", text}}}}}};
}

inline Request message_sent_by(const std::string& provider, std::int64_t now_ms = noon_ms) {
  return sent_by(provider, message_of(provider).dump(), now_ms);
}

}  // namespace leadhub::chat::testing
