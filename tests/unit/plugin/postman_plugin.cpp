// A small transport through the wrapper: puts the last document into a file, and fails as the subject says.
#include <fstream>
#include <leadhub/sdk/transport.hpp>
#include <string>
#include <utility>

namespace {

using namespace leadhub::sdk;

class Postman : public ConfiguredChannel, public Transport {
 public:
  Postman(Host host, std::string name) : host_(host), name_(std::move(name)) {}

  void check(std::string_view, const Diagnostics&) override {}

  void activate(std::string_view config) override {
    constexpr std::string_view key = "\"mailbag\":\"";
    const auto start = config.find(key) + key.size();
    mailbag_ = config.substr(start, config.find('"', start) - start);
  }

  bool delivers() const override { return name_ != "listener"; }

  Outcome deliver(const Delivery& delivery, std::int64_t deadline_ms) override {
    const auto wants = [&](std::string_view word) {
      return delivery.document().find(word) != std::string_view::npos;
    };
    if (wants("rejected")) return Outcome::rejected("no such mailbox");
    if (wants("nobody here")) return Outcome::gone("gone: this address takes nothing any more");
    if (wants("later")) return Outcome::later("busy", RetryClass::rate_limited, 90'000);
    if (wants("password"))
      return Outcome::later("cannot log in with " + *host_.secret("/password"), RetryClass::auth);
    if (wants("unknown")) return Outcome::unknown("cut off behind the final dot");
    if (wants("no time")) return Outcome::untried();
    if (wants("refusing exception"))
      throw ChannelError("not connected", LEADHUB_ERROR_UNAVAILABLE, RetryClass::transient);
    if (wants("unforeseen exception")) throw std::runtime_error("vector::at");
    if (wants("an int")) throw 7;
    std::ofstream{mailbag_} << delivery.idempotency_key() << '\n'
                            << deadline_ms - host_.now_ms() << '\n'
                            << delivery.payload().size() << '\n'
                            << delivery.document();
    return Outcome::done("postman-1");
  }

 private:
  Host host_;
  std::string name_;
  std::string mailbag_;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(Postman);
