#pragma once

#include <leadhub/sdk/channel.hpp>

#include <optional>

#include "answers.hpp"
#include "form_settings.hpp"
#include "origin.hpp"
#include "rate.hpp"

namespace leadhub::webform {

/// What every submission to /in/<channel> passes before its body is looked at: method, CORS, origin and rate.
/// Thread-safe.
class Gate {
 public:
  explicit Gate(const FormSettings& settings);

  /// nullopt: go on. Else the verdict: 204 to a preflight, 405, 403 (another website's form) or 429.
  std::optional<sdk::Verdict> stop(const sdk::HttpRequest& request, std::int64_t now_ms, Format format);

  /// Adds what a browser must see before a script of another website may read the answer.
  void add_cors(const sdk::HttpRequest& request, sdk::HttpResponse& response) const;

  [[nodiscard]] const OriginPolicy& origins() const { return origins_; }

 private:
  sdk::Verdict preflight(const sdk::HttpRequest& request) const;

  OriginPolicy origins_;
  std::optional<AddressRate> rate_;
};

}  // namespace leadhub::webform
