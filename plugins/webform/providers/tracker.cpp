#include <leadhub/sdk/form.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "answers.hpp"
#include "form_body.hpp"
#include "gate.hpp"
#include "html.hpp"
#include "json_body.hpp"
#include "limits.hpp"
#include "origin.hpp"
#include "provider.hpp"
#include "provider_event.hpp"
#include "rate.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::webform {

namespace providers {
extern const std::string_view tracker_script;  // tracker.js, put into the plugin when it is built
}

namespace {

using nlohmann::json;

/// What the script may report. Anybody can say it, so there is nothing among it that a person agrees to.
constexpr std::string_view event_types[] = {"page.viewed", "content.downloaded", "cart.updated",
                                            "purchase.completed", "x.tracker.identified"};

sdk::HttpResponse script_of(const json& config, const std::string& url) {
  json settings = config;
  settings["url"] = url;
  const std::string body =
      "(() => {\n\"use strict\";\nconst settings = " + escape_script_json(settings.dump()) + ";\n" +
      std::string(providers::tracker_script) + "})();\n";
  return {200,
          {{"content-type", "text/javascript; charset=utf-8"},
           {"cache-control", "public, max-age=600"},  // so a new configuration counts within ten minutes
           {"cross-origin-resource-policy", "cross-origin"},
           {"x-content-type-options", "nosniff"}},
          body};
}

/// "pdf" of ".PDF".
std::string extension_of(std::string_view text) {
  if (text.starts_with('.')) text.remove_prefix(1);
  return ascii_lower(text);
}

/// An address that may be shown as a link; empty for anything else.
std::string page_at(const json& object, std::string_view name) {
  std::string page = text_at(object, name);
  return is_page_url(page) ? page : std::string{};
}

std::optional<double> number_at(const json& object, std::string_view path) {
  const json* const value = find_json(object, path);
  return value != nullptr && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::string currency_at(const json& object, std::string_view path) {
  std::string text = text_at(object, path);
  const bool is_code =
      text.size() == 3 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  return is_code ? text : std::string{};
}

void keep_goods(const json& data, sdk::LeadEvent& event) {
  event.value = number_at(data, "value");
  event.currency = currency_at(data, "currency");
  for (const json& given : list_at(data, "items")) {
    if (event.items.size() == limits::items_max) return;
    event.items.push_back({text_at(given, "id"), text_at(given, "name"), number_at(given, "quantity"),
                           number_at(given, "price")});
  }
}

/// A key of one visitor's cannot be another's, whoever makes it up. That of a purchase is the order's, so
/// that a page of thanks that is loaded again is not another purchase.
std::string key_of(const std::string& visitor, const json& given, const std::string& order) {
  if (!order.empty()) return key_of_content(visitor + " purchase " + order);
  const std::string key = text_at(given, "key");
  return key.empty() ? std::string{} : key_of_content(visitor + " " + key);
}

/// A website's visitors, as our own script reports them: {"visitor", "attribution": {}, "events": [{"type",
/// "key", "page", "title", "file", "data"}]}, by sendBeacon or fetch, as text/plain, so that no browser has
/// to ask first. Whoever sends Sec-GPC: 1 (Global Privacy Control) is not kept.
class Tracker final : public FormProvider {
 public:
  explicit Tracker(ProviderParts parts)
      : channel_(std::move(parts.channel)), settings_(std::move(parts.settings)), gate_(settings_) {
    const json given = json::parse(settings_.config, nullptr, false);
    json downloads = json::array();
    for (const json& extension : list_at(given, "downloads")) {
      if (extension.is_string()) downloads.push_back(extension_of(extension.get<std::string>()));
    }
    if (!given.contains("downloads"))
      downloads = {"pdf", "zip", "docx", "xlsx", "pptx", "epub", "csv", "mp4"};
    json attribution = json::array();
    for (const auto& member : sdk::attribution_members)
      if (member.name != "referrer" && member.name != "landing_page") attribution.push_back(member.name);
    const std::string lifetime = text_at(given, "lifetime");
    const std::int64_t lifetime_ms =
        std::min(parse_duration_ms(lifetime).value_or(default_lifetime_ms), limits::cookie_age_ms_max);
    script_settings_ = {{"required", text_at(given, "consent") != "not_required"},
                        {"seconds", lifetime_ms / 1000},
                        {"batch", limits::tracked_events_max},
                        {"downloads", std::move(downloads)},
                        {"attribution", std::move(attribution)}};
  }

  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override {
    if (request.path().starts_with("/f/")) return show(request);
    if (std::optional<sdk::Verdict> stopped = gate_.stop(request, now_ms, Format::json))
      return std::move(*stopped);
    if (trim(request.header("sec-gpc")) == "1") return sdk::Verdict::answer(answer(request, {204, {}, {}}));
    const std::string_view type = request.header("content-type");
    if (is_json(type) || is_content_type(type, "text/plain")) return sdk::Verdict::accept();
    return sdk::Verdict::refuse(
        answer(request, refusal(Format::json, 415, {}, "Send JSON, as text/plain or application/json.")),
        "the content type is not JSON");
  }

  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override {
    sdk::Reading reading;
    try {
      reading = {understand(request.body()), {204, {}, {}}};
    } catch (const sdk::ChannelError& error) {
      reading = {{}, refusal(Format::json, 400, {}, error.what())};
    }
    gate_.add_cors(request, reading.response);
    return reading;
  }

 private:
  static constexpr std::int64_t default_lifetime_ms = 180LL * 86'400'000;

  sdk::HttpResponse answer(const sdk::HttpRequest& request, sdk::HttpResponse response) const {
    gate_.add_cors(request, response);
    return response;
  }

  [[nodiscard]] sdk::Verdict show(const sdk::HttpRequest& request) const {
    const auto refuse = [](int status, std::string message) {
      return sdk::Verdict::refuse(refusal(Format::html, status, "No page", message), message);
    };
    if (!request.path().ends_with(".js"))
      return refuse(404, "This channel has a script, and no page; add .js to the address.");
    if (request.method() == "GET" || request.method() == "HEAD")
      return sdk::Verdict::answer(script_of(
          script_settings_, std::string(request.public_url()) + "/in/" + sdk::percent_encode(channel_)));
    sdk::Verdict verdict = refuse(405, "This address gives a script: use GET.");
    verdict.response->headers.emplace_back("allow", "GET, HEAD");
    return verdict;
  }

  /// Throws ChannelError for what our script does not send.
  static std::vector<std::string> understand(std::string_view text) {
    const auto body = parse_json_object(text);
    if (!body) throw sdk::ChannelError(body.error());
    const std::string visitor = text_at(*body, "visitor");
    if (!is_visitor_id(visitor))
      throw sdk::ChannelError("\"visitor\" is no id of a visitor: 32 digits of hex, as the script makes it");
    const json& given = list_at(*body, "events");
    if (given.size() > limits::tracked_events_max)
      throw sdk::ChannelError("there are more than " + std::to_string(limits::tracked_events_max) +
                              " events in one request; send smaller batches");
    const sdk::Attribution attribution = attribution_of(object_at(*body, "attribution"));
    Events events;
    for (const json& one : given) events.add(event_of(visitor, attribution, one));
    return events.take();
  }

  static sdk::Attribution attribution_of(const json& given) {
    sdk::Attribution attribution;
    for (const auto& [name, member] : sdk::attribution_members) attribution.*member = text_at(given, name);
    attribution.referrer = page_at(given, "referrer");
    attribution.landing_page = page_at(given, "landing_page");
    return attribution;
  }

  static sdk::LeadEvent event_of(const std::string& visitor, const sdk::Attribution& attribution,
                                 const json& given) {
    sdk::LeadEvent event;
    event.type = text_at(given, "type");
    if (std::find(std::begin(event_types), std::end(event_types), event.type) == std::end(event_types))
      throw sdk::ChannelError("an event is of no type that the script reports");
    const json& data = object_at(given, "data");
    const bool is_purchase = event.type == "purchase.completed";
    const std::string order = is_purchase ? text_at(data, "id") : std::string{};
    event.key = key_of(visitor, given, order);
    event.anonymous_id = visitor;
    event.attribution = attribution;
    keep_text(event, "page", page_at(given, "page"));
    keep_text(event, "title", text_at(given, "title"));
    keep_text(event, "file", page_at(given, "file"));
    keep_text(event, "order", order);
    if (is_purchase || event.type == "cart.updated") keep_goods(data, event);
    if (event.type == "x.tracker.identified")
      for (const auto& [name, member] : sdk::person_members) event.person.*member = text_at(data, name);
    return event;
  }

  std::string channel_;
  Settings settings_;
  Gate gate_;
  json script_settings_;
};

}  // namespace

namespace providers {

/// Our own script on any website.
extern constexpr ProviderKind tracker{
    "tracker", Sender::person, FieldsNeed::optional, &make_provider<Tracker>,
    [](std::string_view) { return std::string("a tracker has no secret; take it out"); }};

}  // namespace providers

}  // namespace leadhub::webform
