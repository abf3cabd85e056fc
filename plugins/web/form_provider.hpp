#pragma once

#include <leadhub/sdk/channel.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadhub::webform {

/// What is to be done for a request after its answer, and with what. Valid for the call only.
struct Errand {
  const sdk::HttpRequest& request;  ///< without the headers that proved who sent it
  std::string_view key;             ///< the same at every repetition
  std::int64_t deadline_ms = 0;     ///< of the host's clock
  const sdk::Host& host;            ///< for sdk::send and sdk::Memory
};

/// One way of sending, as a channel uses it: decides about requests and reads them, by the rules of
/// leadhub_capture_http in abi.h. Thread-safe.
class FormProvider {
 public:
  FormProvider() = default;
  FormProvider(const FormProvider&) = delete;
  FormProvider& operator=(const FormProvider&) = delete;
  virtual ~FormProvider() = default;
  virtual sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) = 0;
  [[nodiscard]] virtual sdk::Reading read(const sdk::HttpRequest& request) const = 0;

  /// Whether requests are followed up at all, by the rules of sdk::FollowUp, whether this one is, and what
  /// that brings. Throws ChannelError; its retry class says whether the host tries again.
  [[nodiscard]] virtual bool follows_up() const { return false; }
  [[nodiscard]] virtual bool wants_follow_up(const sdk::HttpRequest& /*request*/) const { return false; }
  [[nodiscard]] virtual std::vector<std::string> follow_up(const Errand& /*errand*/) { return {}; }
};

/// Makes a provider that needs nothing but its parts, whatever those are to its plugin.
template <class Provider, class Parts>
std::unique_ptr<FormProvider> make_provider(Parts parts) {
  return std::make_unique<Provider>(std::move(parts));
}

}  // namespace leadhub::webform
