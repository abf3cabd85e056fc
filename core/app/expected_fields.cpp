#include "app/expected_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

/// The member at a path whose names may hold dots: the longest name that is there decides.
Json descend(const Json& holder, std::string_view path) {
  if (!holder.is_object()) return {};
  for (auto end = path.size(); end != path.npos && end > 0; end = path.rfind('.', end - 1)) {
    const auto member = holder.find(std::string{path.substr(0, end)});
    if (member == holder.end()) continue;
    return end == path.size() ? *member : descend(*member, path.substr(end + 1));
  }
  return {};
}

const Json* primary_email(const Json& lead) {
  for (const auto& point : lead.at("contact_points"))
    if (point.at("kind") == "email" && point.at("canonical") == lead.at("email")) return &point;
  return nullptr;
}

/// `email.free`, `email.verdict` and the like, of the address shown as the lead's own.
Json email_field(const Json& lead, std::string_view name) {
  const auto* point = primary_email(lead);
  if (point == nullptr) return {};
  if (name == "verdict") return point->at("verdict");
  const auto& marks = point->at("marks");
  return std::ranges::find(marks, Json(name)) != marks.end();
}

bool compares(const std::string& matcher, const Json& bound, const Json& found) {
  if (matcher == "present") return bound == !found.is_null();
  if (matcher == "contains")
    return found.is_array()
               ? std::ranges::find(found, bound) != found.end()
               : found.is_string() && bound.is_string() &&
                     found.get_ref<const std::string&>().find(bound.get_ref<const std::string&>()) !=
                         std::string::npos;
  const bool is_comparable =
      (bound.is_number() && found.is_number()) || (bound.is_string() && found.is_string());
  if (!is_comparable) return false;
  if (matcher == "gt") return found > bound;
  if (matcher == "gte") return found >= bound;
  if (matcher == "lt") return found < bound;
  return matcher == "lte" && found <= bound;
}

bool is_same_set(const Json& expected, const Json& found) {
  return expected.size() == found.size() &&
         std::is_permutation(expected.begin(), expected.end(), found.begin());
}

}  // namespace

Json field_of(const Json& lead, std::string_view path) {
  if (path == "verified")
    return std::ranges::any_of(lead.at("contact_points"),
                               [](const Json& point) { return !point.at("verified_at").is_null(); });
  if (constexpr std::string_view email = "email."; path.starts_with(email))
    return email_field(lead, path.substr(email.size()));
  return descend(lead, path);
}

bool is_as_expected(const Json& expected, const Json& found) {
  if (expected.is_array()) {
    if (found.is_array()) return is_same_set(expected, found);
    return std::ranges::any_of(expected, [&](const Json& one) { return one == found; });
  }
  if (!expected.is_object()) return expected == found;
  return !expected.empty() && std::ranges::all_of(expected.items(), [&](const auto& item) {
    return compares(item.key(), item.value(), found);
  });
}

std::string shown(const Json& value) {
  return value.is_null() ? "nothing" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace leadhub::app
