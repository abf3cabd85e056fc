#include <leadhub/sdk/testing/channel_driver.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "provider_requests.hpp"
#include "tests/capturing_channel.hpp"

/// reading_bench ROOT PLUGINS [PROVIDER...]: how long a plugin takes over one request, authenticate and read
/// together, through the C tables, for every fixture that is taken; printed is the slowest of each provider.
/// Bodies are made 2 KB long where the format has room.
namespace leadhub::bench {
namespace {

using webform::testing::noon_ms;
using webform::testing::request_of;
using webform::testing::service_answer;
using webform::testing::take_secrets;

constexpr std::size_t body_bytes = 2'048;
constexpr int warm_up = 200;
constexpr int repetitions = 3'000;

struct Figure {
  std::string fixture;
  std::size_t bytes = 0, events = 0;
  // Microseconds: the check of who sends it, the reading of it, and both.
  double authenticate = 0, read = 0, p50 = 0, p99 = 0;
};

/// A channel for one fixture.
class Subject {
 public:
  Subject(const leadhub_plugin_entry& plugin, const Json& fixture, std::size_t bytes)
      : request_(request_of(fixture["request"])), driver_(plugin, host_, name_of(request_.path)) {
    Json config = fixture["config"];
    if (may_change(config["provider"])) {
      pad(request_, bytes);
      sign(request_, config, noon_ms);
    }
    host_.set_now_ms(noon_ms);
    driver_.activate(take_secrets(config, host_));
    if (!fixture.contains("follow_up")) return;
    host_.set_service([fixture](const sdk::testing::SentRequest& sent) {
      return service_answer(fixture["follow_up"]["service"], sent.url);
    });
    // What is fetched once, as Amazon's certificate, is fetched now.
    if (driver_.wants_follow_up(request_))
      static_cast<void>(driver_.follow_up(request_, "warm-up", noon_ms + 60'000));
  }

  [[nodiscard]] Figure measure() {
    std::vector<double> authenticating, reading_it, took;
    const auto micros = [](auto from, auto to) {
      return std::chrono::duration<double, std::micro>(to - from).count();
    };
    Figure figure;
    std::int64_t now_ms = noon_ms;
    std::int64_t refused = 0;
    for (int i = 0; i < warm_up + repetitions; ++i) {
      const auto began = std::chrono::steady_clock::now();
      const auto decided = driver_.authenticate(request_, now_ms);
      const auto decided_at = std::chrono::steady_clock::now();
      const auto reading = driver_.read(request_);
      const auto ended = std::chrono::steady_clock::now();
      refused = decided.verdict == LEADHUB_VERDICT_ACCEPT ? 0 : refused + 1;
      if (refused > 1) throw std::runtime_error("refused: " + decided.reason);
      now_ms += refused * 60'000;  // so that a limit of requests in a minute is no obstacle
      if (refused > 0 || i < warm_up) continue;
      authenticating.push_back(micros(began, decided_at));
      reading_it.push_back(micros(decided_at, ended));
      took.push_back(micros(began, ended));
      figure.events = reading.events.size();
    }
    for (auto* const times : {&authenticating, &reading_it, &took}) std::ranges::sort(*times);
    figure.authenticate = authenticating[authenticating.size() / 2];
    figure.read = reading_it[reading_it.size() / 2];
    figure.p50 = took[took.size() / 2];
    figure.p99 = took[took.size() * 99 / 100];
    figure.bytes = request_.body.size();
    return figure;
  }

 private:
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  sdk::testing::FakeHost host_;
  Request request_;
  sdk::testing::ChannelDriver driver_;
};

/// The fixture with a long body where it is taken so, else as it stands.
Figure figure_of(const leadhub_plugin_entry& plugin, const Json& fixture) {
  Figure figure;
  try {
    figure = Subject(plugin, fixture, body_bytes).measure();
  } catch (const std::exception&) {
    figure = Subject(plugin, fixture, 0).measure();
  }
  figure.fixture = fixture["file"];
  return figure;
}

bool measure_plugin(const std::string& name, const std::string& root, const std::string& plugins,
                    const std::vector<std::string>& wanted) {
  const auto& plugin = sdk::testing::load_plugin(std::string(plugins).append("/").append(name).append(".so"));
  std::map<std::string, Figure> slowest;
  for (const Json& fixture : accepted_fixtures(std::string(root).append("/plugins/").append(name))) {
    const std::string provider = fixture["config"]["provider"];
    if (!wanted.empty() && std::ranges::find(wanted, provider) == wanted.end()) continue;
    try {
      const Figure figure = figure_of(plugin, fixture);
      if (figure.p50 >= slowest[provider].p50) slowest[provider] = figure;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", fixture["file"].get<std::string>().c_str(), error.what());
      return false;
    }
  }
  for (const auto& [provider, figure] : slowest)
    std::printf("| %-14s | %-28s | %5zu | %6zu | %12.1f | %6.1f | %6.1f | %6.1f |\n", provider.c_str(),
                figure.fixture.c_str(), figure.bytes, figure.events, figure.authenticate, figure.read,
                figure.p50, figure.p99);
  return true;
}

}  // namespace
}  // namespace leadhub::bench

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: bench_reading ROOT PLUGINS [PROVIDER...]\n");
    return 2;
  }
  std::printf(
      "| provider       | fixture                      | bytes | events | authenticate |   read |    p50 |   "
      " p99 |\n");
  std::printf(
      "| ---            | ---                          |  ---: |   ---: |         ---: |   ---: |   ---: |   "
      "---: |\n");
  bool all = true;
  for (const char* const plugin : {"webform", "newsletter", "chat"})
    all = leadhub::bench::measure_plugin(plugin, arguments[1], arguments[2],
                                         {arguments + 3, arguments + count}) &&
          all;
  return all ? 0 : 1;
}
