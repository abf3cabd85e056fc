#include "auto_reply.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "json_body.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;
using webform::text_at;

constexpr std::string_view joints = ", ";  // what ties a name to its sentence

std::string first_name_of(const json& person) {
  std::string first = text_at(person, "first_name");
  if (!first.empty()) return first;
  const std::string name = text_at(person, "name");
  return std::string(webform::split_once(webform::trim(name), ' ').before);
}

std::string name_of(const json& person) {
  const std::string name = text_at(person, "name");
  return name.empty() ? text_at(person, "first_name") + " " + text_at(person, "last_name") : name;
}

std::string fitting(const std::string& name) {
  return webform::single_line(sdk::cut_utf8(sdk::to_utf8(name), bounds::name_bytes_max));
}

void drop_joints_at_end(std::string& text) {
  text.resize(text.find_last_not_of(joints) + 1);
}

std::string_view without_joints(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(joints), text.size()));
}

}  // namespace

std::string auto_reply_for(const json& person, std::string_view auto_reply) {
  std::string out;
  while (!auto_reply.empty()) {
    const auto begin = auto_reply.find("{{");
    const auto end = auto_reply.find("}}", begin);
    if (end == std::string_view::npos) break;
    const auto placeholder = webform::trim(auto_reply.substr(begin + 2, end - begin - 2));
    const bool is_first = placeholder == "first_name";
    out += auto_reply.substr(0, begin);
    auto rest = auto_reply.substr(end + 2);
    if (!is_first && placeholder != "name") {
      out += auto_reply.substr(begin, end + 2 - begin);
    } else if (const auto name = fitting(is_first ? first_name_of(person) : name_of(person)); !name.empty()) {
      out += name;
    } else {
      drop_joints_at_end(out);
      if (out.empty() || out.back() == '\n') rest = without_joints(rest);
    }
    auto_reply = rest;
  }
  return out += auto_reply;
}

}  // namespace leadhub::chat
