#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "capture/http.hpp"
#include "capture/signal_log.hpp"
#include "ops/key_ring.hpp"

namespace leadhub::capture {

/// Where the links of tracked mails lead: /r/<token> answers 303 to where the link was meant to lead,
/// /o/<token> the picture of one pixel. Both answer at once, whatever the stores do and whether or not the
/// mail is still known, and tell `signals`. A token that is not ours leads nowhere.
///
/// Thread-safe. Waits for nothing.
class TrackingPages final : public RequestHandler {
 public:
  /// All references outlive it.
  TrackingPages(SignalLog& signals, const ops::KeyRing& keys, std::string workspace)
      : signals_(signals), keys_(keys), workspace_(std::move(workspace)) {}

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest&) override { return std::nullopt; }
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of these.
  [[nodiscard]] static bool has(std::string_view path) {
    return path.starts_with("/r/") || path.starts_with("/o/");
  }

 private:
  [[nodiscard]] HttpResponse click(const HttpRequest& request, std::string_view token);
  [[nodiscard]] HttpResponse open(const HttpRequest& request, std::string_view token);

  SignalLog& signals_;
  const ops::KeyRing& keys_;
  std::string workspace_;
};

}  // namespace leadhub::capture
