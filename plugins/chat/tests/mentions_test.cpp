#include "mentions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leadhub::chat {
namespace {

TEST(MentionedEmail, IsFoundWhereverItStands) {
  for (const std::string text :
       {"ada@example.com", "Write to ada@example.com.", "(ada@example.com)", "<ada@example.com>",
        "mailto:ada@example.com", "'ada@example.com'", "me: ada@example.com, or call", "ada@example.com\nAda",
        "see https://example.com/@x then ada@example.com!", "first@ ada@example.com"})
    EXPECT_EQ(mentioned_email(text), "ada@example.com") << text;
  EXPECT_EQ(mentioned_email("Ada.L+chat@mail.example.co.uk?"), "Ada.L+chat@mail.example.co.uk");
  EXPECT_EQ(mentioned_email("ada@example.com or bob@example.com"), "ada@example.com");
}

TEST(MentionedEmail, IsNotFoundWhereThereIsNone) {
  for (const std::string text :
       {"", "@", "@ada", "ada@", "ada@example", "ada@example.c", "ada@.com", "ada@-x.com", ".ada@x.com",
        "a..b@x.com", "ada@x..com", "ada@1.2.3.4", "https://ada@example.com/", "https://a:b@example.com",
        "ada@example.com@x", "\u00E9da@example.com", "ada@ex\xC3\xA9.com", "now @ 5 p.m.", "ada@x-.com"})
    EXPECT_EQ(mentioned_email(text), "") << text;
  EXPECT_EQ(mentioned_email(std::string(65, 'a') + "@example.com"), "");
  EXPECT_EQ(mentioned_email("a@" + std::string(300, 'b') + ".com"), "");
}

TEST(MentionedEmail, IsLookedForInReasonableTime) {
  EXPECT_EQ(mentioned_email(std::string(65'536, '@')), "");
  EXPECT_EQ(mentioned_email(std::string(65'000, 'a') + "@b"), "");
}

TEST(MentionedPhone, IsFoundAsPeopleWriteIt) {
  for (const std::string text :
       {"+442079460958", "Call +44 20 7946 0958.", "+44 (0)20 7946 0958", "+44(0)20-7946-0958",
        "0044 20 7946 0958", "tel:+44.20.7946.0958", "(+44 20 7946 0958)", "Phone:+44 20/7946 0958, evenings",
        "+44 (20) 7946 0958 - Ada", "+44 20 7946 0958\n2 engines", "+44 20 7946 0958. 2 engines please"})
    EXPECT_EQ(mentioned_phone(text), "+442079460958") << text;
  EXPECT_EQ(mentioned_phone("1 + 1 = 2, and +1 202 555 0143"), "+12025550143");
}

TEST(MentionedPhone, IsNotFoundWhereThereIsNone) {
  for (const std::string text :
       {"", "+", "00", "+44", "020 7946 0958", "+1234567", "+1234567890123456", "+0442079460958",
        "0000000000000", "1+442079460958", "a+442079460958", "++442079460958", "10:00 2079460958",
        "1.00 442079460958", "C++17 2026-01-05 12:00", "ada+442079460958@example.com",
        "+442079460958@example.com", "+442079460958x", "order 1004420794609"})
    EXPECT_EQ(mentioned_phone(text), "") << text;
}

}  // namespace
}  // namespace leadhub::chat
