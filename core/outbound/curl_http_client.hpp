#pragma once

#include <memory>
#include <string>

#include "outbound/http_client.hpp"

namespace leadhub::outbound {

/// The client over libcurl. TLS by the system's certificate authorities, at least 1.2. The guard against
/// requests into one's own network stands where a connection is opened, after names were resolved: what was
/// allowed as a public host must have a public address at that very moment.
///
/// At most limits::outbound_requests_max at once; who comes then waits, within their deadline.
class CurlHttpClient final : public HttpClient {
 public:
  /// `user_agent`: "leadhub/0.1.0". `clock` outlives it.
  CurlHttpClient(std::string user_agent, const Clock& clock);
  ~CurlHttpClient() override;

  [[nodiscard]] std::expected<Response, NoAnswer> send(const Request& request, const EgressRules& rules,
                                                       TimePoint deadline) override;
  void stop(std::chrono::milliseconds grace) override;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::outbound
