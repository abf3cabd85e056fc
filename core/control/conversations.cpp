#include "control/conversations.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "lead/event.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

bool is_chat(const lead::TimelineEntry& line) {
  return line.type == "chat.message" || line.type == "chat.started";
}

/// What a chat's plugin wrote by itself: x.<provider>.auto_reply.
bool is_auto_reply(const lead::TimelineEntry& line) {
  return line.type.starts_with("x.") && line.type.ends_with(".auto_reply");
}

constexpr std::string_view conversation_suffix = "_conversation";

/// Whom the event names in the chat's own words: by the conversation, where that is not their own id.
std::optional<lead::ExternalId> conversation_of(const lead::LeadEvent& event) {
  if (event.person.external_ids.empty()) return std::nullopt;
  const auto& ids = event.person.external_ids;
  const auto named =
      std::ranges::find_if(ids, [](const auto& id) { return id.first.ends_with(conversation_suffix); });
  const auto& [system, id] = named == ids.end() ? ids.front() : *named;
  return lead::ExternalId{system, id};
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

ordered_json to_json(const std::optional<lead::ExternalId>& conversation) {
  if (!conversation) return nullptr;
  return {{"system", conversation->system}, {"id", conversation->id}};
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json item_of(const lead::TimelineEntry& line, const lead::LeadEvent& event) {
  return {{"at", format_rfc3339(line.occurred_at)},
          {"from", is_auto_reply(line) ? "hub" : "person"},
          {"channel", line.channel},
          {"conversation", to_json(conversation_of(event))},
          {"text", text_or_null(event.message)},
          {"type", line.type},
          {"source", lead::to_string(line.reference)}};
}

ordered_json item_of(const lead::Message& message) {
  return {{"at", format_rfc3339(message.created_at)},
          {"from", "team"},
          {"channel", message.channel},
          {"conversation", {{"system", message.system}, {"id", message.address}}},
          {"text", message.text},
          {"id", message.id},
          {"author", text_or_null(message.author)},
          {"state", lead::to_string(message.state)},
          {"detail", text_or_null(message.detail)}};
}

}  // namespace

Result<ReplyAddress> reply_address(const lead::LeadRecord& record, const std::vector<std::string>& channels,
                                   const std::optional<std::string>& channel) {
  const lead::TimelineEntry* latest = nullptr;
  for (const auto& line : record.timeline) {
    const bool is_wanted = channel ? line.channel == *channel : true;
    if (!is_chat(line) || !is_wanted || std::ranges::find(channels, line.channel) == channels.end()) continue;
    if (latest == nullptr || line.occurred_at >= latest->occurred_at) latest = &line;
  }
  const auto event = latest == nullptr ? std::nullopt : std::optional{lead::parse_event(latest->document)};
  if (event && *event)
    if (auto conversation = conversation_of(**event)) return ReplyAddress{latest->channel, *conversation};
  const std::string which = channel ? "in the channel " + *channel : "in a channel that answers";
  return fail(ErrorCode::conflict,
              "the lead has written nothing " + which + "; " +
                  (channels.empty() ? "no channel of this hub answers chats"
                                    : "the channels that answer chats are " + joined(channels)));
}

ordered_json conversation_document(const lead::LeadRecord& record) {
  std::vector<std::pair<TimePoint, ordered_json>> items;
  for (const auto& line : record.timeline) {
    if (!is_chat(line) && !is_auto_reply(line)) continue;
    if (const auto event = lead::parse_event(line.document); event)
      items.emplace_back(line.occurred_at, item_of(line, *event));
  }
  for (const auto& message : record.messages)
    if (message.kind == lead::MessageKind::chat_reply)
      items.emplace_back(message.created_at, item_of(message));
  std::ranges::stable_sort(items, {}, &std::pair<TimePoint, ordered_json>::first);
  ordered_json out{{"lead", record.lead.id}, {"items", ordered_json::array()}};
  for (auto& [at, item] : items) out["items"].push_back(std::move(item));
  return out;
}

}  // namespace leadhub::control
