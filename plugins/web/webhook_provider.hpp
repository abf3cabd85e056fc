#pragma once

#include <leadhub/sdk/channel.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "door.hpp"
#include "form_provider.hpp"
#include "provider_event.hpp"

namespace leadhub::webform {

/// What providers that send to /in/<channel> by POST have in common: who is let in. Thread-safe.
class WebhookProvider : public FormProvider {
 public:
  /// In this order: no pages (404), greet(), no other methods (405), no other types (415), admit().
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) final;

 protected:
  /// `service`: the provider, as messages name it.
  WebhookProvider(std::string service, Door door) : door_(std::move(door)), service_(std::move(service)) {}

  /// What is answered before anything else is looked at: challenges, probes, preflights. nullopt: nothing.
  virtual std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t now_ms);

  /// Whether bodies of that Content-Type may come; JSON unless overridden.
  [[nodiscard]] virtual bool takes(std::string_view content_type) const;

  /// What others are answered with; 415 unless overridden.
  [[nodiscard]] virtual int unknown_type_status() const { return 415; }

  /// Whether to let the request in: by the door unless overridden.
  [[nodiscard]] virtual sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const;

  /// The refusal in the provider's own terms: {"errors":[{"field":"","message":...}]} unless overridden.
  [[nodiscard]] virtual sdk::HttpResponse refusal_of(int status, std::string message) const;

  [[nodiscard]] sdk::Verdict refuse(int status, std::string message) const;

  Door door_;

 private:
  std::string service_;
};

/// A provider that reports events, one or many in a request. Thread-safe.
class EventWebhook : public WebhookProvider {
 public:
  /// Throws ChannelError for what is authentic and not understood; the host keeps such a request.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const final;

 protected:
  /// Of a service that `door` tells from others. Throws ChannelError where that lets anybody in. `finish`:
  /// see Events.
  EventWebhook(std::string service, Door door, Events::Finish finish = nullptr);
  /// Of a service whose own admit() does; without one nobody is let in.
  explicit EventWebhook(std::string service, Events::Finish finish = nullptr);

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override;

  /// Adds what the request says. Throws ChannelError for what it cannot understand.
  virtual void understand(const sdk::HttpRequest& request, Events& events) const = 0;

  /// Once everything is on disk: 200 without a body unless overridden.
  [[nodiscard]] virtual sdk::HttpResponse thanks() const;

 private:
  Events::Finish finish_;
};

/// Says a challenge back, as text that no browser takes for a page. Refuses with 400 what is none: letters,
/// digits, "-", "_" and "." alone, at most limits::challenge_bytes_max.
sdk::Verdict answer_challenge(std::string_view challenge);

/// The answer {"errors":[{"field":"","message":...}]} as a refusal with that reason.
sdk::Verdict refuse_as_json(int status, std::string message);

}  // namespace leadhub::webform
