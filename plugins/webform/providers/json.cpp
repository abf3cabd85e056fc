#include <leadhub/sdk/signature.hpp>

#include <nlohmann/json.hpp>
#include <optional>

#include "answers.hpp"
#include "field_mapping.hpp"
#include "form_body.hpp"
#include "gate.hpp"
#include "json_body.hpp"
#include "provider.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

class JsonProvider final : public FormProvider {
 public:
  explicit JsonProvider(ProviderParts parts)
      : channel_(std::move(parts.channel)), settings_(std::move(parts.settings)), gate_(settings_) {
    if (!parts.secrets.empty()) verifier_.emplace(sdk::standard_webhooks_scheme(), parts.secrets);
  }

  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override {
    if (request.path().starts_with("/f/"))
      return refuse(request, 404, "This channel has no form to show; it takes JSON.",
                    "a JSON channel has no form");
    if (std::optional<sdk::Verdict> stopped = gate_.stop(request, now_ms, Format::json))
      return std::move(*stopped);
    // A browser's sendBeacon() sends text/plain.
    const std::string_view type = request.header("content-type");
    if (!is_json(type) && !is_content_type(type, "text/plain"))
      return refuse(request, 415, "Send application/json.", "the content type is not JSON");
    if (verifier_) {
      const sdk::SignatureVerdict verdict = verifier_->verify(request, now_ms);
      if (verdict != sdk::SignatureVerdict::genuine)
        return refuse(request, 401, verifier_->explain(verdict), verifier_->explain(verdict));
    }
    return is_honeypot_filled(request) ? sdk::Verdict::hold("the honeypot field was filled in")
                                       : sdk::Verdict::accept();
  }

  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override {
    sdk::Reading reading = read_body(request);
    gate_.add_cors(request, reading.response);
    return reading;
  }

 private:
  sdk::Verdict refuse(const sdk::HttpRequest& request, int status, std::string message,
                      std::string reason) const {
    sdk::HttpResponse response = refusal(Format::json, status, {}, std::move(message));
    gate_.add_cors(request, response);
    return sdk::Verdict::refuse(std::move(response), std::move(reason));
  }

  bool is_honeypot_filled(const sdk::HttpRequest& request) const {
    if (settings_.honeypot.empty()) return false;
    const auto body = parse_json_object(request.body());
    if (!body) return false;  // read() says what is wrong
    const json* const value = find_json(*body, settings_.honeypot);
    if (value == nullptr) return false;
    const bool is_empty = value->is_null() || *value == false || *value == json("");
    return !is_empty;
  }

  sdk::Reading read_body(const sdk::HttpRequest& request) const {
    const auto body = parse_json_object(request.body());
    if (!body) return {{}, refusal(Format::json, 400, {}, body.error())};
    Submission submission = collect(*body);
    const std::string page = std::string(request.public_url()) + "/in/" + channel_;
    Mapped mapped = map_submission(settings_, submission, request, page);
    mapped.event.key = sdk::standard_webhooks_id(request);
    std::string event;
    if (mapped.problems.empty()) event = mapped.event.to_json();
    if (!fits_an_event(mapped.event, event)) mapped.problems.push_back({"", "The form", "is too large"});
    if (!mapped.problems.empty()) return {{}, json_problems(422, mapped.problems)};
    return {{std::move(event)}, json_accepted()};
  }

  Submission collect(const json& body) const {
    Submission submission(settings_);
    for (std::size_t i = 0; i < settings_.fields.size(); ++i)
      if (const json* const value = find_json(body, settings_.fields[i].name))
        take_field(submission, settings_.fields[i], submission.fields[i], *value);
    for (std::size_t i = 0; i < settings_.consent.size(); ++i)
      if (const json* const value = find_json(body, settings_.consent[i].name))
        submission.consents[i] = text_of(submission, *value).value_or("");
    const auto take_hidden = [&](std::string_view name) {
      if (const auto found = body.find(name); found != body.end() && found->is_string())
        submission.take(settings_, name, found->get_ref<const std::string&>());
    };
    take_hidden(visitor_field);
    for (const auto& member : sdk::attribution_members) take_hidden(member.name);
    return submission;
  }

  /// A scalar as text; empty for null, nullopt for objects and arrays.
  static std::optional<std::string_view> text_of(Submission& submission, const json& value) {
    if (value.is_string()) return value.get_ref<const std::string&>();
    if (value.is_null()) return "";
    if (value.is_structured()) return std::nullopt;
    return submission.texts.emplace_back(value.dump());
  }

  static void take_field(Submission& submission, const FieldRule& rule, Given& given, const json& value) {
    if (rule.type == ValueType::list && value.is_array()) {
      for (const json& item : value) take_value(submission, rule, given, item);
    } else {
      take_value(submission, rule, given, value);
    }
  }

  static void take_value(Submission& submission, const FieldRule& rule, Given& given, const json& value) {
    const std::optional<std::string_view> text = text_of(submission, value);
    if (!text) {
      given.misfit =
          rule.type == ValueType::list ? "must be a list of plain values" : "must be a single value";
    } else if (!trim(*text).empty()) {
      given.value = *text;
      if (rule.type == ValueType::list) given.values.push_back(*text);
    }
  }

  std::string channel_;
  Settings settings_;
  Gate gate_;
  std::optional<sdk::SignatureVerifier> verifier_;
};

}  // namespace

namespace providers {

/// JSON objects, signed by Standard Webhooks where there is a secret.
extern constexpr ProviderKind json{"json", Sender::machine, FieldsNeed::required,
                                   [](ProviderParts parts) -> std::unique_ptr<FormProvider> {
                                     return std::make_unique<JsonProvider>(std::move(parts));
                                   },
                                   [](std::string_view secret) {
                                     return sdk::SignatureVerifier::secret_problem(
                                         sdk::standard_webhooks_scheme(), secret);
                                   }};

}  // namespace providers

}  // namespace leadhub::webform
