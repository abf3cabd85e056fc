#pragma once

#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "provider.hpp"
#include "secrets.hpp"
#include "tool_submission.hpp"
#include "webhook_provider.hpp"

namespace leadhub::webform {

/// What webhooks of form tools have in common besides: what becomes of bodies that cannot be read.
/// Thread-safe.
class ToolProvider : public WebhookProvider {
 public:
  /// understand(), with what is not understood answered as the door is: where the sender has shown who they
  /// are, ChannelError passes on to the host, which keeps the request; from anybody it is answered with 400.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override;

 protected:
  ToolProvider(ProviderParts&& parts, Door door)
      : WebhookProvider(parts.settings.provider_name, std::move(door)),
        channel_(std::move(parts.channel)),
        settings_(std::move(parts.settings)) {}

  /// Any: what cannot be read, read() explains.
  [[nodiscard]] bool takes(std::string_view content_type) const override;

  /// The events and the answer in the tool's own terms. Throws ChannelError for what it cannot understand.
  [[nodiscard]] virtual sdk::Reading understand(const sdk::HttpRequest& request) const = 0;

  std::string channel_;
  Settings settings_;
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

}  // namespace leadhub::webform
