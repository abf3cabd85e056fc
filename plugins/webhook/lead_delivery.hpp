#pragma once

#include <leadhub/sdk/transport.hpp>

#include <nlohmann/json.hpp>
#include <string>

namespace leadhub::webhook {

/// A lead as the host hands it over: sdk/lead-delivery.schema.json.
struct LeadDelivery {
  std::string id;                   ///< of the message, the same at every repetition
  nlohmann::ordered_json document;  ///< the whole, with what its schema requires

  [[nodiscard]] const nlohmann::ordered_json& lead() const { return document.at("lead"); }
};

/// Throws ChannelError, for good, for anything else than a lead.
[[nodiscard]] LeadDelivery read_lead_delivery(const sdk::Delivery& delivery);

/// A service's own words about a lead, for a message that is logged: without control characters, without what
/// the lead says of its person, and without anything like an e-mail address or a phone number; bounded.
[[nodiscard]] std::string without_personal_data(std::string words, const nlohmann::ordered_json& lead);

}  // namespace leadhub::webhook
