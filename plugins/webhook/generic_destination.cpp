#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/webhook_signer.hpp>

#include <algorithm>
#include <utility>

#include "answer.hpp"
#include "destination.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;

/// Types of Standard Webhooks are words of letters, digits and "_" with full stops between them.
std::string type_of(const Json& reason) {
  std::string what = reason.value("what", "rule");
  std::replace(what.begin(), what.end(), '-', '_');
  return "lead." + what;
}

std::string body_of(const LeadDelivery& delivery) {
  const Json& document = delivery.document;
  Json data{{"reason", document.at("reason")}};
  if (document.contains("links")) data["links"] = document.at("links");
  data["lead"] = delivery.lead();
  const Json body{{"type", type_of(document.at("reason"))},
                  {"timestamp", document.value("at", "")},
                  {"data", std::move(data)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class GenericDestination final : public Destination {
 public:
  GenericDestination(sdk::Host host, Settings settings)
      : host_(host), settings_(std::move(settings)), signer_(settings_.secrets) {}

  sdk::Outcome deliver(const LeadDelivery& delivery, std::int64_t deadline_ms) override {
    const std::int64_t now_ms = host_.now_ms();
    sdk::OutboundRequest request{"POST", settings_.url, settings_.headers, body_of(delivery)};
    request.headers.emplace_back("content-type", "application/json");
    for (auto& header : signer_.headers(delivery.id, now_ms, request.body))
      request.headers.push_back(std::move(header));
    try {
      const auto response = sdk::send(host_, request, std::min(deadline_ms, now_ms + settings_.timeout_ms));
      if (is_success(response)) return sdk::Outcome::done();
      return refusal(response, Refusals::pass, "the destination", {}, host_.now_ms());
    } catch (const sdk::NoAnswerError& error) {
      return no_answer(error);  // receivers know by webhook-id what comes twice
    }
  }

 private:
  sdk::Host host_;
  Settings settings_;
  sdk::WebhookSigner signer_;
};

}  // namespace

std::unique_ptr<Destination> make_generic_destination(sdk::Host host, Settings settings) {
  return std::make_unique<GenericDestination>(host, std::move(settings));
}

}  // namespace leadhub::webhook
