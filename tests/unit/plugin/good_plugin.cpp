// A small plugin that does everything right, for the tests of the host.
#include <leadhub/sdk/channel.hpp>
#include <string>

namespace {

using namespace leadhub::sdk;

class GoodChannel : public Channel {
 public:
  GoodChannel(Host host, std::string name) : host_(host), name_(std::move(name)) {}

  void check(std::string_view config, const Diagnostics& diagnostics) override {
    if (config.find("\"forbidden\"") != std::string_view::npos)
      diagnostics.report("/greeting",
                         "must not be forbidden; say hello, not " + host_.secret("/token").value_or(""));
    if (config.find("\"two faults\"") != std::string_view::npos) {
      diagnostics.report("/greeting", "is one fault");
      diagnostics.report("no pointer", "is another");
    }
  }

  void activate(std::string_view config) override {
    config_ = config;
    if (config.find("\"never\"") != std::string_view::npos)
      throw ChannelError("the greeting is never said; choose another", LEADHUB_ERROR_UNAVAILABLE);
    host_.log(LogLevel::info, name_ + " is active with " + host_.secret("/token").value_or("no token"));
  }

  void deactivate() override { host_.count("deactivated"); }

  Verdict authenticate(const HttpRequest& request, std::int64_t now_ms) override {
    host_.count("authenticated");
    if (request.path() == "/config")
      return Verdict::answer({200, {{"X-Now", std::to_string(now_ms)}}, config_});
    if (request.path() == "/key")
      return Verdict::answer({200, {}, host_.secret("channel.signing_key").value_or("")});
    if (request.path() == "/refuse") return Verdict::refuse({401, {}, "no"}, "the token is wrong");
    if (request.path() == "/hold")
      return Verdict::hold("looks like " + host_.secret("/token").value_or("nothing"));
    if (request.path() == "/fail") throw ChannelError("cannot tell", LEADHUB_ERROR_UNAVAILABLE);
    return Verdict::accept();
  }

  Reading read(const HttpRequest& request) const override {
    if (request.body() == "nonsense") throw ChannelError("the body is nonsense; send something else");
    Reading reading;
    reading.response = {303, {{"Location", std::string{request.public_url()} + "/thanks"}}, ""};
    if (!request.body().empty())
      reading.events.push_back(R"({"type":"form.submitted","message":")" + std::string{request.body()} +
                               R"(","attributes":{"content_type":")" +
                               std::string{request.header("content-type")} + R"("}})");
    return reading;
  }

 private:
  Host host_;
  std::string name_;
  std::string config_;
};

constexpr leadhub_fixtures fixtures{
    sizeof fixtures, 0, [](const leadhub_fixture_sink* sink, leadhub_error*) -> leadhub_status {
      sink->fixture(sink,
                    to_abi(R"({"name":"a greeting","config":{},"events":[{"type":"form.submitted"}]})"));
      return LEADHUB_STATUS_OK;
    }};

}  // namespace

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(GoodChannel, &fixtures);
