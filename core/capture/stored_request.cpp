#include "capture/stored_request.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/stored_text.hpp"

namespace leadhub::capture {
namespace {

/// Headers that only prove who sent the request. They have done their work, and are secrets.
bool is_credential(std::string_view name) {
  constexpr std::array<std::string_view, 6> credentials{
      "authorization", "cookie",       "proxy-authorization",
      "x-api-key",     "x-auth-token", "x-telegram-bot-api-secret-token"};
  return std::find(credentials.begin(), credentials.end(), name) != credentials.end();
}

std::string join_headers(const std::vector<HttpHeader>& headers) {
  std::string text;
  for (const auto& header : headers)
    if (!is_credential(header.name))
      text.append(store::header_line(header.name, header.value)).push_back('\n');
  return text;
}

std::vector<HttpHeader> split_headers(std::string_view text) {
  std::vector<HttpHeader> headers;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (auto header = store::read_header_line(line))
      headers.push_back({std::move(header->name), std::move(header->value)});
  }
  return headers;
}

}  // namespace

store::StoredRequest stored_request(HttpRequest request) {
  return {std::move(request.method),     std::move(request.path), std::move(request.query),
          join_headers(request.headers), std::move(request.body), std::move(request.client_address)};
}

HttpRequest restored_request(const store::InboxEntryDetail& entry) {
  const auto& request = entry.request;
  return {request.method, request.path,           request.query,          split_headers(request.headers),
          request.body,   request.client_address, entry.entry.received_at};
}

}  // namespace leadhub::capture
