#include "webhook.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::chat {

nlohmann::json parse_body(const sdk::HttpRequest& request) {
  auto body = webform::parse_json_object(request.body());
  if (!body) throw sdk::ChannelError(body.error());
  return std::move(*body);
}

}  // namespace leadhub::chat
