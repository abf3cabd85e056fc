#include <leadhub/sdk/outbound.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "answer.hpp"
#include "destination.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;

/// The value at a JSON pointer; null where there is none.
const Json& pointed_at(const Json& json, const std::string& pointer) {
  static const Json none;
  const Json::json_pointer at{pointer};
  return json.contains(at) ? json.at(at) : none;
}

/// A record's id as text, if it is one that can stand in a path.
std::optional<std::string> record_id(const Json& value) {
  const std::string id = value.is_number_integer() ? value.dump()
                         : value.is_string()       ? value.get<std::string>()
                                                   : std::string{};
  const bool fits =
      !id.empty() && id.size() <= limits::record_id_bytes_max && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
      });
  return fits ? std::optional(id) : std::nullopt;
}

/// {"a": 1, "b.c": 2} as {"a": 1, "b": {"c": 2}}.
Json nested(const Json& flat) {
  Json out = Json::object();
  for (const auto& [name, value] : flat.items()) {
    Json* place = &out;
    for (auto rest = webform::Halves{{}, name}; !rest.after.empty();) {
      rest = webform::split_once(rest.after, '.');
      if (!place->is_object()) *place = Json::object();
      place = &(*place)[std::string(rest.before)];
    }
    *place = value;
  }
  return out;
}

/// One lead on its way to one service.
class PresetDestination final : public Destination {
 public:
  PresetDestination(sdk::Host host, Settings settings)
      : host_(host), settings_(std::move(settings)), preset_(*settings_.preset), fields_(preset_.fields) {
    fields_.update(nested(settings_.fields), true);
    headers_ = settings_.headers;
    for (const auto& [name, value] : preset_.headers.items())
      headers_.emplace_back(
          name, fill_in_text(value.get<std::string>(), Json{{"token", settings_.token}}, Escape::none));
  }

  sdk::Outcome deliver(const LeadDelivery& delivery, std::int64_t deadline_ms) override {
    Json values = values_of(delivery);
    for (const Need& need : preset_.needs)
      if (fill_in_text(need.value, values, Escape::none).empty())
        return sdk::Outcome::rejected("the lead has no " + need.words + ", without which " + preset_.service +
                                      " takes none");
    const RequestShape* request = &preset_.send;
    if (preset_.find) {
      auto found = find(*preset_.find, delivery, values, deadline_ms);
      if (found.failure) return *std::move(found.failure);
      if (!found.id.empty()) {
        values["found"] = {{"id", found.id}};
        request = &*preset_.update;
      }
    }
    return write(*request, delivery, values, deadline_ms);
  }

 private:
  struct Found {
    std::string id;  ///< empty: there is no such record
    std::optional<sdk::Outcome> failure;
  };

  Json values_of(const LeadDelivery& delivery) const {
    const Json& document = delivery.document;
    Json values = delivery.lead();
    values["reason"] = document.at("reason");
    values["links"] = document.value("links", Json::object());
    values["message"] = {{"id", delivery.id}, {"at", document.value("at", "")}};
    values["channel"] = {{"external_id", settings_.external_id}};
    values["fields"] = fill_in(fields_, values, preset_.escape).value_or(Json::object());
    return values;
  }

  sdk::HttpResponse ask(const RequestShape& shape, const Json& values, std::int64_t deadline_ms) const {
    sdk::OutboundRequest request{
        shape.method, settings_.url + fill_in_text(shape.path, values, Escape::url), headers_, {}};
    request.headers.emplace_back("accept", "application/json");
    if (!shape.body.is_null()) {
      request.headers.emplace_back("content-type", "application/json");
      const Json body = fill_in(shape.body, values, preset_.escape).value_or(Json::object());
      request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return sdk::send(host_, request, std::min(deadline_ms, host_.now_ms() + settings_.timeout_ms));
  }

  Found find(const FindShape& shape, const LeadDelivery& delivery, const Json& values,
             std::int64_t deadline_ms) const try {
    const sdk::HttpResponse response = ask(shape.request, values, deadline_ms);
    // That it could not be looked for says nothing of the lead.
    if (!is_success(response)) return {{}, refused(response, Refusals::pass, delivery)};
    const Json body = Json::parse(response.body, nullptr, false);
    const Json& list = pointed_at(body, shape.list);
    if (!list.is_array()) return {{}, nonsense(response)};
    if (list.empty()) return {};
    auto id = record_id(pointed_at(list.front(), shape.id));
    return id ? Found{*std::move(id), std::nullopt} : Found{{}, nonsense(response)};
  } catch (const sdk::NoAnswerError& error) {
    return {{}, no_answer(error)};
  }

  sdk::Outcome write(const RequestShape& shape, const LeadDelivery& delivery, const Json& values,
                     std::int64_t deadline_ms) const try {
    const sdk::HttpResponse response = ask(shape, values, deadline_ms);
    if (!is_success(response)) {
      const bool was_there = &shape != &preset_.send;
      if ((response.status == 404 || response.status == 410) && was_there)
        return sdk::Outcome::later(preset_.service +
                                   " found a record and then had none of that id; it may have been deleted");
      return refused(response, Refusals::stay, delivery);
    }
    if (shape.id.empty() || response.status == 204) return sdk::Outcome::done();
    const Json body = Json::parse(response.body, nullptr, false);
    if (auto id = record_id(pointed_at(body, shape.id))) return sdk::Outcome::done(*std::move(id));
    constexpr int multi_status = 207;  // some of what was sent was refused: there was one
    if (response.status == multi_status)
      return sdk::Outcome::rejected(preset_.service + " refused the record (" + words_of(body, delivery) +
                                    ")");
    return nonsense(response);
  } catch (const sdk::NoAnswerError& error) {
    if (error.may_have_happened() && preset_.repetition == Repetition::twice)
      return sdk::Outcome::unknown(error.what());
    return no_answer(error);
  }

  sdk::Outcome refused(const sdk::HttpResponse& response, Refusals refusals,
                       const LeadDelivery& delivery) const {
    const std::string words = words_of(Json::parse(response.body, nullptr, false), delivery);
    return refusal(response, refusals, preset_.service, words, host_.now_ms());
  }

  sdk::Outcome nonsense(const sdk::HttpResponse& response) const {
    return sdk::Outcome::later(preset_.service + " answered " + std::to_string(response.status) +
                               " with something else than its API does; see that url leads to the API and to "
                               "no page for people");
  }

  std::string words_of(const Json& body, const LeadDelivery& delivery) const {
    std::string words;
    for (const std::string& pointer : preset_.words)
      if (const Json& value = pointed_at(body, pointer); value.is_string())
        words += (words.empty() ? "" : ": ") + value.get<std::string>();
    return without_personal_data(std::move(words), delivery.lead());
  }

  sdk::Host host_;
  Settings settings_;
  const Preset& preset_;
  Json fields_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace

std::unique_ptr<Destination> make_preset_destination(sdk::Host host, Settings settings) {
  return std::make_unique<PresetDestination>(host, std::move(settings));
}

}  // namespace leadhub::webhook
