#include "meta.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/form.hpp>
#include <leadhub/sdk/outbound.hpp>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "json_body.hpp"
#include "limits.hpp"
#include "webhook_provider.hpp"

namespace leadhub::webform::meta {
namespace {

sdk::RetryClass retry_class_of(int status, const std::string& code, const std::string& subcode) {
  const auto is_any_of = [&](std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  if (subcode == "2018278") return sdk::RetryClass::permanent;  // code 10, too: not within 24 hours
  const bool is_permission = code.size() == 3 && code.front() == '2';
  if (is_any_of({"190", "102", "10", "131005"}) || is_permission) return sdk::RetryClass::auth;
  if (is_any_of({"4", "17", "32", "613", "80005", "80007", "130429", "131048", "131056"}))
    return sdk::RetryClass::rate_limited;
  if (is_any_of({"1", "2", "1200"})) return sdk::RetryClass::transient;
  return sdk::retry_class_of(status);
}

}  // namespace

sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Meta";
  scheme.signature = sdk::Source::header("x-hub-signature-256");
  scheme.prefix = "sha256=";
  return scheme;
}

sdk::TokenPlace challenge_token() {
  return sdk::TokenPlace::query("hub.verify_token");
}

std::optional<sdk::Verdict> answer_challenge(const sdk::HttpRequest& request,
                                             const sdk::StaticToken& verify_token) {
  if (request.method() != "GET") return std::nullopt;
  const auto query = sdk::UrlencodedForm::parse(request.query(), limits::challenge_fields_max);
  if (!query || query->value("hub.mode") != "subscribe" ||
      verify_token.verify(request) != sdk::TokenVerdict::genuine)
    return refuse_as_json(403, "the challenge does not have the verify token of hub.yaml");
  return webform::answer_challenge(query->value("hub.challenge"));
}

std::string proof(std::string_view app_secret, std::string_view access_token) {
  return "appsecret_proof=" + sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, app_secret)({access_token}));
}

sdk::ChannelError refusal(const sdk::HttpResponse& answer, std::string_view advice) {
  nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  const std::string code = text_at(body, "error.code");
  const sdk::RetryClass retry_class =
      retry_class_of(answer.status, code, text_at(body, "error.error_subcode"));
  std::string message =
      "the Graph API answered " + std::to_string(answer.status) + (code.empty() ? "" : ", error " + code);
  if (retry_class == sdk::RetryClass::auth) (message += "; ") += advice;
  if (code == "131047" || text_at(body, "error.error_subcode") == "2018278")
    message += "; the person wrote more than 24 hours ago, and has to write again first";
  sdk::ChannelError refused{message, LEADHUB_ERROR_UNAVAILABLE, retry_class};
  refused.retry_after_ms = sdk::retry_after_ms(answer);
  return refused;
}

}  // namespace leadhub::webform::meta
