#include "control/client.hpp"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "ops/limits.hpp"

namespace leadhub::control {

using nlohmann::ordered_json;

struct Client::Implementation {
  Implementation(std::string hub_url, std::string token)
      : url(std::move(hub_url)), client(url), headers{{"Authorization", "Bearer " + std::move(token)}} {
    client.set_keep_alive(false);
    client.set_connection_timeout(std::chrono::seconds{2});
    client.set_read_timeout(std::chrono::duration_cast<std::chrono::seconds>(limits::long_poll_max) +
                            std::chrono::seconds{10});
  }
  std::string url;
  httplib::Client client;
  httplib::Headers headers;

  [[nodiscard]] Result<ordered_json> read(const httplib::Result& result) const {
    if (!result)
      return fail(ErrorCode::unavailable,
                  "no hub answers at " + url + " (" + httplib::to_string(result.error()) +
                      "); start it with `leadhub serve`, or name its hub.yaml with -c");
    auto document = ordered_json::parse(result->body, nullptr, false);
    if (result->status / 100 == 2 && !document.is_discarded()) return document;
    const auto code = result->status == 404                            ? ErrorCode::not_found
                      : result->status == 400 || result->status == 422 ? ErrorCode::invalid
                      : result->status == 409                          ? ErrorCode::conflict
                      : result->status == 503                          ? ErrorCode::unavailable
                                                                       : ErrorCode::internal;
    if (document.is_object() && document.contains("detail")) return fail(code, document.value("detail", ""));
    return fail(code,
                "what answers at " + url + " is no leadhub (status " + std::to_string(result->status) + ")");
  }
};

Client::Client(const std::string& url, std::string token)
    : implementation_(std::make_unique<Implementation>(url, std::move(token))) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Result<ordered_json> Client::get(const std::string& path) {
  return implementation_->read(implementation_->client.Get(path, implementation_->headers));
}

Result<ordered_json> Client::post(const std::string& path, const ordered_json& body) {
  return implementation_->read(
      implementation_->client.Post(path, implementation_->headers, body.dump(), "application/json"));
}

Result<ordered_json> Client::post_once(const std::string& path, const ordered_json& body,
                                       const std::string& key) {
  auto headers = implementation_->headers;
  headers.emplace("Idempotency-Key", key);
  return implementation_->read(implementation_->client.Post(path, headers, body.dump(), "application/json"));
}

Result<ordered_json> Client::post_lines(const std::string& path, const std::string& lines) {
  return implementation_->read(
      implementation_->client.Post(path, implementation_->headers, lines, "application/x-ndjson"));
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
        c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 0xf];
    }
  }
  return out;
}

}  // namespace leadhub::control
