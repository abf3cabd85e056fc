#include "gate.hpp"

#include "text.hpp"

namespace leadhub::webform {
namespace {

/// What an answer may repeat of an Origin header: it comes from a browser, or from anybody.
std::string shown(std::string_view origin) {
  return origin.size() <= 200 ? "\"" + single_line(origin) + "\"" : "another website";
}

}  // namespace

Gate::Gate(const FormSettings& settings) : origins_(settings.origins) {
  if (settings.per_address) rate_.emplace(*settings.per_address);
}

std::optional<sdk::Verdict> Gate::stop(const sdk::HttpRequest& request, std::int64_t now_ms, Format format) {
  if (request.method() == "OPTIONS") return preflight(request);
  if (request.method() != "POST") {
    sdk::HttpResponse response = refusal(format, 405, "This address takes forms",
                                         "This address takes forms that are sent to it: use POST.");
    response.headers.emplace_back("allow", "POST, OPTIONS");
    return sdk::Verdict::refuse(std::move(response), "the method is not POST");
  }
  const std::string_view origin = request.header("origin");
  if (origins_.judge(origin, request.public_url()) == OriginVerdict::refused) {
    sdk::HttpResponse response =
        refusal(format, 403, "This form cannot be sent from here",
                "Forms from " + shown(origin) +
                    " are not taken here. If the website is yours, add it to the channel's \"origins\".");
    response.headers.emplace_back("vary", "Origin");
    return sdk::Verdict::refuse(std::move(response), "the origin is not listed");
  }
  if (!rate_) return std::nullopt;
  const std::optional<std::int64_t> wait_ms = rate_->take(request.client_address(), now_ms);
  if (!wait_ms) return std::nullopt;
  const std::string seconds = std::to_string((*wait_ms + 999) / 1000);
  sdk::HttpResponse response = refusal(format, 429, "Too many forms at once",
                                       "Too many forms came from your address. Please try again in " +
                                           seconds + (seconds == "1" ? " second." : " seconds."));
  response.headers.emplace_back("retry-after", seconds);
  add_cors(request, response);
  return sdk::Verdict::refuse(std::move(response), "the address has sent too many forms");
}

sdk::Verdict Gate::preflight(const sdk::HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  if (origins_.judge(origin, request.public_url()) == OriginVerdict::refused)
    return sdk::Verdict::refuse({403, {{"vary", "Origin"}}, {}}, "the origin is not listed");
  sdk::HttpResponse response{204, {{"allow", "POST, OPTIONS"}}, {}};
  add_cors(request, response);
  if (!origin.empty() && !request.header("access-control-request-method").empty()) {
    response.headers.emplace_back("access-control-allow-methods", "POST");
    response.headers.emplace_back("access-control-allow-headers", "content-type");
    response.headers.emplace_back("access-control-max-age",
                                  "600");  // so a new `origins` counts within ten minutes
  }
  return sdk::Verdict::answer(std::move(response));
}

void Gate::add_cors(const sdk::HttpRequest& request, sdk::HttpResponse& response) const {
  const std::string_view origin = request.header("origin");
  if (origins_.judge(origin, request.public_url()) == OriginVerdict::allowed)
    response.headers.emplace_back("access-control-allow-origin", origin);
  response.headers.emplace_back("vary", "Origin");
}

}  // namespace leadhub::webform
