#include "webhook.hpp"

#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "json_body.hpp"
#include "text.hpp"

namespace leadhub::newsletter {

using nlohmann::json;

Webhook::Webhook(ProviderParts&& parts, webform::Door door)
    : settings_(std::move(parts.settings)), door_(std::move(door)) {
  if (door_->is_open())
    throw sdk::ChannelError("there is no secret to tell " + settings_.provider_name +
                            " from others; give one");
}

bool Webhook::takes(std::string_view content_type) const {
  const std::string_view type = webform::trim(webform::split_once(content_type, ';').before);
  return webform::equal_ignoring_case(type, "application/json") ||
         (type.size() > 5 && webform::equal_ignoring_case(type.substr(type.size() - 5), "+json"));
}

std::optional<sdk::Verdict> Webhook::greet(const sdk::HttpRequest&) const {
  return std::nullopt;
}

sdk::Verdict Webhook::admit(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  std::string why_not = door_ ? door_->refuse(request, now_ms) : "nothing tells this service from others";
  return why_not.empty() ? sdk::Verdict::accept() : refuse(401, std::move(why_not));
}

sdk::HttpResponse Webhook::thanks() const {
  return {200, {}, {}};
}

sdk::Verdict Webhook::refuse(int status, std::string message) {
  std::string reason = message;
  return sdk::Verdict::refuse(webform::refusal(webform::Format::json, status, {}, std::move(message)),
                              std::move(reason));
}

sdk::Verdict Webhook::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  if (request.path().starts_with("/f/"))
    return refuse(404,
                  "this channel has no form to show; it takes what " + settings_.provider_name + " sends");
  if (std::optional<sdk::Verdict> greeting = greet(request)) return std::move(*greeting);
  if (request.method() != "POST") {
    sdk::Verdict verdict = refuse(405, "send POST");
    verdict.response->headers.emplace_back("allow", "POST");
    return verdict;
  }
  if (!takes(request.header("content-type")))
    return refuse(unknown_type_status(), "this is not what " + settings_.provider_name +
                                             " sends; check the Content-Type, and the format of the webhook");
  return admit(request, now_ms);
}

sdk::Reading Webhook::read(const sdk::HttpRequest& request) const {
  Events events;
  understand(request, events);
  return {events.take(), thanks()};
}

std::string no_secret_problem(std::string_view) {
  return "this provider has no secret; take it out";
}

std::string no_key_problem(std::string_view) {
  return "this provider has no public key; take it out";
}

json parse_body(const sdk::HttpRequest& request) {
  auto body = webform::parse_json(request.body(), webform::limits::batch_values_max);
  if (!body) throw sdk::ChannelError(body.error());
  return std::move(*body);
}

std::vector<const json*> objects_of(const json& body) {
  const json* list = &body;
  if (body.is_object())
    if (const auto found = body.find("events"); found != body.end() && found->is_array()) list = &*found;
  std::vector<const json*> objects;
  if (list->is_array())
    for (const json& item : *list) objects.push_back(&item);
  else
    objects.push_back(list);
  for (const json* const object : objects)
    if (!object->is_object()) throw sdk::ChannelError("the JSON holds something that is no event object");
  return objects;
}

}  // namespace leadhub::newsletter
