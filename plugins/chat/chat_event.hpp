#pragma once

#include <leadhub/sdk/event.hpp>

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

/// What chats report, in the words of lead events.
namespace leadhub::chat {

/// "x.<vendor>.<name>" in the letters that the schema takes; `name`: what the provider calls it.
std::string vendor_type(std::string_view vendor, std::string_view name);

/// Text of a string, number or boolean at a path of `object`, "message.from.id"; empty for anything else.
std::string text_at(const nlohmann::json& object, std::string_view path);

/// The object or list at that path; an empty one where there is none or it is something else.
const nlohmann::json& object_at(const nlohmann::json& object, std::string_view path);
const nlohmann::json& list_at(const nlohmann::json& object, std::string_view path);

/// RFC 3339 of the time at that path: a number (or a text of it) of seconds or, where that would be past the
/// year 5138, milliseconds since 1970; or a text in RFC 3339. Empty where there is none or it is no time of
/// this calendar.
std::string time_at(const nlohmann::json& object, std::string_view path);

/// A key for what its provider has no id for: the same for the same content, so that a repetition is known.
/// 32 characters of the SHA-256 of it.
std::string key_of_content(std::string_view content);

/// "+" in front of a number that a provider writes without.
std::string international(std::string_view digits);

/// The text of a piece of HTML: without tags, line ends for paragraphs and breaks, the named entities of
/// HTML's own syntax decoded. For reading, not for showing.
std::string text_of_html(std::string_view html);

/// Keeps each plain member of an object as an attribute "<prefix><name>", in letters that hub.yaml can name,
/// but for those in `told`, which the event says already. What is empty or nested is left out: it stays in
/// the raw request.
void keep_attributes(sdk::LeadEvent& event, const nlohmann::json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told);

/// Keeps a text as an attribute, where there is one.
void keep_text(sdk::LeadEvent& event, std::string_view name, const std::string& text);

/// The events of one request.
class Events {
 public:
  /// Adds one. Its key and texts are made to fit the schema: control characters go, what is too long is cut.
  /// Contact points in its message become the attributes mentioned_email and mentioned_phone, unless they are
  /// those of the person. Throws ChannelError beyond bounds::events_max.
  void add(sdk::LeadEvent event);

  [[nodiscard]] std::vector<std::string> take() { return std::move(documents_); }

 private:
  std::vector<std::string> documents_;
};

}  // namespace leadhub::chat
