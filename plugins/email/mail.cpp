#include "mail.hpp"

#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace leadhub::email {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& why) {
  throw sdk::ChannelError("the mail cannot be sent: " + why, LEADHUB_ERROR_INVALID,
                          sdk::RetryClass::permanent);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string()) refuse(std::string{key} + " is no text");
  return found->get<std::string>();
}

std::string line_of(const Json& object, const char* key) {
  std::string line = text_of(object, key);
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(line.begin(), line.end(), is_control))
    refuse(std::string{key} + " holds a control character");
  return line;
}

std::optional<Mailbox> mailbox_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  if (!found->is_object() || line_of(*found, "address").empty()) refuse(std::string{key} + " has no address");
  return Mailbox{literal(line_of(*found, "name")), line_of(*found, "address")};
}

}  // namespace

std::string literal(std::string text) {
  for (auto at = text.find("=?"); at != std::string::npos; at = text.find("=?", at + 3))
    text.insert(at + 1, 1, ' ');
  return text;
}

Mail read_mail(std::string_view document) {
  const Json json = Json::parse(document, nullptr, false);
  if (!json.is_object() || text_of(json, "type") != "mail") refuse("it is no document of the type mail");
  Mail mail{line_of(json, "message_id"),
            line_of(json, "to"),
            literal(line_of(json, "to_name")),
            literal(line_of(json, "subject")),
            text_of(json, "text"),
            text_of(json, "html"),
            {},
            line_of(json, "date"),
            mailbox_of(json, "from"),
            mailbox_of(json, "reply_to")};
  if (const auto headers = json.find("headers"); headers != json.end() && headers->is_array())
    for (const Json& header : *headers) {
      if (!header.is_object() || line_of(header, "name").empty()) refuse("a header has no name");
      mail.headers.emplace_back(line_of(header, "name"), line_of(header, "value"));
    }
  if (mail.text.find('\0') != std::string::npos || mail.html.find('\0') != std::string::npos)
    refuse("its text holds a NUL");
  return mail;
}

}  // namespace leadhub::email
