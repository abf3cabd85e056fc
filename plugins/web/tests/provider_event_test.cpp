#include "provider_event.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "vendor_words.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ProviderEvents, FitTheSchemaWhateverTheProviderSends) {
  sdk::LeadEvent event;
  event.key = std::string(513, 'k');
  event.message = "a\x01\r\nb" + std::string(100'000, 'c');
  event.person.name = "Ada\nLovelace";
  event.person.external_ids["acme"] = std::string(5000, '7');
  event.attribution.referrer = "https://example.com/\x7F";
  event.signal.user_agent = std::string(5000, 'u');
  event.consent.push_back({});
  event.consent[0].text = "I agree\r\nto mails";
  event.consent[0].ip = "127.0.0.1\n";
  fit(event);
  EXPECT_THAT(event.key, SizeIs(32));
  EXPECT_THAT(event.message, SizeIs(65'536 - 2));  // what was cut had two characters more to drop
  EXPECT_THAT(event.message, HasSubstr("a\nb"));
  EXPECT_EQ(event.person.name, "Ada Lovelace");
  EXPECT_THAT(event.person.external_ids["acme"], SizeIs(4096));
  EXPECT_EQ(event.attribution.referrer, "https://example.com/");
  EXPECT_THAT(event.signal.user_agent, SizeIs(4096));
  EXPECT_EQ(event.consent[0].text, "I agree\nto mails");
  EXPECT_EQ(event.consent[0].ip, "127.0.0.1");
}

TEST(ProviderEvents, KeepAKeyThatFitsAndTellTwoLongOnesApart) {
  sdk::LeadEvent event, one, other;
  event.key = std::string(512, 'k');
  one.key = event.key + "1";
  other.key = event.key + "2";
  for (sdk::LeadEvent* const each : {&event, &one, &other}) fit(*each);
  EXPECT_EQ(event.key, std::string(512, 'k'));
  EXPECT_NE(one.key, other.key);
}

TEST(ProviderEvents, AreFinishedOnceTheyFit) {
  Events events([](sdk::LeadEvent& event) { event.attributes["words"] = event.message; });
  sdk::LeadEvent event;
  event.type = "chat.message";
  event.message = "  Hello ";
  events.add(event);
  EXPECT_EQ(events.take().at(0),
            R"({"type":"chat.message","message":"Hello","attributes":{"words":"Hello"}})");
}

TEST(ProviderEvents, AreBounded) {
  Events events;
  sdk::LeadEvent event;
  event.type = "page.viewed";
  for (std::size_t i = 0; i < limits::events_max; ++i) events.add(event);
  EXPECT_THROW(events.add(event), sdk::ChannelError);
  EXPECT_THAT(events.take(), SizeIs(limits::events_max));
}

TEST(PointInTime, IsAlsoANumberWithAFraction) {
  EXPECT_EQ(point_in_time("1767614400.250700"), "2026-01-05T12:00:00.250Z");
  EXPECT_EQ(point_in_time("1767614400250.7"), "2026-01-05T12:00:00.250Z");
  EXPECT_EQ(point_in_time("253402300799"), "1978-01-11T21:31:40.799Z");
  EXPECT_EQ(point_in_time("253402300799999"), "9999-12-31T23:59:59.999Z");
  for (const char* none :
       {"253402300800000", "1e300", "-1", "0", "nan", "inf", "1767614400.1.2", "1767614400 x"})
    EXPECT_EQ(point_in_time(none), "") << none;
  EXPECT_EQ(time_at(json::parse(R"({"event":{"ts":"1767614400.000100"}})"), "event.ts"),
            "2026-01-05T12:00:00Z");
}

}  // namespace
}  // namespace leadhub::webform
