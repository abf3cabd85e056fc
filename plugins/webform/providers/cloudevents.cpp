#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/form.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "form_body.hpp"
#include "limits.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

constexpr std::string_view attributes[] = {"id",         "source",  "specversion", "type", "datacontenttype",
                                           "dataschema", "subject", "time"};

bool is_json_media(std::string_view content_type) {
  const std::string type = ascii_lower(trim(split_once(content_type, ';').before));
  return type.empty() || type == "application/json" || type == "text/json" || type.ends_with("+json");
}

/// CloudEvents 1.0, HTTP protocol binding: one event whose attributes are headers ce-* (binary mode), one
/// whose attributes are members of a JSON object (structured), or a list of those (batch). `source` and `id`
/// together tell events apart. HTTP 1.1 Web Hooks for Event Delivery 1.0 adds the handshake: OPTIONS with
/// WebHook-Request-Origin asks whether events may be sent at all.
class CloudEvents final : public ToolProvider {
 public:
  explicit CloudEvents(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)) {}

 private:
  /// Agrees to whoever asks: that they may send does not mean that they know the secret.
  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t) override {
    if (request.method() != "OPTIONS") return std::nullopt;
    const std::string_view origin = request.header("webhook-request-origin");
    const bool good = !origin.empty() && origin.size() <= limits::file_name_bytes_max &&
                      std::all_of(origin.begin(), origin.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (!good) return refuse(400, "Say in WebHook-Request-Origin who wants to send.");
    return sdk::Verdict::answer(
        {200,
         {{"webhook-allowed-origin", std::string(origin)}, {"webhook-allowed-rate", "*"}, {"allow", "POST"}},
         {}});
  }

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    sdk::Reading reading{{}, {204, {}, {}}};
    const std::string_view type = request.header("content-type");
    if (is_content_type(type, "application/cloudevents-batch+json")) {
      const json batch = parse_tool_json(request.body());
      if (!batch.is_array()) throw sdk::ChannelError("the batch is no list of events");
      if (batch.size() > limits::events_max)
        throw sdk::ChannelError("the batch has more than " + std::to_string(limits::events_max) +
                                " events; let the sender make smaller ones");
      for (const json& event : batch) reading.events.push_back(read_event(event, request));
    } else if (is_content_type(type, "application/cloudevents+json")) {
      reading.events.push_back(read_event(parse_tool_json(request.body()), request));
    } else {
      reading.events.push_back(read_event(from_headers(request), request));
    }
    return reading;
  }

  /// The event of binary mode as that of structured mode.
  static json from_headers(const sdk::HttpRequest& request) {
    json event = json::object();
    for (const std::string_view name : attributes) {
      const std::string_view value = request.header("ce-" + std::string(name));
      if (!value.empty()) event[std::string(name)] = sdk::percent_decode(value, sdk::Plus::plus);
    }
    const std::string_view type = request.header("content-type");
    if (is_json_media(type) && !request.body().empty())
      event["data"] = parse_tool_json(request.body());
    else if (!request.body().empty())
      event["data"] = sdk::to_utf8(request.body());
    return event;
  }

  std::string read_event(const json& event, const sdk::HttpRequest& request) const {
    for (const char* const name : {"specversion", "id", "source", "type"})
      if (text_at(event, name).empty())
        throw sdk::ChannelError(std::string("a CloudEvent has no \"") + name +
                                "\"; without it, it is none (CloudEvents 1.0, section 3.1)");
    if (!text_at(event, "specversion").starts_with("1."))
      throw sdk::ChannelError("the event is of another version of CloudEvents than 1");
    ToolSubmission submission;
    submission.key = key_of(text_at(event, "source"), text_at(event, "id"));
    submission.occurred_at = time_at(event, "time");
    submission.type = event_type(text_at(event, "type"));
    for (const char* const name : {"source", "subject", "type"})
      add_attribute(submission, std::string("ce_") + name, text_at(event, name));
    read_data(event, submission);
    return event_of(settings_, std::move(submission), request);
  }

  static std::string key_of(const std::string& source, const std::string& id) {
    std::string key = source + " " + id;
    return key.size() <= limits::key_bytes_max ? key : "sha256-" + sdk::base64url_encode(sdk::sha256(key));
  }

  [[nodiscard]] std::string event_type(const std::string& type) const {
    for (const auto& [known, meaning] : settings_.events)
      if (known == type) return meaning;
    const bool is_the_hubs = is_event_type(type) && !type.starts_with("x.");
    return is_the_hubs ? type : vendor_event("cloudevents", type);
  }

  static void read_data(const json& event, ToolSubmission& submission) {
    const std::string media = text_at(event, "datacontenttype");
    if (const json* const data = member(event, "data")) {
      if (data->is_structured())
        flatten(*data, submission.answers);
      else
        submission.answers.push_back({"data", {}, AnswerKind::long_text, value_of(*data)});
    } else if (const std::string encoded = text_at(event, "data_base64"); !encoded.empty()) {
      const std::optional<std::string> bytes = sdk::base64_decode(encoded);
      if (!bytes) throw sdk::ChannelError("data_base64 is not base64");
      if (is_json_media(media)) {
        flatten(parse_tool_json(*bytes), submission.answers);
      } else {
        submission.event.attachments.push_back(
            {"data", "data", media.empty() ? "application/octet-stream" : single_line(media), *bytes});
      }
    }
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind cloudevents{"cloudevents", Sender::machine, FieldsNeed::optional,
                                          &make_provider<CloudEvents>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
