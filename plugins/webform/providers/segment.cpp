#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Names of the e-commerce and B2B SaaS vocabularies of Segment that the hub has a type for.
constexpr std::pair<std::string_view, std::string_view> known_events[] = {
    {"Order Completed", "purchase.completed"}, {"Product Added", "cart.updated"},
    {"Product Removed", "cart.updated"},       {"Cart Viewed", "cart.updated"},
    {"Checkout Started", "cart.updated"},      {"Product Added to Wishlist", "product.liked"},
    {"Signed Up", "account.registered"},       {"Account Created", "account.registered"},
    {"Demo Requested", "demo.requested"}};

/// Source: Segment's HTTP Tracking API and Spec. One call, {"type": "identify|track|page|screen|group|alias",
/// "messageId", "userId", "anonymousId", "traits", "event", "properties", "context", "timestamp"}, or
/// {"batch": [...]} of them. The write key is the user of basic authentication. 200 {"success": true}.
class Segment final : public ToolProvider {
 public:
  explicit Segment(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_at(sdk::TokenPlace::basic_user(), parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_json(request.body());
    sdk::Reading reading{{}, json_answer(R"({"success":true})")};
    const json* const batch = member(body, "batch");
    if (batch == nullptr) {
      reading.events.push_back(event_of_call(body, body, request));
      return reading;
    }
    if (!batch->is_array()) throw sdk::ChannelError("\"batch\" is no list of calls");
    if (batch->size() > limits::events_max)
      throw sdk::ChannelError("the batch has more than " + std::to_string(limits::events_max) +
                              " calls; let the sender make smaller ones");
    for (const json& call : *batch) reading.events.push_back(event_of_call(call, body, request));
    return reading;
  }

  /// `around`: the batch, whose context counts where the call has none.
  std::string event_of_call(const json& call, const json& around, const sdk::HttpRequest& request) const {
    if (!call.is_object()) throw sdk::ChannelError("a call is no JSON object");
    ToolSubmission submission;
    submission.key = text_at(call, "messageId");
    for (const char* const name : {"timestamp", "originalTimestamp", "sentAt"})
      if (submission.occurred_at.empty()) submission.occurred_at = time_at(call, name);
    const std::string type = type_of(call);
    submission.type = event_type(type, text_at(call, "event"));
    submission.event.anonymous_id = text_at(call, "anonymousId");
    if (const std::string user = text_at(call, "userId"); !user.empty())
      submission.event.person.external_ids["user_id"] = user;
    const json* context = member(call, "context");
    if (context == nullptr) context = member(around, "context");
    if (const json* const traits = member(call, "traits")) read_traits(*traits, type, submission);
    if (context != nullptr) read_context(*context, submission);
    if (const json* const properties = member(call, "properties")) read_properties(*properties, submission);
    for (const char* const name : {"event", "name", "category", "groupId", "previousId"})
      add_attribute(submission, name, text_at(call, name));
    return event_of(settings_, std::move(submission), request);
  }

  /// As the path of the API would say it, where the call does not.
  static std::string type_of(const json& call) {
    if (std::string type = text_at(call, "type"); !type.empty()) return type;
    if (member(call, "event") != nullptr) return "track";
    if (member(call, "groupId") != nullptr) return "group";
    if (member(call, "previousId") != nullptr) return "alias";
    return member(call, "traits") != nullptr ? "identify" : "page";
  }

  [[nodiscard]] std::string event_type(const std::string& type, const std::string& event) const {
    const std::string& name = type == "track" ? event : type;
    for (const auto& [known, meaning] : settings_.events)
      if (known == name) return meaning;
    if (type == "page" || type == "screen") return "page.viewed";
    if (type == "track")
      for (const auto& [known, meaning] : known_events)
        if (known == name) return std::string(meaning);
    return vendor_event("segment", name);
  }

  /// Of a group they are the company's.
  static void read_traits(const json& traits, const std::string& type, ToolSubmission& submission) {
    if (type == "group") {
      submission.event.person.company = text_at(traits, "name");
      if (traits.is_object())
        for (const auto& [name, value] : traits.items())
          if (name != "name")
            submission.answers.push_back(
                {"company_" + name, {"traits." + name}, AnswerKind::attribute, value_of(value)});
      return;
    }
    if (!traits.is_object()) return;
    for (const auto& [name, value] : traits.items()) {
      if (!value.is_object()) {
        const AnswerKind kind = name == "email"   ? AnswerKind::email
                                : name == "phone" ? AnswerKind::phone
                                                  : AnswerKind::text;
        submission.answers.push_back({name, {"traits." + name}, kind, value_of(value)});
      } else if (name == "company") {
        submission.event.person.company = text_at(value, "name");
      } else if (name == "address") {
        submission.event.person.city = text_at(value, "city");
        submission.event.person.country = text_at(value, "country");
      } else {
        submission.answers.push_back({name, {"traits." + name}, AnswerKind::attribute, value.dump()});
      }
    }
  }

  static void read_context(const json& context, ToolSubmission& submission) {
    if (const json* const traits = member(context, "traits")) read_traits(*traits, "identify", submission);
    if (const json* const page = member(context, "page")) {
      submission.page = text_at(*page, "url");
      submission.event.attribution.referrer = text_at(*page, "referrer");
    }
    if (const json* const campaign = member(context, "campaign")) {
      sdk::Attribution& attribution = submission.event.attribution;
      attribution.utm_source = text_at(*campaign, "source");
      attribution.utm_medium = text_at(*campaign, "medium");
      attribution.utm_campaign = text_at(*campaign, "name");
      attribution.utm_term = text_at(*campaign, "term");
      attribution.utm_content = text_at(*campaign, "content");
    }
    submission.event.person.language = text_at(context, "locale");
    submission.event.person.timezone = text_at(context, "timezone");
    submission.person_ip = text_at(context, "ip");
    submission.person_agent = text_at(context, "userAgent");
  }

  static void read_properties(const json& properties, ToolSubmission& submission) {
    if (!properties.is_object()) return;
    for (const char* const name : {"revenue", "total", "value"})
      if (const json* const money = member(properties, name);
          money != nullptr && money->is_number() && !submission.event.value)
        submission.event.value = money->get<double>();
    if (const std::string currency = text_at(properties, "currency"); is_currency(currency))
      submission.event.currency = currency;
    if (submission.page.empty()) submission.page = text_at(properties, "url");
    for (const auto& [name, value] : properties.items()) {
      if (name == "currency" && !submission.event.currency.empty()) continue;
      if (name == "products" && value.is_array())
        read_products(value, submission);
      else if (name == "email")  // some send it here, and only a person has one
        submission.answers.push_back({name, {"properties.email"}, AnswerKind::email, value_of(value)});
      else
        submission.answers.push_back(
            {name,
             {"properties." + name},
             AnswerKind::attribute,
             value.is_object() ? sdk::AttributeValue(value.dump()) : value_of(value)});
    }
  }

  static bool is_currency(std::string_view text) {
    return text.size() == 3 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
  }

  static void read_products(const json& products, ToolSubmission& submission) {
    for (const json& product : products) {
      if (submission.event.items.size() >= limits::items_max) return;
      sdk::Item item;
      item.id = text_at(product, "product_id");
      if (item.id.empty()) item.id = text_at(product, "sku");
      item.name = text_at(product, "name");
      if (const json* const quantity = member(product, "quantity");
          quantity != nullptr && quantity->is_number())
        item.quantity = quantity->get<double>();
      if (const json* const price = member(product, "price"); price != nullptr && price->is_number())
        item.price = price->get<double>();
      submission.event.items.push_back(std::move(item));
    }
  }

  [[nodiscard]] sdk::HttpResponse refusal_of(int status, std::string message) const override {
    return json_answer(json{{"success", false}, {"message", std::move(message)}}.dump(), status);
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind segment{"segment", Sender::machine, FieldsNeed::optional,
                                      &make_provider<Segment>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
