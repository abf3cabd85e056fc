#include "webhook.hpp"

#include <nlohmann/json.hpp>

#include "json_body.hpp"
#include "limits.hpp"

namespace leadhub::newsletter {

using nlohmann::json;

std::string no_secret_problem(std::string_view) {
  return "this provider has no secret; take it out";
}

std::string no_key_problem(std::string_view) {
  return "this provider has no public key; take it out";
}

json parse_body(const sdk::HttpRequest& request) {
  auto body = webform::parse_json(request.body(), webform::limits::batch_values_max);
  if (!body) throw sdk::ChannelError(body.error());
  return std::move(*body);
}

std::vector<const json*> objects_of(const json& body) {
  const json* list = &body;
  if (body.is_object())
    if (const auto found = body.find("events"); found != body.end() && found->is_array()) list = &*found;
  std::vector<const json*> objects;
  if (list->is_array())
    for (const json& item : *list) objects.push_back(&item);
  else
    objects.push_back(list);
  for (const json* const object : objects)
    if (!object->is_object()) throw sdk::ChannelError("the JSON holds something that is no event object");
  return objects;
}

}  // namespace leadhub::newsletter
