#include "transfer/mapping.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lead/event.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Mapping mapping(ImportOptions options = {}) {
  auto made = Mapping::make(std::move(options));
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

Mapping mapping_of(const std::vector<std::string>& header, ImportOptions options = {}) {
  auto made = mapping(std::move(options));
  if (const auto set = made.set_header(header); !set) throw std::runtime_error(set.error().message);
  return made;
}

/// Checked as the hub checks it.
ordered_json event_of(const Mapping& mapping, const std::vector<std::string>& cells) {
  const auto document = mapping.document(cells);
  if (!document) throw std::runtime_error(document.error().message);
  if (const auto event = lead::parse_event(*document); !event)
    throw std::runtime_error(event.error().message);
  return ordered_json::parse(*document);
}

std::string error_of(const Result<std::string>& document) {
  return document ? "" : document.error().message;
}

TEST(Mapping, KnowsTheNamesOfTheModelInAnySpelling) {
  const auto columns = mapping_of({"E-Mail", "first name", "LAST_NAME", "Job Title", "TimeZone", "UTM Source",
                                   "attributes.Size", "External IDs.crm", "Occurred At"});
  const auto event = event_of(columns, {"ada@example.com", "Ada", "Lovelace", "Countess", "Europe/London",
                                        "letter", "250", "17", "2026-01-05T12:00:00Z"});
  EXPECT_EQ(event["type"], "x.leadhub.imported");
  EXPECT_EQ(event["occurred_at"], "2026-01-05T12:00:00Z");
  EXPECT_EQ(event["person"], ordered_json::parse(R"({"email": "ada@example.com", "first_name": "Ada",
    "last_name": "Lovelace", "job_title": "Countess", "timezone": "Europe/London",
    "external_ids": {"crm": "17"}})"));
  EXPECT_EQ(event["attribution"]["utm_source"], "letter");
  EXPECT_EQ(event["attributes"]["Size"], "250") << "a text, unless told";
  EXPECT_THAT(columns.left_out(), ElementsAre());
}

TEST(Mapping, MapsByHandAndNamesWhatItLeavesOut) {
  const auto columns = mapping_of({"Mail", "Tel", "Size", "Type", "Notes", "city"},
                                  {{"Mail=email", "Tel=phone", "Size=attributes.size:integer", "city=-"}});
  const auto event =
      event_of(columns, {"ada@example.com", "'+442079460958", "250", "Customer", "x", "London"});
  EXPECT_EQ(event["person"],
            ordered_json::parse(R"({"email": "ada@example.com", "phone": "+442079460958"})"));
  EXPECT_EQ(event["attributes"], ordered_json::parse(R"({"size": 250})"));
  EXPECT_THAT(columns.left_out(), ElementsAre("Type", "Notes"));
}

TEST(Mapping, KeepsOtherColumnsAsAttributesWhenAsked) {
  const auto columns = mapping_of({"email", "Favourite engine"}, {{}, Unmapped::to_attributes});
  EXPECT_EQ(event_of(columns, {"a@example.com", "Difference"})["attributes"]["Favourite engine"],
            "Difference");
  EXPECT_THAT(columns.left_out(), ElementsAre());
}

TEST(Mapping, GivesTheWholeFileItsTypeAndItsConsent) {
  ImportOptions options;
  options.type = "newsletter.subscribed";
  options.consent = lead::ConsentStatement{"marketing_email", "email", lead::ConsentState::granted, "Yes"};
  const auto event = event_of(mapping_of({"email"}, options), {"ada@example.com"});
  EXPECT_EQ(event["type"], "newsletter.subscribed");
  EXPECT_EQ(event["consent"], ordered_json::parse(R"([{"purpose": "marketing_email", "channel": "email",
    "state": "granted", "text": "Yes"}])"));
  EXPECT_FALSE(event_of(mapping_of({"email"}), {"ada@example.com"}).contains("consent"));
  const auto own = mapping_of({"email", "What"}, {{"What=type"}});
  EXPECT_EQ(event_of(own, {"ada@example.com", "demo.requested"})["type"], "demo.requested");
  EXPECT_EQ(event_of(own, {"ada@example.com", ""})["type"], "x.leadhub.imported");
}

