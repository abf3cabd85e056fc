#include "capture/public_paths.hpp"

#include <utility>

namespace leadhub::capture {

RequestHandler& PublicPaths::handler_of(const HttpRequest& request) const {
  if (OptInPages::has(request.path)) return opt_in_;
  if (PreferencePages::has(request.path)) return preferences_;
  if (HandOffPages::has(request.path)) return hand_offs_;
  if (TrackingPages::has(request.path)) return tracking_;
  if (ChatTranscript::has(request.path)) return chats_;
  return channels_;
}

std::optional<HttpResponse> PublicPaths::refuse_early(const HttpRequest& head) {
  return handler_of(head).refuse_early(head);
}

void PublicPaths::handle(HttpRequest request, Reply reply) {
  auto& handler = handler_of(request);
  handler.handle(std::move(request), std::move(reply));
}

}  // namespace leadhub::capture
