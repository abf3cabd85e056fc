#include "web/web_chat_settings.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "origin.hpp"
#include "rate.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key, std::string_view fallback = {}) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(fallback);
}

const json& list_of(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

class Reader {
 public:
  explicit Reader(const sdk::Diagnostics* diagnostics) : diagnostics_(diagnostics) {}

  WebChatSettings read(const json& given) {
    WebChatSettings settings;
    settings.title = text_of(given, "title", "Chat with us");
    settings.greeting = text_of(given, "greeting", "Hello! How can we help?");
    settings.offline_message =
        text_of(given, "offline_message",
                "We cannot be reached just now. Your message is kept here and sent as soon as we can.");
    settings.language = text_of(given, "language", "en");
    for (const json& field : list_of(given, "pre_chat"))
      if (field.is_string()) settings.pre_chat.push_back(field.get<std::string>());
    read_consent(given, settings);
    const auto labels = given.find("labels");
    settings.labels = read_labels(labels != given.end() && labels->is_object() ? *labels : json::object());
    read_gate(given, settings.gate);
    return settings;
  }

 private:
  void report(const std::string& pointer, const std::string& message) const {
    if (diagnostics_ != nullptr) diagnostics_->report(pointer, message);
  }

  static WebChatLabels read_labels(const json& given) {
    return {text_of(given, "name", "Name"),       text_of(given, "email", "E-mail"),
            text_of(given, "message", "Message"), text_of(given, "send", "Send"),
            text_of(given, "close", "Close"),     text_of(given, "you", "You:"),
            text_of(given, "us", "We:"),          text_of(given, "check", "Please check the fields above.")};
  }

  void read_consent(const json& given, WebChatSettings& settings) const {
    const json& list = list_of(given, "consent");
    std::set<std::string> names{"name", "email", "text"};
    for (std::size_t i = 0; i < list.size(); ++i) {
      webform::ConsentRule rule;
      rule.name = text_of(list[i], "field");
      rule.purpose = text_of(list[i], "purpose");
      rule.channel = text_of(list[i], "channel", "email");
      rule.text = text_of(list[i], "text");
      rule.presence =
          list[i].value("required", false) ? webform::Presence::required : webform::Presence::optional;
      if (names.insert(rule.name).second)
        settings.consent.push_back(std::move(rule));
      else
        report("/consent/" + std::to_string(i) + "/field",
               "the chat has a field \"" + rule.name + "\" already; give each box a name of its own");
    }
  }

  void read_gate(const json& given, webform::FormSettings& gate) const {
    const std::string rate = text_of(given, "per_address", "30 per 1m");
    gate.per_address = webform::parse_rate(rate);
    if (!gate.per_address)
      report("/per_address", "\"" + rate + "\" is no rate; write for example \"30 per 1m\"");
    const json& origins = list_of(given, "origins");
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const std::string text = origins[i].is_string() ? origins[i].get<std::string>() : std::string{};
      if (const std::optional<std::string> origin = webform::parse_origin(text))
        gate.origins.push_back(*origin);
      else
        report("/origins/" + std::to_string(i),
               "\"" + text + "\" is no origin; write scheme and host alone, as in https://www.example.com");
    }
  }

  const sdk::Diagnostics* diagnostics_;
};

}  // namespace

WebChatSettings read_web_chat(std::string_view config, const sdk::Diagnostics* diagnostics) {
  const json given = json::parse(config, nullptr, false);
  if (!given.is_object())
    throw sdk::ChannelError("the configuration is not an object; write provider and what belongs to it");
  return Reader{diagnostics}.read(given);
}

}  // namespace leadhub::chat
