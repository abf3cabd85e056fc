// The published JSON Schema and parse_event must say the same: an integrator validates with the one and is
// judged by the other.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "lead/event.hpp"

namespace leadhub::lead {
namespace {

using nlohmann::json;

class PublishedSchema : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file{LEADHUB_SOURCE_DIR "/sdk/lead-event.schema.json"};
    document_ = json::parse(file);
    // An annotation in draft-07; valijson 1.0 throws where the value it checks is no string.
    document_["properties"]["occurred_at"].erase("format");
    schema_ = std::make_unique<valijson::Schema>();
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{document_}, *schema_);
  }

  static bool schema_takes(const json& event) {
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    const valijson::adapters::NlohmannJsonAdapter adapter{event};
    return validator.validate(*schema_, adapter, nullptr);
  }

  static void expect_agreement(const json& event) {
    const auto text = event.dump();
    const auto parsed = parse_event(text);
    EXPECT_EQ(schema_takes(event), parsed.has_value())
        << text.substr(0, 300) << "\nparse_event: " << (parsed ? "takes it" : parsed.error().message);
  }

  static inline json document_;
  static inline std::unique_ptr<valijson::Schema> schema_;
};

json whole_event() {
  return json::parse(R"({
    "version": 1, "type": "form.submitted", "key": "k", "occurred_at": "2026-01-05T12:00:00Z", "anonymous_id": "v",
    "value": 1.5, "currency": "EUR", "items": [{"id": "1", "name": "n", "quantity": 1, "price": 2.5}],
    "person": {"email": "e", "phone": "p", "name": "n", "first_name": "f", "last_name": "l", "company": "c",
      "job_title": "j", "country": "DE", "city": "c", "language": "de", "timezone": "t", "external_ids": {"a": "b"}},
    "consent": [{"purpose": "p", "channel": "email", "state": "granted", "text": "t", "url": "u", "ip": "i",
      "user_agent": "a"}],
    "attribution": {"utm_source": "s", "referrer": "r", "landing_page": "l"},
    "message": "m", "attributes": {"b": true, "i": 1, "d": 0.5, "s": "s", "l": ["x"]},
    "attachments": [{"field": "f", "name": "n", "content_type": "c", "content": "aGk="}],
    "signal": {"trust": "human", "reason": "r", "message_id": "m", "user_agent": "u", "url": "u",
      "bounce": "soft", "status": "4.2.2"}})");
}

/// A pointer to every value inside the document.
std::vector<json::json_pointer> places(const json& event) {
  std::vector<json::json_pointer> found;
  const auto flat = event.flatten();
  for (const auto& [path, value] : flat.items())
    for (json::json_pointer place{path}; !place.empty(); place = place.parent_pointer())
      if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
  return found;
}

TEST_F(PublishedSchema, IsTakenByTheParserOfSchemas) {
  EXPECT_TRUE(schema_takes(whole_event()));
  EXPECT_FALSE(schema_takes(json::array()));
}

TEST_F(PublishedSchema, AgreesWhereAMemberHasAnotherType) {
  const auto whole = whole_event();
  const std::vector<json> values{
      nullptr, true, 1, 1.5, "text", json::array(), json::object(), json::array({"x"}), json::array({1}), ""};
  int documents = 0;
  for (const auto& place : places(whole))
    for (const auto& value : values) {
      if (place.back() == "occurred_at" && value.is_string())
        continue;                                                    // formats are no assertion in draft-07
      if (place.back() == "content" && value.is_string()) continue;  // neither is contentEncoding
      auto event = whole;
      event[place] = value;
      expect_agreement(event);
      ++documents;
    }
  EXPECT_GT(documents, 400);
}

TEST_F(PublishedSchema, AgreesWhereAMemberIsMissing) {
  const auto whole = whole_event();
  for (const auto& place : places(whole)) {
    auto event = whole;
    auto& parent = event[place.parent_pointer()];
    if (parent.is_array()) continue;
    parent.erase(place.back());
    expect_agreement(event);
  }
}

