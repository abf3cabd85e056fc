#include "transfer/lead_lines.hpp"

#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "transfer/event_draft.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// Only the hub that asked may say what a confirmation confirms.
void forget_confirmations(ordered_json& event) {
  const auto consents = event.find("consent");
  if (consents == event.end() || !consents->is_array()) return;
  for (auto& statement : *consents)
    if (statement.is_object()) statement.erase("confirms");
}

}  // namespace

Result<ordered_json> parse_object(std::string_view line) {
  // Writing a document again goes one call deeper for each level.
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      if (++depth > limits::config_depth_max)
        return fail(ErrorCode::invalid, "it nests deeper than " + std::to_string(limits::config_depth_max) +
                                            " levels; a lead is a flat object");
    } else if (!in_string && (c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  auto object = ordered_json::parse(line, nullptr, false);
  if (!object.is_object())
    return fail(ErrorCode::invalid, "it is no JSON object in UTF-8; write one object a line");
  return object;
}

bool is_lead_document(const ordered_json& object) {
  return object.contains("contact_points") && object.contains("timeline");
}

bool is_event_document(const ordered_json& object) {
  const auto type = object.find("type");
  return type != object.end() && type->is_string() && !object.contains("email") && !object.contains("phone");
}

Result<std::vector<std::string>> events_of_lead(const ordered_json& lead) {
  const auto timeline = lead.find("timeline");
  if (timeline == lead.end() || !timeline->is_array())
    return fail(ErrorCode::invalid, "the lead has no timeline; export it with `leadhub leads export`");
  std::vector<std::string> events;
  for (const auto& line : *timeline) {
    const auto found = line.is_object() ? line.find("event") : line.end();
    if (!line.is_object() || found == line.end() || !found->is_object())
      return fail(ErrorCode::invalid,
                  "a line of the lead's timeline has no event; export it with `leadhub leads export`");
    auto event = *found;
    forget_confirmations(event);
    if (const auto at = text_of(line, "occurred_at"); !at.empty()) event["occurred_at"] = at;
    auto key = text_of(line, "channel") + "/" + text_of(line, "key");
    if (key.size() <= limits::event_key_bytes_max)
      event["key"] = std::move(key);
    else
      event["key"] = content_key(key);
    events.push_back(event.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  }
  return events;
}

std::string keyed_event(ordered_json event) {
  const auto dump = [&] { return event.dump(-1, ' ', false, ordered_json::error_handler_t::replace); };
  if (!event.contains("key")) event["key"] = content_key(dump());
  return dump();
}

}  // namespace leadhub::transfer
