#include "app/post_request.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

/// For documentation only (RFC 5737): no provider of a list of addresses knows it.
constexpr auto visitor_address = "192.0.2.1";

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.' || c == '*';
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain)
      out += c;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

void add_fields(std::string& form, const std::string& name, const Json& value) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      std::string inner = name;
      if (name.empty())
        inner = key;
      else
        inner.append("[").append(key).append("]");
      add_fields(form, inner, member);
    }
  } else if (value.is_array()) {
    for (const auto& element : value) add_fields(form, name, element);
  } else if (!value.is_null()) {
    if (!form.empty()) form += '&';
    form += percent_encoded(name) + "=" +
            percent_encoded(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  }
}

capture::HttpRequest request_of(const std::string& channel, std::string type, std::string body,
                                TimePoint now) {
  return {"POST",          "/in/" + channel, {}, {{"content-type", std::move(type)}},
          std::move(body), visitor_address,  now};
}

/// What the channel would answer, as far as people can read it.
std::string said_by(const capture::HttpResponse& response) {
  auto said = "it finds no event in it and answers " + std::to_string(response.status);
  if (Json::accept(response.body)) said += ": " + response.body;
  return said;
}

}  // namespace

Result<ReadPost> read_post(const capture::ChannelPort& channel, const Json& content, TimePoint now) {
  std::string form;
  add_fields(form, {}, content);
  std::array requests{request_of(channel.name(), "application/json", content.dump(), now),
                      request_of(channel.name(), "application/x-www-form-urlencoded", form, now)};
  std::string why;
  for (auto& request : requests) {
    auto reading = channel.read(request);
    if (reading && !reading->events.empty()) return ReadPost{std::move(request), std::move(reading->events)};
    if (reading && channel.wants_follow_up(request))
      return fail(ErrorCode::invalid,
                  "the channel would ask its service for what is missing here, and a test asks nobody; write "
                  "what it would bring as an event");
    const auto said = reading ? said_by(reading->response) : reading.error().message;
    why += (why.empty() ? "as JSON: " : "; as a form: ") + said;
  }
  return fail(ErrorCode::invalid, "the channel cannot read this; " + why);
}

}  // namespace leadhub::app
