// A chat for tests: whoever posts "7 Hello" is person 7 and says Hello. Each reply becomes a line of the file
// $LEADHUB_PARROT; on "fall over" the host is killed once the line is written, as if the power went.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <leadhub/sdk/event.hpp>
#include <leadhub/sdk/transport.hpp>
#include <string>

namespace {

using namespace leadhub::sdk;

class Parrot : public Channel, public Transport {
 public:
  Parrot(Host, const std::string&) {}

  void check(std::string_view, const Diagnostics&) override {}
  void activate(std::string_view) override {}

  Verdict authenticate(const HttpRequest&, std::int64_t) override { return Verdict::accept(); }

  Reading read(const HttpRequest& request) const override {
    const auto blank = request.body().find(' ');
    LeadEvent event;
    event.type = "chat.message";
    event.person.external_ids["parrot"] = std::string(request.body().substr(0, blank));
    event.message = std::string(request.body().substr(blank + 1));
    return {{event.to_json()}, {}};
  }

  Outcome deliver(const Delivery& delivery, std::int64_t) override {
    std::ofstream{std::getenv("LEADHUB_PARROT"), std::ios::app} << delivery.document() << '\n';
    if (delivery.document().find("fall over") != std::string_view::npos) std::raise(SIGKILL);
    return Outcome::done();
  }
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(Parrot);
