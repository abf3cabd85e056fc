#include "normalise/attribution.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace leadhub::normalise {
namespace {

using lead::NamedText;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(AttributionOf, ReadsTheLandingPagesOfTheSample) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/tests/data/utm_cases.json"};
  const auto sample = nlohmann::json::parse(file);
  const auto& names = lead::attribution_names();
  ASSERT_EQ(sample["cases"].size(), 8U);
  for (const auto& page : sample["cases"]) {
    std::map<std::string, std::string> expected;
    for (const auto* list : {"utm_first_wins", "click_ids"})
      for (const auto& [name, value] : page[list].items())
        if (std::find(names.begin(), names.end(), name) != names.end()) expected[name] = value;
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : attribution_of(page["url"].get<std::string>())) found[name] = value;
    EXPECT_EQ(found, expected) << page["url"];
  }
}

TEST(AttributionOf, DecodesAsFormsDo) {
  EXPECT_THAT(
      attribution_of("https://e.com/?UTM_Source=a%20b+c&utm%5Fmedium=%C3%A9&utm_term=100%&utm_content=%zz"),
      ElementsAre(NamedText{"utm_source", "a b c"}, NamedText{"utm_medium", "\u00e9"},
                  NamedText{"utm_term", "100%"}, NamedText{"utm_content", "%zz"}));
}

TEST(AttributionOf, TakesTheFirstValueAndNoEmptyOneNorAMacro) {
  EXPECT_THAT(
      attribution_of("?utm_source=&utm_source=a&utm_source=b&utm_campaign={campaignid}&utm_term=__TERM__"
                     "&gclid=%7Bgclid%7D&fbclid=+&utm_medium&=x&&referrer=evil&landing_page=evil"),
      ElementsAre(NamedText{"utm_source", "a"}));
}

TEST(AttributionOf, LeavesTheFragmentAlone) {
  EXPECT_THAT(attribution_of("https://e.com/?utm_source=a#?utm_medium=b"),
              ElementsAre(NamedText{"utm_source", "a"}));
  EXPECT_THAT(attribution_of("https://e.com/"), IsEmpty());
  EXPECT_THAT(attribution_of(""), IsEmpty());
  EXPECT_THAT(attribution_of("https://e.com/?"), IsEmpty());
}

TEST(AttributionOf, MakesBrokenBytesHarmless) {
  EXPECT_THAT(attribution_of("?utm_source=%FFx%00%0D%0Ay"),
              ElementsAre(NamedText{"utm_source", "\ufffdx y"}));
}

TEST(CompleteAttribution, PrefersWhatTheChannelGave) {
  lead::LeadEvent event;
  event.attribution = {{"utm_source", " given "},
                       {"utm_medium", "  "},
                       {"utm_term", "{keyword}"},
                       {"landing_page", "https://e.com/?utm_source=page&utm_medium=cpc&utm_term=shoes"}};
  complete_attribution(event);
  EXPECT_THAT(
      event.attribution,
      ElementsAre(NamedText{"utm_source", "given"},
                  NamedText{"landing_page", "https://e.com/?utm_source=page&utm_medium=cpc&utm_term=shoes"},
                  NamedText{"utm_medium", "cpc"}, NamedText{"utm_term", "shoes"}));
}

}  // namespace
}  // namespace leadhub::normalise
