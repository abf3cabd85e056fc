#include "webhook.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "bounds.hpp"
#include "json_body.hpp"
#include "text.hpp"

namespace leadhub::chat {

using nlohmann::json;

bool Webhook::takes(std::string_view content_type) const {
  return is_json(content_type);
}

std::optional<sdk::Verdict> Webhook::greet(const sdk::HttpRequest&) const {
  return std::nullopt;
}

sdk::Verdict Webhook::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  if (request.path().starts_with("/f/"))
    return refuse(404,
                  "this channel has no page to show; it takes what " + settings_.provider_name + " sends");
  if (request.method() != "POST") {
    if (std::optional<sdk::Verdict> greeting = greet(request)) return std::move(*greeting);
    sdk::Verdict verdict = refuse(405, "send POST");
    verdict.response->headers.emplace_back("allow", "POST");
    return verdict;
  }
  if (!takes(request.header("content-type")))
    return refuse(415, "this is not what " + settings_.provider_name + " sends; check the Content-Type");
  return admit(request, now_ms);
}

sdk::Reading Webhook::read(const sdk::HttpRequest& request) const {
  Events events(&keep_mentions);
  understand(request, events);
  return {events.take(), {200, {}, {}}};
}

sdk::Verdict SignedWebhook::admit(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  const sdk::SignatureVerdict verdict = verifier_.verify(request, now_ms);
  return verdict == sdk::SignatureVerdict::genuine ? sdk::Verdict::accept()
                                                   : refuse(401, verifier_.explain(verdict));
}

sdk::Verdict refuse(int status, std::string message) {
  std::string reason = message;
  return sdk::Verdict::refuse(webform::refusal(webform::Format::json, status, {}, std::move(message)),
                              std::move(reason));
}

sdk::Verdict answer_challenge(std::string_view challenge) {
  const auto is_plain = [](char c) {
    const char lower = webform::ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (challenge.empty() || challenge.size() > bounds::challenge_bytes_max ||
      !std::all_of(challenge.begin(), challenge.end(), is_plain))
    return refuse(400, "this is no challenge; send letters and digits alone");
  return sdk::Verdict::answer(
      {200,
       {{"content-type", "text/plain; charset=utf-8"}, {"x-content-type-options", "nosniff"}},
       std::string(challenge)});
}

bool is_json(std::string_view content_type) {
  const std::string_view type = webform::trim(webform::split_once(content_type, ';').before);
  return webform::equal_ignoring_case(type, "application/json") ||
         (type.size() > 5 && webform::equal_ignoring_case(type.substr(type.size() - 5), "+json"));
}

json parse_body(const sdk::HttpRequest& request) {
  auto body = webform::parse_json_object(request.body());
  if (!body) throw sdk::ChannelError(body.error());
  return std::move(*body);
}

}  // namespace leadhub::chat
