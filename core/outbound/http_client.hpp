#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "ops/clock.hpp"
#include "outbound/egress_rules.hpp"

namespace leadhub::outbound {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  ///< a token (RFC 9110 section 5.6.2): "POST"
  std::string url;
  Headers headers;  ///< without Host, Content-Length and the like, which the client writes
  std::string body;
};

/// A whole answer, whatever its status.
struct Response {
  int status = 0;
  Headers headers;  ///< names in lower case, in the order in which they came
  std::string body;
};

/// Why there is no answer.
struct NoAnswer {
  enum class Kind {
    refused = 1,  ///< by us: the URL is not allowed, the request breaks a rule, or the answer is too large
    not_sent,     ///< the other side has seen none of it: repeating it is safe
    unknown,      ///< cut off after some of it was sent: nobody can tell whether it took effect
  };
  Kind kind = Kind::refused;
  std::string message;  ///< what is wrong and how to mend it; names the host, never the rest of the URL
};

/// How the hub asks other services. Follows no redirect, keeps no cookie, uses no proxy of the environment.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Blocks until the answer is there, the deadline (of the clock that the client was made with) has passed,
  /// or the client is stopped. Thread-safe.
  [[nodiscard]] virtual std::expected<Response, NoAnswer> send(const Request& request,
                                                               const EgressRules& rules,
                                                               TimePoint deadline) = 0;

  /// Refuses what comes, and ends what is still under way after `grace`, as `not_sent` or `unknown`. Returns
  /// at once. Thread-safe.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

/// What breaks HTTP's rules or the bounds of limits.hpp, as a sentence; empty where nothing does.
[[nodiscard]] std::string request_fault(const Request& request);

}  // namespace leadhub::outbound
