#include "control/messages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "lead/lead_json.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

ordered_json document_of(const lead::Message& message) {
  auto document = lead::message_document(message);
  document["lead"] = message.lead_id;
  return document;
}

ordered_json document_of(const store::DestinationState& state) {
  ordered_json document{{"channel", state.channel},
                        {"state", state.disabled ? "disabled" : "good"},
                        {"waiting", state.waiting},
                        {"failed", state.failed}};
  if (state.disabled) {
    document["reason"] = state.disabled->reason;
    document["since"] = format_rfc3339(state.disabled->since);
  }
  return document;
}

}  // namespace

Result<ordered_json> Messages::list(const store::MessageFilter& filter) {
  const std::scoped_lock lock{mutex_};
  const auto messages = reader_->list(filter);
  if (!messages) return std::unexpected(messages.error());
  ordered_json page{{"items", ordered_json::array()}, {"next", nullptr}};
  for (const auto& message : *messages) page["items"].push_back(document_of(message));
  if (static_cast<std::int64_t>(messages->size()) == filter.limit) page["next"] = messages->back().id;
  return page;
}

Result<ordered_json> Messages::get(const std::string& id) {
  const std::scoped_lock lock{mutex_};
  const auto message = reader_->get(id);
  if (!message) return std::unexpected(message.error());
  return document_of(*message);
}

Result<ordered_json> Messages::destination(const std::string& channel) {
  const auto known = destinations_();
  if (std::ranges::find(known, channel) == known.end()) {
    std::string names;
    for (const auto& name : known) names.append(names.empty() ? "" : ", ").append(name);
    return fail(ErrorCode::not_found,
                "there is no destination \"" + channel + "\"; " +
                    (known.empty() ? "no channel delivers leads" : "there is: " + names));
  }
  const std::scoped_lock lock{mutex_};
  const auto state = reader_->destination(channel);
  if (!state) return std::unexpected(state.error());
  return document_of(*state);
}

Result<std::vector<store::DestinationState>> Messages::states() {
  std::vector<store::DestinationState> states;
  const auto known = destinations_();
  const std::scoped_lock lock{mutex_};
  for (const auto& channel : known) {
    auto state = reader_->destination(channel);
    if (!state) return std::unexpected(state.error());
    states.push_back(*std::move(state));
  }
  return states;
}

Result<ordered_json> Messages::destinations() {
  const auto found = states();
  if (!found) return std::unexpected(found.error());
  auto list = ordered_json::array();
  for (const auto& state : *found) list.push_back(document_of(state));
  return ordered_json{{"items", list}};
}

}  // namespace leadhub::control
