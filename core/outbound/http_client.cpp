#include "outbound/http_client.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"

namespace leadhub::outbound {
namespace {

/// What the client writes itself.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 8> names = {
      "host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"};
  const auto lower = ops::lower_case(name);
  return std::ranges::find(names, lower) != names.end();
}

}  // namespace

std::string request_fault(const Request& request) {
  if (!ops::is_token(request.method)) return "the method is no token";
  if (request.url.size() > limits::outbound_url_bytes_max)
    return "the URL has more than " + std::to_string(limits::outbound_url_bytes_max) + " bytes";
  if (!std::ranges::all_of(request.url, [](char c) { return c > ' ' && c <= '~'; }))
    return "the URL holds a blank, a control character or one that is not ASCII; percent-encode it";
  if (request.body.size() > limits::outbound_body_bytes_max)
    return "the body has more than " + std::to_string(limits::outbound_body_bytes_max) + " bytes";
  if (request.headers.size() > limits::header_count_max)
    return "there are more than " + std::to_string(limits::header_count_max) + " headers";
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers) {
    bytes += name.size() + value.size();
    if (!ops::is_token(name)) return "a header has a name that is no token";
    if (!ops::is_field_value(value)) return "the header " + name + " holds a control character";
    if (is_framing(name)) return "the header " + name + " is written by the host";
  }
  if (bytes > limits::outbound_head_bytes_max)
    return "the headers have more than " + std::to_string(limits::outbound_head_bytes_max) + " bytes";
  return {};
}

}  // namespace leadhub::outbound
