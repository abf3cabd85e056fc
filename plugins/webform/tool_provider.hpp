#pragma once

#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door.hpp"
#include "provider.hpp"
#include "secrets.hpp"
#include "tool_submission.hpp"

namespace leadhub::webform {

/// What providers of form tools have in common: POST to /in/<channel>, authentication, and what becomes of
/// bodies that cannot be read. Thread-safe.
class ToolProvider : public FormProvider {
 public:
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override;

  /// understand(), with what is not understood answered as the door is: where the sender has shown who they
  /// are, ChannelError passes on to the host, which keeps the request; from anybody it is answered with 400.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override;

 protected:
  ToolProvider(ProviderParts&& parts, Door door)
      : channel_(std::move(parts.channel)), settings_(std::move(parts.settings)), door_(std::move(door)) {}

  /// The events and the answer in the tool's own terms. Throws ChannelError for what it cannot understand.
  [[nodiscard]] virtual sdk::Reading understand(const sdk::HttpRequest& request) const = 0;

  /// What is answered before anything else is looked at, challenges and preflights; nullopt: nothing.
  virtual std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t now_ms);

  /// Whether to let the request in; door_ unless overridden.
  [[nodiscard]] virtual sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const;

  /// The refusal in the tool's own terms: {"errors":[...]} unless overridden.
  [[nodiscard]] virtual sdk::HttpResponse refusal_of(int status, std::string message) const;

  [[nodiscard]] sdk::Verdict refuse(int status, std::string message) const;

  std::string channel_;
  Settings settings_;
  Door door_;
};

/// The object or array in `text`, within the bounds of parse_json_object(). Throws ChannelError that says why
/// not.
nlohmann::json parse_tool_json(std::string_view text);

/// A form or a JSON object as one JSON object: tools that let the administrator choose send either. Names
/// with brackets, "fields[email][value]", become objects, repeated names and "name[]" lists. Throws
/// ChannelError for anything else.
nlohmann::json parse_tool_body(const sdk::HttpRequest& request);

/// 200 with a JSON body.
sdk::HttpResponse json_answer(std::string body, int status = 200);

/// ProviderKind::make of a provider that needs nothing but its parts.
template <class Provider>
std::unique_ptr<FormProvider> make_provider(ProviderParts parts) {
  return std::make_unique<Provider>(std::move(parts));
}

}  // namespace leadhub::webform
