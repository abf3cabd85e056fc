#include <gmock/gmock.h>

#include "web_form.hpp"

/// How a form says whose it is, so that earlier visits become the person's.
namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::WebForm;
using testing::website;

const std::string visitor = "5f0c6a1de2b94c3f8a7d6e5b4c3a2f10";

TEST(Visitor, IsCarriedByAForm) {
  WebForm form(website());
  const auto outcome = form.send(form.form("your-email=a%40example.com&_leadhub_visitor=" + visitor));
  EXPECT_EQ(outcome.events.at(0)["anonymous_id"], visitor);
}

TEST(Visitor, IsCarriedByJson) {
  WebForm form(Json::parse(R"({"provider":"json","fields":{"mail":{"to":"email"}}})"));
  const auto outcome =
      form.send(form.json(R"({"mail":"a@example.com","_leadhub_visitor":")" + visitor + R"("})"));
  EXPECT_EQ(outcome.events.at(0)["anonymous_id"], visitor);
}

TEST(Visitor, IsAnIdOfTheTrackersOrNobody) {
  WebForm form(website());
  for (const std::string wrong : {"", "1", "ada%40example.com", "5F0C6A1DE2B94C3F8A7D6E5B4C3A2F10",
                                  "5f0c6a1de2b94c3f8a7d6e5b4c3a2f1g", "5f0c6a1de2b94c3f8a7d6e5b4c3a2f100"}) {
    const auto outcome = form.send(form.form("your-email=a%40example.com&_leadhub_visitor=" + wrong));
    EXPECT_FALSE(outcome.events.at(0).contains("anonymous_id")) << wrong;
  }
}

TEST(Visitor, IsNotForgottenWhereTheFormComesBack) {
  WebForm form(website());
  const auto outcome = form.send(form.form("your-email=&_leadhub_visitor=" + visitor));
  EXPECT_EQ(outcome.response.status, 422);
  EXPECT_THAT(outcome.response.body,
              HasSubstr(R"(<input type="hidden" name="_leadhub_visitor" value=")" + visitor + "\">"));
  EXPECT_THAT(form.send(form.get("/f/website")).response.body, Not(HasSubstr("_leadhub_visitor")));
}

TEST(Visitor, IsNoNameOfAForm) {
  Json config = website();
  config["fields"]["_leadhub_visitor"] = {{"to", "attributes.visitor"}};
  const WebForm form(config);
  ASSERT_EQ(form.problems().size(), 1U);
  EXPECT_EQ(form.problems()[0].pointer, "/fields/_leadhub_visitor");
}

}  // namespace
}  // namespace leadhub::webform
