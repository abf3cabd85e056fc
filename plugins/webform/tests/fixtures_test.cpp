#include <gtest/gtest.h>
#include <leadhub/sdk/channel.hpp>

#include <set>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using testing::Json;
using testing::Outcome;
using testing::Request;
using testing::WebForm;

std::vector<Json> exported_fixtures() {
  const auto* table =
      static_cast<const leadhub_fixtures*>(leadhub_plugin.get_factory(sdk::to_abi(LEADHUB_FIXTURES)));
  std::vector<Json> fixtures;
  leadhub_fixture_sink sink{};
  sink.size = sizeof sink;
  sink.context = &fixtures;
  sink.fixture = [](const leadhub_fixture_sink* self, leadhub_string json) {
    static_cast<std::vector<Json>*>(self->context)->push_back(Json::parse(sdk::view(json)));
  };
  leadhub_error error{};
  error.size = sizeof error;
  EXPECT_EQ(table->list(&sink, &error), LEADHUB_STATUS_OK);
  return fixtures;
}

Request request_of(const Json& json) {
  Request request;
  request.method = json["method"];
  request.path = json["path"];
  request.query = json["query"];
  for (const auto& [name, value] : json["headers"].items())
    request.headers.emplace_back(name, value.get<std::string>());
  request.body = json["body"];
  return request;
}

TEST(Fixtures, AreWhatThePluginDoes) {
  const std::vector<Json> fixtures = exported_fixtures();
  ASSERT_GE(fixtures.size(), 11u);
  const std::vector<std::string> verdicts{"", "accept", "answer", "refuse", "hold"};
  for (const Json& fixture : fixtures) {
    SCOPED_TRACE(fixture["name"].get<std::string>());
    EXPECT_EQ(fixture["now"], "2026-01-05T12:00:00Z") << "the time these tests send at";
    const Request request = request_of(fixture["request"]);
    const std::size_t name_at = request.path.rfind('/') + 1;
    WebForm form(fixture["config"], request.path.substr(name_at));
    const Outcome outcome = form.send(request);
    EXPECT_EQ(verdicts.at(static_cast<std::size_t>(outcome.verdict)), fixture["verdict"]);
    EXPECT_EQ(outcome.response.status, fixture["status"]);
    // As documents, whatever the order of their members.
    EXPECT_EQ(nlohmann::json::parse(Json(outcome.events).dump()),
              nlohmann::json::parse(fixture["events"].dump()));
  }
}

}  // namespace
}  // namespace leadhub::webform
