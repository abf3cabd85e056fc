#include "control/parameters.hpp"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "ops/uuid.hpp"

namespace leadhub::control {

using httplib::Request;
using nlohmann::ordered_json;

Result<std::optional<std::int64_t>> number_parameter(const Request& request, const std::string& name,
                                                     std::int64_t lowest, std::int64_t highest) {
  if (!request.has_param(name)) return std::nullopt;
  const auto text = request.get_param_value(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < lowest || value > highest)
    return fail(ErrorCode::invalid, "the parameter " + name + " must be a whole number from " +
                                        std::to_string(lowest) + " to " + std::to_string(highest));
  return value;
}

Result<std::optional<std::string>> text_parameter(const Request& request, const std::string& name) {
  if (!request.has_param(name)) return std::nullopt;
  auto text = request.get_param_value(name);
  if (text.empty()) return fail(ErrorCode::invalid, "the parameter " + name + " is empty; leave it out");
  return text;
}

Result<void> check_parameters(const Request& request, const std::vector<std::string_view>& known) {
  for (const auto& [name, value] : request.params) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(ErrorCode::invalid,
                  "there is no parameter \"" + name + "\" here; see /api/v1/openapi.json");
    if (request.get_param_value_count(name) > 1)
      return fail(ErrorCode::invalid, "the parameter " + name + " is given twice; give it once");
  }
  return {};
}

Result<Queries::LeadPage> lead_page(const Request& request) {
  Queries::LeadPage page;
  const auto limit = number_parameter(request, "limit", 1, limits::page_size_max);
  if (!limit) return std::unexpected(limit.error());
  page.limit = limit->value_or(limits::page_size_default);
  const auto cursor = text_parameter(request, "cursor");
  const auto stage = text_parameter(request, "stage");
  const auto temperature = text_parameter(request, "temperature");
  for (const auto* text : {&cursor, &stage, &temperature})
    if (!*text) return std::unexpected(text->error());
  if (*cursor && !ops::is_uuid(**cursor))
    return fail(ErrorCode::invalid, "the parameter cursor must be `next` of the page before");
  page.cursor = *cursor;
  if (*stage) page.stage = lead::stage_from(**stage);
  if (*stage && !page.stage)
    return fail(ErrorCode::invalid,
                "the parameter stage must be captured, registered, developing, converted, customer, lost or "
                "recycled");
  if (*temperature) {
    for (const auto candidate : {lead::Temperature::cold, lead::Temperature::warm, lead::Temperature::hot})
      if (lead::to_string(candidate) == **temperature) page.temperature = candidate;
    if (!page.temperature)
      return fail(ErrorCode::invalid, "the parameter temperature must be cold, warm or hot");
  }
  return page;
}

Result<Queries::ExportPage> export_page(const Request& request) {
  Queries::ExportPage page;
  const auto cursor = text_parameter(request, "cursor");
  const auto shape = text_parameter(request, "shape");
  for (const auto* text : {&cursor, &shape})
    if (!*text) return std::unexpected(text->error());
  if (*cursor && !ops::is_uuid(**cursor))
    return fail(ErrorCode::invalid, "the parameter cursor must be `next` of the page before");
  if (*shape && **shape != "whole" && **shape != "flat")
    return fail(ErrorCode::invalid, "the parameter shape must be whole or flat");
  page.after = cursor->value_or("");
  page.shape = *shape == "flat" ? Queries::LeadShape::flat : Queries::LeadShape::whole;
  return page;
}

Result<Queries::InboxPage> inbox_page(const Request& request) {
  Queries::InboxPage page;
  const auto limit = number_parameter(request, "limit", 1, limits::page_size_max);
  const auto before = number_parameter(request, "cursor", 0, INT64_MAX);
  const auto after = number_parameter(request, "after", 0, INT64_MAX);
  for (const auto* number : {&limit, &before, &after})
    if (!*number) return std::unexpected(number->error());
  const auto channel = text_parameter(request, "channel");
  const auto status = text_parameter(request, "status");
  for (const auto* text : {&channel, &status})
    if (!*text) return std::unexpected(text->error());
  if (*before && *after)
    return fail(ErrorCode::invalid, "the parameters cursor and after exclude each other; give one of them");
  page.limit = limit->value_or(limits::page_size_default);
  page.channel = *channel;
  page.after = *after;
  if (*status) {
    if (**status != "quarantined" && **status != "all")
      return fail(ErrorCode::invalid, "the parameter status must be quarantined or all");
    page.quarantined_only = **status == "quarantined";
  }
  // Quarantined entries are listed oldest first, so their cursor goes up.
  (page.quarantined_only ? page.after : page.before) = page.quarantined_only && !*before ? *after : *before;
  return page;
}

Result<store::MessageFilter> message_filter(const Request& request) {
  store::MessageFilter filter;
  const auto limit = number_parameter(request, "limit", 1, limits::page_size_max);
  if (!limit) return std::unexpected(limit.error());
  filter.limit = limit->value_or(limits::page_size_default);
  const auto cursor = text_parameter(request, "cursor");
  const auto state = text_parameter(request, "state");
  const auto kind = text_parameter(request, "kind");
  const auto via = text_parameter(request, "via");
  for (const auto* text : {&cursor, &state, &kind, &via})
    if (!*text) return std::unexpected(text->error());
  filter.before = cursor->value_or("");
  filter.channel = *via;
  if (*state) filter.state = lead::message_state_from(**state);
  if (*state && !filter.state)
    return fail(ErrorCode::invalid,
                "the parameter state must be queued, attempting, sent, failed, withheld or unknown");
  if (*kind) filter.kind = lead::message_kind_from(**kind);
  if (*kind && !filter.kind)
    return fail(ErrorCode::invalid,
                "the parameter kind must be opt_in, chat_reply, hand_off, delivery, journey or notice");
  return filter;
}

Result<std::vector<std::string>> body_texts(const Request& request,
                                            const std::vector<std::string_view>& names) {
  const auto body = ordered_json::parse(request.body, nullptr, false);
  const auto wrong = [&] {
    std::string list;
    for (const auto name : names)
      list.append(list.empty() ? "" : ", ").append("\"").append(name).append("\"");
    return fail(ErrorCode::invalid, "send a JSON object with " + list + " as texts, and nothing else");
  };
  if (!body.is_object() || body.size() != names.size()) return wrong();
  std::vector<std::string> texts;
  for (const auto name : names) {
    const auto found = body.find(std::string{name});
    if (found == body.end() || !found->is_string()) return wrong();
    texts.push_back(found->get<std::string>());
  }
  return texts;
}

Result<std::optional<std::string>> idempotency_key(const Request& request) {
  if (!request.has_header("Idempotency-Key")) return std::nullopt;
  if (request.get_header_value_count("Idempotency-Key") > 1)
    return fail(ErrorCode::invalid, "there are two Idempotency-Keys; send one");
  auto key = request.get_header_value("Idempotency-Key");
  const bool is_printable = std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
  if (key.empty() || key.size() > limits::idempotency_key_bytes_max || !is_printable)
    return fail(ErrorCode::invalid, "an Idempotency-Key has 1 to " +
                                        std::to_string(limits::idempotency_key_bytes_max) +
                                        " printable characters of ASCII, a UUID say");
  return key;
}

}  // namespace leadhub::control
