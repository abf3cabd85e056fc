#include "webhook_provider.hpp"

#include <algorithm>

#include "answers.hpp"
#include "json_body.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {

sdk::Verdict WebhookProvider::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  if (request.path().starts_with("/f/"))
    return refuse(404, "this channel has no form to show; it takes what " + service_ + " sends");
  if (std::optional<sdk::Verdict> greeting = greet(request, now_ms)) return std::move(*greeting);
  if (request.method() != "POST") {
    sdk::Verdict verdict = refuse(405, "send POST");
    verdict.response->headers.emplace_back("allow", "POST");
    return verdict;
  }
  if (!takes(request.header("content-type")))
    return refuse(unknown_type_status(), "this is not what " + service_ +
                                             " sends; check the Content-Type, and the format of the webhook");
  return admit(request, now_ms);
}

std::optional<sdk::Verdict> WebhookProvider::greet(const sdk::HttpRequest&, std::int64_t) {
  return std::nullopt;
}

bool WebhookProvider::takes(std::string_view content_type) const {
  return is_json(content_type);
}

sdk::Verdict WebhookProvider::admit(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  std::string why_not = door_.refuse(request, now_ms);
  return why_not.empty() ? sdk::Verdict::accept() : refuse(401, std::move(why_not));
}

sdk::HttpResponse WebhookProvider::refusal_of(int status, std::string message) const {
  return refusal(Format::json, status, {}, std::move(message));
}

sdk::Verdict WebhookProvider::refuse(int status, std::string message) const {
  sdk::HttpResponse response = refusal_of(status, message);
  return sdk::Verdict::refuse(std::move(response), std::move(message));
}

EventWebhook::EventWebhook(std::string service, Door door, Events::Finish finish)
    : WebhookProvider(service, std::move(door)), finish_(finish) {
  if (door_.is_open())
    throw sdk::ChannelError("there is no secret to tell " + service + " from others; give one");
}

EventWebhook::EventWebhook(std::string service, Events::Finish finish)
    : WebhookProvider(std::move(service), Door()), finish_(finish) {}

sdk::Verdict EventWebhook::admit(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  if (door_.is_open()) return refuse(401, "nothing tells this service from others");
  return WebhookProvider::admit(request, now_ms);
}

sdk::Reading EventWebhook::read(const sdk::HttpRequest& request) const {
  Events events(finish_);
  understand(request, events);
  return {events.take(), thanks()};
}

sdk::HttpResponse EventWebhook::thanks() const {
  return {200, {}, {}};
}

sdk::Verdict answer_challenge(std::string_view challenge) {
  const auto is_plain = [](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (challenge.empty() || challenge.size() > limits::challenge_bytes_max ||
      !std::all_of(challenge.begin(), challenge.end(), is_plain))
    return refuse_as_json(400, "this is no challenge; send letters and digits alone");
  return sdk::Verdict::answer(
      {200,
       {{"content-type", "text/plain; charset=utf-8"}, {"x-content-type-options", "nosniff"}},
       std::string(challenge)});
}

sdk::Verdict refuse_as_json(int status, std::string message) {
  sdk::HttpResponse response = refusal(Format::json, status, {}, message);
  return sdk::Verdict::refuse(std::move(response), std::move(message));
}

}  // namespace leadhub::webform
