#include "capture/tracking_pages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "capture/page.hpp"
#include "capture/tracking_token.hpp"
#include "ops/http_text.hpp"

namespace leadhub::capture {
namespace {

/// GIF89a, 1 x 1, transparent.
constexpr std::array<unsigned char, 43> pixel{
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

HttpResponse unknown_link() {
  return to_response({404,
                      "This link does not work",
                      {"It may have been cut in two by your mail program: copy the whole of it into your "
                       "browser."},
                      {},
                      {}});
}

/// The headers by which browsers say that they fetch what nobody has asked for yet: Fetch's Sec-Purpose, and
/// those that Chromium and Firefox sent before.
bool is_prefetch(const HttpRequest& request) {
  return std::ranges::any_of(std::array{"sec-purpose", "purpose", "x-purpose", "x-moz"},
                             [&](const char* name) {
                               const auto value = request.header(name);
                               if (!value) return false;
                               const auto said = ops::lower_case(*value);
                               return said.starts_with("prefetch") || said == "preview";
                             });
}

Signal signal_of(SignalKind kind, std::string message_id, std::string url, const HttpRequest& request) {
  return {kind,
          std::move(message_id),
          std::move(url),
          request.method,
          std::string{request.header("user-agent").value_or("")},
          is_prefetch(request),
          request.received_at};
}

}  // namespace

void TrackingPages::handle(HttpRequest request, Reply reply) {
  if (request.method != "GET" && request.method != "HEAD")
    return reply({405, {{"allow", "GET, HEAD"}, {"content-type", "text/plain"}}, "Open it in a browser.\n"});
  const auto token = std::string_view{request.path}.substr(3);
  reply(request.path.starts_with("/r/") ? click(request, token) : open(request, token));
}

HttpResponse TrackingPages::click(const HttpRequest& request, std::string_view token) {
  auto read = read_click_token(token, keys_, workspace_);
  if (!read) return unknown_link();
  HttpResponse response{303,
                        {{"location", read->url},
                         {"cache-control", "no-store"},
                         {"referrer-policy", "no-referrer"},
                         {"x-robots-tag", "noindex"}},
                        {}};
  signals_.take(signal_of(SignalKind::click, std::move(read->message_id), std::move(read->url), request));
  return response;
}

HttpResponse TrackingPages::open(const HttpRequest& request, std::string_view token) {
  auto message_id = read_open_token(token, keys_, workspace_);
  if (!message_id) return unknown_link();
  signals_.take(signal_of(SignalKind::open, *std::move(message_id), {}, request));
  return {200,
          {{"content-type", "image/gif"},
           {"cache-control", "no-store"},
           {"cross-origin-resource-policy", "cross-origin"},
           {"x-content-type-options", "nosniff"},
           {"x-robots-tag", "noindex"}},
          {pixel.begin(), pixel.end()}};
}

}  // namespace leadhub::capture
