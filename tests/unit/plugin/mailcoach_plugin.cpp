// A small transport for many mails at once through the wrapper: puts what left into a file, a document a
// line, and does what a subject says.
#include <fstream>
#include <leadhub/sdk/transport.hpp>
#include <string>

namespace {

using namespace leadhub::sdk;

class MailCoach : public ConfiguredChannel, public BatchTransport {
 public:
  MailCoach(Host, const std::string&) {}

  void check(std::string_view, const Diagnostics&) override {}
  void activate(std::string_view config) override {
    constexpr std::string_view key = "\"mailbag\":\"";
    const auto start = config.find(key) + key.size();
    mailbag_ = config.substr(start, config.find('"', start) - start);
  }

  void deliver(Deliveries& batch, std::int64_t) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto wants = [&](std::string_view word) {
        return batch[i].document().find(word) != std::string_view::npos;
      };
      if (wants("next week")) {
        batch.settle(i, Outcome::untried("the day is full", 7'000));
        continue;
      }
      if (wants("passed over")) continue;
      if (wants("breaks down"))
        throw ChannelError("a wheel is off", LEADHUB_ERROR_UNAVAILABLE, RetryClass::transient);
      if (!batch.claim(i)) continue;
      if (wants("crashes")) throw std::runtime_error("into the ditch");
      if (wants("forgotten")) continue;
      std::ofstream{mailbag_, std::ios::app} << batch[i].document() << '\n';
      batch.settle(i, Outcome::done());
    }
  }

 private:
  std::string mailbag_;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(MailCoach);
