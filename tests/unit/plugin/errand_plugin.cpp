// A plugin whose requests say what it shall do after the answer, for the tests of the host.
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/follow_up.hpp>
#include <leadhub/sdk/outbound.hpp>
#include <string>

namespace {

using namespace leadhub::sdk;

std::string event(std::string_view message) {
  return R"({"type":"form.submitted","message":")" + std::string{message} + R"("})";
}

class ErrandChannel : public Channel, public FollowUp {
 public:
  ErrandChannel(Host host, const std::string& /*name*/) : host_(host), memory_(host) {}

  void check(std::string_view, const Diagnostics&) override {}
  void activate(std::string_view) override {}

  /// Answers with what the host says to blocking calls here.
  Verdict authenticate(const HttpRequest& request, std::int64_t now_ms) override {
    if (request.path() != "/blocking") return Verdict::accept();
    try {
      static_cast<void>(send(host_, {"GET", "https://localhost/", {}, {}}, now_ms + 1'000));
    } catch (const ChannelError& error) {
      return Verdict::answer({200, {}, error.what()});
    }
    return Verdict::answer({200, {}, "sent"});
  }

  Reading read(const HttpRequest&) const override { return {{}, {202, {}, {}}}; }

  bool wants_follow_up(const HttpRequest& request) const override {
    return request.body().substr(0, 3) == "do ";
  }

  std::vector<std::string> follow_up(const HttpRequest& request, std::string_view key,
                                     std::int64_t deadline_ms) override {
    const std::string task{request.body().substr(3)};
    if (task == "tell the key") return {event(key)};
    if (task == "nothing") return {};
    if (task == "remember") return memory_.put("k", "v", host_.now_ms() + 1'000), std::vector<std::string>{};
    if (task == "recall") return {event(memory_.get("k").value_or("nothing"))};
    if (task == "forget") return memory_.erase("k"), std::vector<std::string>{};
    if (task == "overfill") return memory_.put(std::string(513, 'k'), "v", 0), std::vector<std::string>{};
    if (task == "never") throw ChannelError("it will not do", LEADHUB_ERROR_INVALID, RetryClass::permanent);
    if (task == "later") {
      ChannelError error{"not now", LEADHUB_ERROR_UNAVAILABLE, RetryClass::rate_limited};
      error.retry_after_ms = 90'000;
      throw error;
    }
    const auto answer = send(host_, {"POST", task, {{"x-key", std::string{key}}}, "the body"}, deadline_ms);
    expect_success(answer, "The service");
    return {event(std::to_string(answer.status) + " " + answer.body + " " +
                  std::string{header(answer, "x-reply")})};
  }

 private:
  Host host_;
  Memory memory_;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(ErrandChannel);
