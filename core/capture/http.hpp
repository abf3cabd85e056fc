#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"

namespace leadhub::capture {

struct HttpHeader {
  std::string name;   ///< lower-case
  std::string value;  ///< without surrounding blanks; no CR, LF or NUL
};

/// One whole request as the edge took it: framing checked, bounds kept, body complete and not decompressed.
struct HttpRequest {
  std::string method;  ///< as sent: "POST"
  std::string path;    ///< from the request target, as sent (not percent-decoded): "/in/website"
  std::string query;   ///< what follows the first '?', as sent, else empty
  std::vector<HttpHeader> headers;
  std::string body;
  std::string
      client_address;  ///< textual IP address of the client (of the peer, unless that is a trusted proxy)
  TimePoint received_at;

  /// The first header of that lower-case name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view lower_case_name) const {
    for (const auto& header : headers)
      if (header.name == lower_case_name) return header.value;
    return std::nullopt;
  }
};

struct HttpResponse {
  int status = 500;
  std::vector<HttpHeader> headers;  ///< without Content-Length, Date, Connection: the edge writes those
  std::string body;
};

/// Sends the answer. Called exactly once, from any thread; a connection that has gone away is no error.
using Reply = std::move_only_function<void(HttpResponse)>;

/// What the edge listener hands requests to.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// Whether a body for this path is worth reading, asked when the head has been read: nullopt to go on, else
  /// the answer to give at once (unknown path, wrong method, inbox full). Called on an edge thread; must not
  /// block.
  [[nodiscard]] virtual std::optional<HttpResponse> refuse_early(const HttpRequest& head) = 0;

  /// Takes the request; `reply` may be called later and from another thread. Called on an edge thread; must
  /// not block.
  virtual void handle(HttpRequest request, Reply reply) = 0;
};

}  // namespace leadhub::capture
