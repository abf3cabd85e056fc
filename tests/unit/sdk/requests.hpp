#pragma once

#include <leadhub/sdk/channel.hpp>

#include <string>
#include <utility>
#include <vector>

namespace leadhub::sdk {

/// A request that owns what it shows.
struct OwnedRequest {
  std::string method = "POST";
  std::string path = "/in/test";
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// Calls `use` with the request as a plugin sees it.
  template <class Use>
  auto shown(Use&& use) const {
    std::vector<leadhub_http_header> views;
    views.reserve(headers.size());
    for (const auto& [name, value] : headers) views.push_back({to_abi(name), to_abi(value)});
    leadhub_http_request request{};
    request.size = sizeof request;
    request.method = to_abi(method);
    request.path = to_abi(path);
    request.query = to_abi(query);
    request.headers = views.data();
    request.header_count = static_cast<std::uint32_t>(views.size());
    request.body = to_abi(body);
    request.public_url = to_abi("http://localhost:8080");
    return use(HttpRequest{&request});
  }
};

}  // namespace leadhub::sdk
