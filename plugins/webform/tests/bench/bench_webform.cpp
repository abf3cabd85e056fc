#include <benchmark/benchmark.h>
#include <leadhub/sdk/channel.hpp>

#include "../web_form.hpp"

/// How long one request takes inside the plugin, through the C tables: authenticate and read together.
namespace leadhub::webform {
namespace {

using testing::Json;
using testing::Request;

/// Counts and forgets what it is given, so that only the plugin is measured.
struct Sink {
  leadhub_capture_sink table{};
  std::size_t bytes = 0;
  Sink() {
    table.size = sizeof table;
    table.context = this;
    table.event = [](const leadhub_capture_sink* self, leadhub_string json) {
      static_cast<Sink*>(self->context)->bytes += json.size;
    };
    table.respond = [](const leadhub_capture_sink* self, const leadhub_http_response* response) {
      static_cast<Sink*>(self->context)->bytes += static_cast<std::size_t>(response->status);
    };
  }
};

class Bench {
 public:
  explicit Bench(Json config) {
    const auto* factory = static_cast<const leadhub_channel_factory*>(
        leadhub_plugin.get_factory(sdk::to_abi(LEADHUB_CHANNEL_FACTORY)));
    error_.size = sizeof error_;
    factory->create(host_.get(), sdk::to_abi("website"), &channel_, &error_);
    const std::string document = testing::take_secrets(std::move(config), host_);
    if (channel_->activate(channel_, sdk::to_abi(document), &error_) != LEADHUB_STATUS_OK) std::abort();
    capture_ = static_cast<const leadhub_capture_http*>(
        channel_->get_extension(channel_, sdk::to_abi(LEADHUB_CAPTURE_HTTP)));
  }
  ~Bench() {
    channel_->deactivate(channel_);
    channel_->destroy(channel_);
  }

  void run(benchmark::State& state, const Request& from) {
    std::vector<leadhub_http_header> headers;
    headers.reserve(from.headers.size());
    for (const auto& [name, value] : from.headers) headers.push_back({sdk::to_abi(name), sdk::to_abi(value)});
    leadhub_http_request request{};
    request.size = sizeof request;
    request.header_count = static_cast<std::uint32_t>(headers.size());
    request.method = sdk::to_abi(from.method);
    request.path = sdk::to_abi(from.path);
    request.query = sdk::to_abi(from.query);
    request.headers = headers.data();
    request.body = sdk::to_abi(from.body);
    request.client_address = sdk::to_abi("192.0.2.1");
    request.public_url = sdk::to_abi("http://localhost:8080");
    Sink sink;
    std::int64_t now_ms = testing::noon_ms;
    for (auto _ : state) {
      now_ms += 60'000;  // so that the rate never refuses
      if (capture_->authenticate(channel_, &request, now_ms, &sink.table, &error_) !=
              LEADHUB_VERDICT_ACCEPT ||
          capture_->read(channel_, &request, &sink.table, &error_) != LEADHUB_STATUS_OK)
        state.SkipWithError("the request was not accepted");
    }
    benchmark::DoNotOptimize(sink.bytes);
  }

  std::string token() {
    std::string script;
    leadhub_capture_sink sink{};
    sink.size = sizeof sink;
    sink.context = &script;
    sink.respond = [](const leadhub_capture_sink* self, const leadhub_http_response* response) {
      static_cast<std::string*>(self->context)->assign(sdk::view(response->body));
    };
    leadhub_http_request request{};
    request.size = sizeof request;
    request.method = sdk::to_abi("GET");
    request.path = sdk::to_abi("/f/website");
    capture_->authenticate(channel_, &request, testing::noon_ms, &sink, &error_);
    return testing::token_in(script);
  }

 private:
  sdk::testing::FakeHost host_;
  leadhub_error error_{};
  leadhub_channel* channel_ = nullptr;
  const leadhub_capture_http* capture_ = nullptr;
};

constexpr const char* typical =
    "your-email=Ada.Lovelace%40Example.com&your-name=Ada+Lovelace&tel=%2B44+20+7946+0958&company=Analytical+"
    "Engines"
    "&size=250&about=Please+call+me+about+the+new+engine%2C+any+morning+will+do.&accept=on&website_url="
    "&utm_source=google&utm_campaign=spring";

Request form(std::string body) {
  Request request;
  request.path = "/in/website";
  request.headers = {{"host", "localhost:8080"},
                     {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"},
                     {"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
                     {"content-type", "application/x-www-form-urlencoded"},
                     {"origin", "https://www.example.com"},
                     {"referer", "https://www.example.com/contact"}};
  request.body = std::move(body);
  return request;
}

void urlencoded(benchmark::State& state) {
  Bench(testing::website()).run(state, form(typical));
}
BENCHMARK(urlencoded);

void urlencoded_with_token(benchmark::State& state) {
  Bench bench(testing::website());
  bench.run(state, form(std::string(typical) + "&_leadhub_token=" + bench.token()));
}
BENCHMARK(urlencoded_with_token);

void json_without_signature(benchmark::State& state) {
  Request request =
      form(R"({"email":"alan@example.co.uk","phone":"020 7946 0958","plan":"pro","company":"Bletchley"})");
  request.headers[3].second = "application/json";
  Bench(Json::parse(R"({"provider":"json","event":"demo.requested","origins":["https://www.example.com"],
    "fields":{"email":{"to":"email"},"phone":{"to":"phone"},"plan":{"to":"attributes.plan"}}})"))
      .run(state, request);
}
BENCHMARK(json_without_signature);

/// A request that travels inside the plugin.
void fixture(benchmark::State& state, const char* name) {
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
  table->list(&sink, &error);
  for (const Json& found : fixtures) {
    if (found["name"] != name) continue;
    Request request = form(found["request"]["body"]);
    request.headers.clear();
    for (const auto& [header, value] : found["request"]["headers"].items())
      request.headers.emplace_back(header, value.get<std::string>());
    request.query = found["request"]["query"];
    state.SetLabel(std::to_string(request.body.size()) + " bytes");
    return Bench(found["config"]).run(state, request);
  }
  state.SkipWithError("there is no such fixture");
}
BENCHMARK_CAPTURE(fixture, typeform, "a response of a Typeform");
BENCHMARK_CAPTURE(fixture, jotform, "a submission of a Jotform");
BENCHMARK_CAPTURE(fixture, tracker_of_5_events, "a visit");
BENCHMARK_CAPTURE(fixture, google_ads, "a lead of a Google Ads form");
BENCHMARK_CAPTURE(fixture, segment_of_5_calls, "a batch of Segment");

}  // namespace
}  // namespace leadhub::webform

BENCHMARK_MAIN();