TEST(Mapping, GivesEqualRowsOneKeyAndOthersAnother) {
  const auto columns = mapping_of({"email", "name"});
  const auto ada = event_of(columns, {"ada@example.com", "Ada"})["key"];
  EXPECT_THAT(ada.get<std::string>(), StartsWith("row-"));
  EXPECT_EQ(event_of(columns, {"ada@example.com", "Ada"})["key"], ada);
  EXPECT_EQ(event_of(columns,
                     {
                         "ada@example.com",
                         "Ada",
                     }),
            event_of(columns, {"ada@example.com", "Ada"}));
  EXPECT_NE(event_of(columns, {"ada@example.com", "Ada L"})["key"], ada);
  const auto orders = mapping_of({"email", "Order"}, {{"Order=key"}});
  EXPECT_EQ(event_of(orders, {"ada@example.com", "4711"})["key"], "4711");
}

TEST(Mapping, ReadsTypedCells) {
  const auto columns =
      mapping_of({"email", "attributes.n:number", "attributes.b:boolean", "attributes.l:list",
                  "attributes.odd:integer:text", "attributes.i:integer"});
  EXPECT_EQ(event_of(columns, {"a@example.com", "2.5", "yes", R"(["x","y"])", "7", "'-5"})["attributes"],
            ordered_json::parse(R"({"n": 2.5, "b": true, "l": ["x", "y"], "odd:integer": "7", "i": -5})"));
  EXPECT_FALSE(event_of(columns, {"a@example.com"}).contains("attributes")) << "missing cells are empty";
  for (const auto& [column, cell] : {std::pair{1U, "many"}, std::pair{1U, "inf"}, std::pair{2U, "maybe"},
                                     std::pair{3U, "x"}, std::pair{5U, "1.5"}}) {
    std::vector<std::string> cells(6);
    cells[column] = cell;
    EXPECT_THAT(error_of(columns.document(cells)), HasSubstr("something else than")) << cell;
  }
}

TEST(Mapping, RefusesWhatCannotBeMeant) {
  const auto error = [](const std::vector<std::string>& maps, const std::vector<std::string>& header) {
    auto made = Mapping::make({maps});
    if (!made) return made.error().message;
    const auto set = made->set_header(header);
    return set ? std::string{} : set.error().message;
  };
  EXPECT_THAT(error({"Mail"}, {}), HasSubstr("COLUMN=TARGET"));
  EXPECT_THAT(error({"Mail=emial"}, {}), AllOf(HasSubstr("emial"), HasSubstr("targets are")));
  EXPECT_THAT(error({"Mail=email", "Mail=phone"}, {}), HasSubstr("twice"));
  EXPECT_THAT(error({"Mail=email"}, {"mail"}), HasSubstr("\"Mail\", which the header does not have"));
  EXPECT_THAT(error({}, {"email", "E-Mail"}), HasSubstr("both go to email"));
  EXPECT_THAT(error({}, {"name", "city"}), HasSubstr("--map \"name=email\""));
}

TEST(Mapping, RefusesARowThatIsNoText) {
  const auto columns = mapping_of({"email", "name"});
  EXPECT_THAT(error_of(columns.document({"ada@example.com", "Ad\xE9"})), HasSubstr("save the file as UTF-8"));
  EXPECT_THAT(error_of(columns.document({"a", "b", "c"})), HasSubstr("3 cells, and the header 2"));
  const auto nul = columns.document({"ada@example.com", std::string{"A\0da", 4}});
  ASSERT_TRUE(nul.has_value());
  const auto checked = lead::parse_event(*nul);
  ASSERT_FALSE(checked.has_value()) << "the hub refuses it";
  EXPECT_THAT(checked.error().message, HasSubstr("NUL"));
}

TEST(Mapping, TakesFlatJsonObjects) {
  auto columns = mapping({{"Mail=email"}});
  const auto document = columns.object_document(ordered_json::parse(
      R"({"Mail": "ada@example.com", "phone": 442079460958, "city": null, "odd": 1,
          "attributes": {"size": 250, "fit": 0.5, "vip": true, "likes": ["x"], "note": "n"},
          "external_ids": {"crm": "17"}})"));
  ASSERT_TRUE(document.has_value()) << document.error().message;
  ASSERT_TRUE(lead::parse_event(*document).has_value());
  const auto event = ordered_json::parse(*document);
  EXPECT_EQ(event["person"], ordered_json::parse(R"({"email": "ada@example.com", "phone": "442079460958",
    "external_ids": {"crm": "17"}})"));
  EXPECT_EQ(event["attributes"],
            ordered_json::parse(R"({"size": 250, "fit": 0.5, "vip": true, "likes": ["x"], "note": "n"})"));
  EXPECT_THAT(columns.left_out(), ElementsAre("odd"));
  EXPECT_THAT(error_of(columns.object_document(ordered_json::parse(R"({"email": {"a": 1}})"))),
              HasSubstr("\"email\""));
}

}  // namespace
}  // namespace leadhub::transfer
