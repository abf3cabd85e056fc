// A small poller through the wrapper: does what its cursor says.
#include <leadhub/sdk/poll.hpp>
#include <string>

namespace {

using namespace leadhub::sdk;

class Fetcher : public ConfiguredChannel, public Poller {
 public:
  Fetcher(Host host, const std::string&) : host_(host) {}

  void check(std::string_view, const Diagnostics&) override {}
  void activate(std::string_view) override {}

  PollResult poll(std::string_view cursor, std::int64_t deadline_ms) override {
    const std::string event = R"({"type":"form.submitted"})";
    if (cursor.empty()) return {{event, event}, "behind " + std::to_string(deadline_ms - host_.now_ms()), 0};
    if (cursor == "nothing") return {};
    if (cursor == "later") return {{}, std::string{"soon"}, 90'000};
    if (cursor == "much later") return {{}, std::string{"soon"}, INT64_MAX};
    if (cursor == "many events") return {std::vector<std::string>(1001, event), std::string{"x"}, -1};
    if (cursor == "empty event") return {{""}, std::string{"x"}, -1};
    if (cursor == "bytes") return {{"\xFF"}, std::string{"x"}, -1};
    if (cursor == "long cursor") return {{event}, std::string(4097, 'x'), -1};
    if (cursor == "byte cursor") return {{event}, std::string{"\xFF"}, -1};
    if (cursor == "password")
      throw ChannelError("cannot log in with " + *host_.secret("/password"), LEADHUB_ERROR_DENIED,
                         RetryClass::auth);
    if (cursor == "away") throw ChannelError("away", LEADHUB_ERROR_UNAVAILABLE, RetryClass::transient);
    throw std::runtime_error("vector::at");
  }

 private:
  Host host_;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(Fetcher);
