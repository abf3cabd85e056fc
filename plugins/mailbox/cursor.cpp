#include "cursor.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::mailbox {
namespace {

std::uint32_t number_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return 0;
  const auto number = found->get<std::uint64_t>();
  return number > UINT32_MAX ? 0 : static_cast<std::uint32_t>(number);
}

}  // namespace

Cursor read_cursor(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  return {number_at(json, "uid_validity"), number_at(json, "last_uid")};
}

std::string to_text(const Cursor& cursor) {
  return R"({"uid_validity":)" + std::to_string(cursor.uid_validity) + R"(,"last_uid":)" +
         std::to_string(cursor.last_uid) + "}";
}

}  // namespace leadhub::mailbox
