#include "answering_webhook.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/time.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "auto_reply.hpp"
#include "bounds.hpp"

namespace leadhub::chat {

using nlohmann::json;

namespace {

std::string api_of(const ProviderParts& parts, std::string_view api) {
  std::string url = parts.settings.api.empty() ? std::string(api) : parts.settings.api;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// Whether the answer is that of a machine in front of the service, which does not know what became of the
/// request (RFC 9110, sections 15.6.3 and 15.6.5).
bool leaves_open(const sdk::HttpResponse& answer) {
  return answer.status == 502 || answer.status == 504;
}

/// Whether trying again may help with this one rather than with that one.
bool is_more_hopeful(const sdk::ChannelError& one, const std::optional<sdk::ChannelError>& other) {
  const auto is_final = [](const sdk::ChannelError& error) {
    return error.retry_class() == sdk::RetryClass::none || error.retry_class() == sdk::RetryClass::permanent;
  };
  return !other || (is_final(*other) && !is_final(one));
}

}  // namespace

struct AnsweringWebhook::Greeting {
  std::string system, id;
  json person;
  std::string occurred_at;
};

AnsweringWebhook::AnsweringWebhook(const ProviderParts& parts, webform::Door door, std::string_view api)
    : Webhook(ProviderParts{parts}, std::move(door)),
      host_(parts.host),
      token_(parts.token),
      api_(api_of(parts, api)),
      hash_(sdk::Digest::sha256, parts.signing_key) {}

AnsweringWebhook::AnsweringWebhook(const ProviderParts& parts, std::string_view api)
    : Webhook(parts.settings),
      host_(parts.host),
      token_(parts.token),
      api_(api_of(parts, api)),
      hash_(sdk::Digest::sha256, parts.signing_key) {}

sdk::Outcome AnsweringWebhook::deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) {
  const json document = json::parse(delivery.document(), nullptr, false);
  const OwnMessage message{text_at(document, "conversation.system"), text_at(document, "conversation.id"),
                           text_at(document, "text"), std::string(delivery.idempotency_key())};
  if (text_at(document, "type") != "chat" || !is_conversation(message.system))
    return sdk::Outcome::rejected("this is no reply in a conversation of " + settings_.provider_name);
  try {
    return sdk::Outcome::done(send(message, deadline_ms));
  } catch (const sdk::NoAnswerError& error) {
    if (error.may_have_happened()) return sdk::Outcome::unknown(error.what());
    throw;
  }
}

bool AnsweringWebhook::wants_follow_up(const sdk::HttpRequest& request) const {
  return !greetings_for(request).empty();
}

std::vector<std::string> AnsweringWebhook::follow_up(const webform::Errand& errand) {
  std::optional<sdk::ChannelError> failure;
  webform::Events events;
  for (const Greeting& greeting : greetings_for(errand.request)) {
    try {
      if (const auto state = greet_once(greeting, errand)) events.add(event_of(greeting, errand, *state));
    } catch (const sdk::ChannelError& error) {
      if (is_more_hopeful(error, failure)) failure.emplace(error);
    }
  }
  if (failure) throw sdk::ChannelError(*failure);
  return events.take();
}

std::vector<AnsweringWebhook::Greeting> AnsweringWebhook::greetings_for(
    const sdk::HttpRequest& request) const {
  std::vector<Greeting> greetings;
  for (const std::string& document : read(request).events) {
    const json event = json::parse(document);
    const std::string type = text_at(event, "type");
    if ((type != "chat.started" && type != "chat.message") || !is_private(event)) continue;
    const json& ids = object_at(event, "person.external_ids");
    for (const auto& [system, id] : ids.items()) {
      const bool is_known = std::ranges::any_of(greetings, [&](const Greeting& known) {
        return known.system == system && known.id == id.get_ref<const std::string&>();
      });
      if (is_known || !is_conversation(system)) continue;
      greetings.push_back({system, id.get<std::string>(), event["person"], text_at(event, "occurred_at")});
    }
  }
  return greetings;
}

std::string AnsweringWebhook::mark_of(const Greeting& greeting) const {
  return "auto_reply/" + sdk::hex_encode(hash_({greeting.system, ":", greeting.id}));
}

sdk::LeadEvent AnsweringWebhook::event_of(const Greeting& greeting, const webform::Errand& errand,
                                          GreetingState state) const {
  sdk::LeadEvent event;
  event.type = vendor_event(settings_.provider_name, "auto_reply");
  event.key = key_of_content(mark_of(greeting) + " " + std::string(errand.key));
  event.occurred_at = sdk::format_rfc3339(host_.now_ms());
  event.person.external_ids[greeting.system] = greeting.id;
  event.message = auto_reply_for(greeting.person, settings_.auto_reply);
  event.attributes["state"] = state == GreetingState::sent ? "sent" : "unknown";
  return event;
}

std::optional<AnsweringWebhook::GreetingState> AnsweringWebhook::greet_once(
    const Greeting& greeting, const webform::Errand& errand) const {
  const std::int64_t now_ms = host_.now_ms();
  const sdk::Memory memory{host_};
  const std::string mark = mark_of(greeting);
  if (const auto greeted_by = memory.get(mark))
    return *greeted_by == errand.key ? std::optional{GreetingState::unknown} : std::nullopt;
  const auto said_at_ms = sdk::parse_rfc3339(greeting.occurred_at);
  if (said_at_ms && *said_at_ms + bounds::auto_reply_interval_ms <= now_ms) return std::nullopt;
  const OwnMessage message{greeting.system, greeting.id,
                           auto_reply_for(greeting.person, settings_.auto_reply), std::string(errand.key)};
  memory.put(mark, errand.key, now_ms + bounds::auto_reply_interval_ms);
  try {
    send(message, errand.deadline_ms);
    host_.count("auto_replies");
    return GreetingState::sent;
  } catch (const sdk::NoAnswerError& error) {
    if (!error.may_have_happened()) {
      memory.erase(mark);
      throw;
    }
    host_.count("auto_replies_unknown");
    host_.log(sdk::LogLevel::warning, "nobody knows whether auto_reply arrived, and it is not sent again: " +
                                          std::string(error.what()));
    return GreetingState::unknown;
  } catch (const sdk::ChannelError&) {
    memory.erase(mark);
    throw;
  }
}

std::string AnsweringWebhook::send(const OwnMessage& message, std::int64_t deadline_ms) const {
  const sdk::HttpResponse answer = sdk::send(host_, request_of(message), deadline_ms);
  if (leaves_open(answer))
    throw sdk::NoAnswerError(settings_.provider_name + " answered " + std::to_string(answer.status) +
                                 ", which leaves open whether it took the message",
                             LEADHUB_ERROR_TIMEOUT, sdk::RetryClass::transient);
  json body = json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) body = nullptr;
  return id_of_taken(answer, body);
}

sdk::OutboundRequest AnsweringWebhook::post(const std::string& path, const json& body) const {
  sdk::OutboundRequest request;
  request.url = api_ + path;
  request.headers = {{"content-type", "application/json"}, {"accept", "application/json"}};
  request.body = body.dump();
  return request;
}

sdk::ChannelError AnsweringWebhook::refusal_by_service(const sdk::HttpResponse& answer,
                                                       sdk::RetryClass retry_class,
                                                       std::string_view advice) const {
  std::string message = settings_.provider_name + " answered " + std::to_string(answer.status);
  if (advice.empty() && retry_class == sdk::RetryClass::auth) advice = "renew the token in hub.yaml";
  if (!advice.empty()) (message += "; ") += advice;
  sdk::ChannelError error{
      message, retry_class == sdk::RetryClass::auth ? LEADHUB_ERROR_DENIED : LEADHUB_ERROR_UNAVAILABLE,
      retry_class};
  error.retry_after_ms = sdk::retry_after_ms(answer);
  return error;
}

}  // namespace leadhub::chat
