#pragma once

#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door.hpp"
#include "mail_event.hpp"
#include "provider.hpp"
#include "vendor_words.hpp"

namespace leadhub::newsletter {

/// What the webhooks of newsletter services have in common: a POST to /in/<channel> that is checked, and then
/// read event by event. Thread-safe.
class Webhook : public Provider {
 public:
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) final;

  /// Throws ChannelError for what is authentic and not understood; the host keeps such a request.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const final;

 protected:
  /// Of a service that `door` tells from others. Throws ChannelError where that lets anybody in.
  Webhook(ProviderParts&& parts, webform::Door door);
  /// Of a service whose own admit() does.
  explicit Webhook(ProviderParts&& parts) : settings_(std::move(parts.settings)) {}

  /// Whether bodies of that Content-Type may come; JSON unless overridden.
  [[nodiscard]] virtual bool takes(std::string_view content_type) const;

  /// What is answered before anybody has shown who they are: probes. nullopt: nothing.
  [[nodiscard]] virtual std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request) const;

  /// Whether to let the request in: by the door unless overridden, so nobody where there is none.
  [[nodiscard]] virtual sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const;

  /// Adds what the request says. Throws ChannelError for what it cannot understand.
  virtual void understand(const sdk::HttpRequest& request, Events& events) const = 0;

  /// Once everything is on disk: 200 without a body unless overridden.
  [[nodiscard]] virtual sdk::HttpResponse thanks() const;

  /// What a request of another Content-Type is answered with: 415 unless overridden.
  [[nodiscard]] virtual int unknown_type_status() const { return 415; }

  /// Refusal with {"errors":[{"field":"","message":...}]}.
  [[nodiscard]] static sdk::Verdict refuse(int status, std::string message);

  NewsletterSettings settings_;

 private:
  std::optional<webform::Door> door_;
};

/// The body as JSON, within bounds. Throws ChannelError that says why not.
nlohmann::json parse_body(const sdk::HttpRequest& request);

/// The objects of a body: of a list, of the list "events" in it, or the body itself. Throws ChannelError
/// where one of them is no object.
std::vector<const nlohmann::json*> objects_of(const nlohmann::json& body);

}  // namespace leadhub::newsletter
