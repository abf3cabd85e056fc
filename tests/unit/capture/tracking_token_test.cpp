#include "capture/tracking_token.hpp"

#include <gmock/gmock.h>

#include <string>

#include "ops/limits.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

constexpr auto message = "0195d3b0-1f00-7000-8000-000000000001";
constexpr auto url = "https://www.example.com/demo?lead=7&from=mail#top";

struct TrackingToken : testing::Test {
  test::TemporaryFolder folder;
  ops::KeyRing keys = ops::KeyRing::open(folder / "keys").value();
  std::string token = click_token({message, url}, keys, "main");
};

TEST_F(TrackingToken, OpensWhatWasSigned) {
  const auto read = read_click_token(token, keys, "main");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->message_id, message);
  EXPECT_EQ(read->url, url);
  EXPECT_EQ(read_open_token(open_token(message, keys, "main"), keys, "main"), message);
}

TEST_F(TrackingToken, IsOfCharactersThatMailProgramsLeaveAlone) {
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"),
            token.npos);
}

TEST_F(TrackingToken, TakesTheLongestUrlThatIsTracked) {
  auto longest = std::string{"https://www.example.com/"};
  longest.resize(limits::tracked_url_bytes_max, 'x');
  ASSERT_TRUE(can_be_tracked(longest));
  const auto read = read_click_token(click_token({message, longest}, keys, "main"), keys, "main");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->url, longest);
  EXPECT_FALSE(can_be_tracked(longest + "x"));
}

TEST_F(TrackingToken, OpensNothingThatIsCut) {
  for (std::size_t length = 0; length < token.size(); ++length)
    EXPECT_FALSE(read_click_token(token.substr(0, length), keys, "main")) << length;
}

TEST_F(TrackingToken, OpensNothingThatIsChanged) {
  for (std::size_t at = 0; at < token.size(); ++at) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_click_token(changed, keys, "main")) << at;
  }
  EXPECT_FALSE(read_click_token(token + "A", keys, "main"));
  EXPECT_FALSE(read_click_token(std::string(64 * limits::kibibyte, 'A'), keys, "main"));
}

TEST_F(TrackingToken, OpensNothingOfAnotherKindWorkspaceOrHub) {
  const test::TemporaryFolder elsewhere;
  EXPECT_FALSE(read_click_token(token, keys, "other"));
  EXPECT_FALSE(read_click_token(token, ops::KeyRing::open(elsewhere / "keys").value(), "main"));
  EXPECT_FALSE(read_click_token(open_token(message, keys, "main"), keys, "main"));
  EXPECT_FALSE(read_open_token(token, keys, "main"));
  EXPECT_FALSE(read_open_token(keys.sign_link("preferences/main", message), keys, "main"));
}

TEST_F(TrackingToken, LeadsToWebPagesAlone) {
  for (const std::string other :
       {"javascript:alert(1)", "data:text/html,x", "mailto:ada@example.com", "tel:+442079460000",
        "//www.example.com", "/relative", "ftp://example.com", "https:", "https://", "https:///path",
        "http:/one-slash", "https://example.com/a b", "https://example.com/\r\nSet-Cookie: a=b",
        "https://example.com/\"quoted", "https://example.com/\xC3\xA4", ""})
    EXPECT_FALSE(can_be_tracked(other)) << other;
  for (const std::string page : {"http://localhost:8080/", "HTTPS://EXAMPLE.COM", "https://[::1]/x?y#z"})
    EXPECT_TRUE(can_be_tracked(page)) << page;
}

TEST_F(TrackingToken, LeadsToNoOtherPlaceThoughItWereSigned) {
  EXPECT_FALSE(read_click_token(click_token({message, "javascript:alert(1)"}, keys, "main"), keys, "main"));
}

}  // namespace
}  // namespace leadhub::capture
