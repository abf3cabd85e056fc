// Throws wherever the channel's name, its configuration or the request says so, through the wrapper.
#include <leadhub/sdk/channel.hpp>

namespace {

using namespace leadhub::sdk;

class ThrowingChannel : public Channel {
 public:
  ThrowingChannel(Host, const std::string& name) {
    if (name == "create") throw std::runtime_error("thrown in create");
    if (name == "create an int") throw 7;
  }
  void check(std::string_view config, const Diagnostics&) override {
    if (config.find("in check") != std::string_view::npos) throw std::runtime_error("thrown in check");
  }
  void activate(std::string_view config) override {
    if (config.find("in activate") != std::string_view::npos) throw std::runtime_error("thrown in activate");
    throws_in_deactivate_ = config.find("in deactivate") != std::string_view::npos;
  }
  void deactivate() override {
    if (throws_in_deactivate_) throw std::runtime_error("thrown in deactivate");
  }
  Verdict authenticate(const HttpRequest& request, std::int64_t) override {
    if (request.body() == "authenticate") throw std::runtime_error("thrown in authenticate");
    if (request.body() == "authenticate at length")
      throw std::runtime_error(std::string(511, 'x') + "ü" + std::string(1'000'000, 'y'));
    return Verdict::accept();
  }
  Reading read(const HttpRequest& request) const override {
    if (request.body() == "read") throw std::runtime_error("thrown in read");
    if (request.body() == "read an int") throw 7;
    return {};
  }

 private:
  bool throws_in_deactivate_ = false;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(ThrowingChannel);
