#include "tool_provider.hpp"

#include <nlohmann/json.hpp>

#include "form_body.hpp"
#include "json_body.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {

using nlohmann::json;

bool ToolProvider::takes(std::string_view) const {
  return true;
}

sdk::Reading ToolProvider::read(const sdk::HttpRequest& request) const {
  if (!door_.is_open()) return understand(request);
  try {
    return understand(request);
  } catch (const sdk::ChannelError& error) {
    return {{}, refusal_of(400, error.what())};
  }
}

json parse_tool_json(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) throw sdk::ChannelError(parsed.error());
  return std::move(*parsed);
}

namespace {

constexpr std::size_t brackets_max = 8;  // "fields[email][value]" has two

/// The place in `root` that "a[b][c]" names; what stands in its way gives way to an object. A name whose
/// brackets do not fit, or go too deep, is a name as it is.
json& place_of(json& root, std::string_view name) {
  const std::size_t first = name.find('[');
  if (first == std::string_view::npos || first == 0 || !name.ends_with(']')) return root[std::string(name)];
  std::vector<std::string> steps{std::string(name.substr(0, first))};
  for (std::size_t at = first; at < name.size();) {
    const std::size_t end = name.find(']', at);
    if (name[at] != '[' || end == std::string_view::npos || steps.size() > brackets_max)
      return root[std::string(name)];
    steps.emplace_back(name.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  if (steps.back().empty()) steps.pop_back();  // "name[]": a list, which repetition makes
  json* place = &root;
  for (const std::string& step : steps) {
    if (!place->is_object()) *place = json::object();
    place = &(*place)[step];
  }
  return *place;
}

json form_as_json(const FormBody& body) {
  json root = json::object();
  for (const auto& [name, value] : body.fields()) {
    const bool is_list = name.ends_with("[]");
    json& place = place_of(root, to_utf8(name, body.charset()));
    json text = to_utf8(value, body.charset());
    if (place.is_array())
      place.push_back(std::move(text));
    else if (place.is_string())
      place = json::array({place, std::move(text)});
    else if (is_list && !place.is_object())
      place = json::array({std::move(text)});
    else if (!place.is_object())
      place = std::move(text);
  }
  return root;
}

}  // namespace

json parse_tool_body(const sdk::HttpRequest& request) {
  const auto form = FormBody::parse(request);
  if (form) return form_as_json(*form);
  if (form.error() == BodyError::malformed)
    throw sdk::ChannelError("the multipart/form-data of the form is malformed or cut off");
  if (form.error() == BodyError::too_many_fields)
    throw sdk::ChannelError("the form has more than " + std::to_string(limits::form_fields_max) + " fields");
  json parsed = parse_tool_json(request.body());
  if (!parsed.is_object()) throw sdk::ChannelError("the JSON is not an object with the form's answers");
  return parsed;
}

sdk::HttpResponse json_answer(std::string body, int status) {
  return {status,
          {{"content-type", "application/json"},
           {"cache-control", "no-store"},
           {"x-content-type-options", "nosniff"}},
          std::move(body)};
}

}  // namespace leadhub::webform
