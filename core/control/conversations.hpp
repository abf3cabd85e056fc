#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lead/external_id.hpp"
#include "lead/lead_json.hpp"
#include "ops/error.hpp"

namespace leadhub::control {

/// Where a reply to a lead goes.
struct ReplyAddress {
  std::string channel;
  lead::ExternalId conversation;
};

/// Where the lead wrote last: the channel and the person of the latest chat.started or chat.message of one of
/// `channels`, those that answer; of `channel` alone, where it is given. A chat that does not answer by the
/// person's own id names the conversation beside it, as an external id of a system that ends in
/// "_conversation". Pure. Error: `conflict` where the
/// lead has no such conversation, naming the channels that could be answered.
[[nodiscard]] Result<ReplyAddress> reply_address(const lead::LeadRecord& record,
                                                 const std::vector<std::string>& channels,
                                                 const std::optional<std::string>& channel);

/// What was written, by the person and to them, in the order of time:
/// {"lead", "items": [{"at", "from": "person", "hub" (an auto_reply) or "team", "channel", "conversation":
/// {"system", "id"}, "text", ...}]}. Of the person's and the hub's: "type" and "source" of the event. Of the
/// team's: "id", "author", "state" and "detail" of the message. Pure.
[[nodiscard]] nlohmann::ordered_json conversation_document(const lead::LeadRecord& record);

}  // namespace leadhub::control