TEST_F(PublishedSchema, AgreesThatThereAreNoOtherMembers) {
  const auto whole = whole_event();
  expect_agreement(whole);
  auto event = whole;
  event["typo"] = "x";
  expect_agreement(event);
  for (const auto& place : places(whole))
    if (whole[place].is_object()) {
      event = whole;
      event[place]["typo"] = "x";
      expect_agreement(event);
    }
}

TEST_F(PublishedSchema, AgreesOnEveryType) {
  for (const std::string type : {"form.submitted",
                                 "demo.requested",
                                 "account.registered",
                                 "content.downloaded",
                                 "questionnaire.completed",
                                 "page.viewed",
                                 "product.liked",
                                 "cart.updated",
                                 "purchase.completed",
                                 "newsletter.requested",
                                 "newsletter.subscribed",
                                 "newsletter.unsubscribed",
                                 "chat.started",
                                 "chat.message",
                                 "email.delivered",
                                 "email.opened",
                                 "email.clicked",
                                 "email.bounced",
                                 "email.complained",
                                 "email.unsubscribed"}) {
    EXPECT_TRUE(is_event_type(type)) << type;
    expect_agreement({{"type", type}});
  }
  for (const std::string type :
       {"x.acme.seen", "x.a.b.c", "x.a..", "x..b", "x.a.", "x.A.b", "x", "X.a.b", "forms", "x.a-b.c"})
    expect_agreement({{"type", type}});
  for (const std::size_t vendor : {1U, 39U, 40U, 41U})
    for (const std::size_t name : {1U, 79U, 80U, 81U, 120U})
      expect_agreement({{"type", "x." + std::string(vendor, 'v') + "." + std::string(name, 'n')}});
}

TEST_F(PublishedSchema, AgreesOnBounds) {
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'a'); };
  for (const std::size_t more : {0U, 1U}) {
    expect_agreement({{"type", "form.submitted"}, {"key", text(512 + more)}});
    expect_agreement({{"type", "form.submitted"}, {"message", text(65'536 + more)}});
    for (const auto* member : {"email", "name", "timezone"})
      expect_agreement({{"type", "form.submitted"}, {"person", {{member, text(4'096 + more)}}}});
    expect_agreement({{"type", "form.submitted"}, {"attributes", {{text(128 + more), 1}}}});
    json items = json::array(), consents = json::array(), attachments = json::array(),
         attributes = json::object(), list = json::array();
    for (std::size_t i = 0; i < 200 + more; ++i) {
      items.push_back(json::object());
      attributes["a" + std::to_string(i)] = i;
    }
    for (std::size_t i = 0; i < 20 + more; ++i) {
      consents.push_back({{"purpose", "p"}, {"state", "granted"}});
      attachments.push_back({{"name", "n"}, {"content", ""}});
    }
    for (std::size_t i = 0; i < 100 + more; ++i) list.push_back("x");
    expect_agreement({{"type", "form.submitted"}, {"items", items}});
    expect_agreement({{"type", "form.submitted"}, {"consent", consents}});
    expect_agreement({{"type", "form.submitted"}, {"attachments", attachments}});
    expect_agreement({{"type", "form.submitted"}, {"attributes", attributes}});
    expect_agreement({{"type", "form.submitted"}, {"attributes", {{"list", list}}}});
    expect_agreement({{"type", "form.submitted"}, {"person", {{"external_ids", attributes}}}});
  }
}

TEST_F(PublishedSchema, NamesTheSameAttribution) {
  std::vector<std::string> names;
  for (const auto& [name, rule] : document_["properties"]["attribution"]["properties"].items())
    names.push_back(name);
  std::vector<std::string> known{attribution_names().begin(), attribution_names().end()};
  std::sort(names.begin(), names.end());
  std::sort(known.begin(), known.end());
  EXPECT_EQ(names, known);
}

}  // namespace
}  // namespace leadhub::lead
