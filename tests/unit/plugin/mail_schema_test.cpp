// What the host hands to transports and the published schema must say the same, bounds included.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "ops/limits.hpp"
#include "plugin/in_process_transport.hpp"

namespace leadhub::plugin {
namespace {

using nlohmann::json;

json published() {
  std::ifstream file{LEADHUB_SOURCE_DIR "/sdk/mail.schema.json"};
  return json::parse(file);
}

bool schema_takes(const json& document) {
  json schema_document = published();
  schema_document["properties"]["date"].erase("format");  // valijson 1.0 has no date-time
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema_document}, schema);
  valijson::Validator validator{valijson::Validator::kStrongTypes};
  const valijson::adapters::NlohmannJsonAdapter adapter{document};
  return validator.validate(schema, adapter, nullptr);
}

deliver::OutgoingMail whole_mail() {
  return {"1@example.com",
          "ada@example.com",
          "Ada",
          "Subject",
          "Text",
          "<p>Text</p>",
          {{"X-One", "1"}, {"List-Unsubscribe", "<u>"}},
          from_milliseconds(1'767'614'400'123)};
}

TEST(MailSchema, DescribesWhatTransportsGet) {
  auto mail = whole_mail();
  EXPECT_TRUE(schema_takes(json::parse(to_document(mail))));
  mail.to_name.clear();
  mail.html.clear();
  mail.headers.clear();
  EXPECT_TRUE(schema_takes(json::parse(to_document(mail))));
  for (const auto* key : {"type", "version", "message_id", "to", "subject", "text", "date"}) {
    auto less = json::parse(to_document(mail));
    less.erase(key);
    EXPECT_FALSE(schema_takes(less)) << key;
  }
}

TEST(MailSchema, HasTheBoundsOfTheHost) {
  const auto properties = published().at("properties");
  const auto at_most = [&](const char* key) { return properties.at(key).at("maxLength").get<std::size_t>(); };
  EXPECT_EQ(at_most("message_id"), limits::mail_id_bytes_max);
  EXPECT_EQ(at_most("to"), limits::mail_address_bytes_max);
  EXPECT_EQ(at_most("to_name"), limits::mail_name_bytes_max);
  EXPECT_EQ(at_most("subject"), limits::mail_subject_bytes_max);
  EXPECT_EQ(at_most("text"), limits::mail_text_bytes_max);
  EXPECT_EQ(at_most("html"), limits::mail_html_bytes_max);
  const auto& headers = properties.at("headers");
  EXPECT_EQ(headers.at("maxItems").get<std::size_t>(), limits::mail_headers_max);
  const auto& header = headers.at("items").at("properties");
  EXPECT_EQ(header.at("name").at("maxLength").get<std::size_t>(), limits::mail_header_name_bytes_max);
  EXPECT_EQ(header.at("value").at("maxLength").get<std::size_t>(), limits::mail_header_bytes_max);
}

}  // namespace
}  // namespace leadhub::plugin
