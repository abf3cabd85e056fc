#include "mail.hpp"

#include <rapidjson/document.h>
#include <leadhub/sdk/channel.hpp>

#include <algorithm>

namespace leadhub::email {
namespace {

using Json = rapidjson::Value;

[[noreturn]] void refuse(const std::string& why) {
  throw sdk::ChannelError("the mail cannot be sent: " + why, LEADHUB_ERROR_INVALID,
                          sdk::RetryClass::permanent);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.FindMember(key);
  if (found == object.MemberEnd()) return {};
  if (!found->value.IsString()) refuse(std::string{key} + " is no text");
  return {found->value.GetString(), found->value.GetStringLength()};
}

std::string line_of(const Json& object, const char* key) {
  std::string line = text_of(object, key);
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(line.begin(), line.end(), is_control))
    refuse(std::string{key} + " holds a control character");
  return line;
}

std::optional<Mailbox> mailbox_of(const Json& object, const char* key) {
  const auto found = object.FindMember(key);
  if (found == object.MemberEnd()) return std::nullopt;
  const Json& mailbox = found->value;
  if (!mailbox.IsObject() || line_of(mailbox, "address").empty())
    refuse(std::string{key} + " has no address");
  return Mailbox{literal(line_of(mailbox, "name")), line_of(mailbox, "address")};
}

}  // namespace

std::string literal(std::string text) {
  for (auto at = text.find("=?"); at != std::string::npos; at = text.find("=?", at + 3))
    text.insert(at + 1, 1, ' ');
  return text;
}

Mail read_mail(std::string_view document) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(document.data(),
                                                                                     document.size());
  if (json.HasParseError() || !json.IsObject() || text_of(json, "type") != "mail")
    refuse("it is no document of the type mail");
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
  if (const auto headers = json.FindMember("headers");
      headers != json.MemberEnd() && headers->value.IsArray())
    for (const Json& header : headers->value.GetArray()) {
      if (!header.IsObject() || line_of(header, "name").empty()) refuse("a header has no name");
      mail.headers.emplace_back(line_of(header, "name"), line_of(header, "value"));
    }
  if (mail.text.find('\0') != std::string::npos || mail.html.find('\0') != std::string::npos)
    refuse("its text holds a NUL");
  return mail;
}

}  // namespace leadhub::email
