#include "lead_delivery.hpp"

#include <array>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view mask = "***";

[[noreturn]] void refuse(const std::string& what) {
  throw sdk::ChannelError(what, LEADHUB_ERROR_INVALID, sdk::RetryClass::permanent);
}

/// Between characters.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  text.resize(bytes_max);
  return text;
}

void mask_all(std::string& text, std::string_view value) {
  if (value.size() < limits::masked_bytes_min) return;
  const std::string needle = webform::ascii_lower(value);
  for (std::size_t at = 0;; at += mask.size()) {
    at = webform::ascii_lower(text).find(needle, at);
    if (at == std::string::npos) return;
    text.replace(at, needle.size(), mask);
  }
}

void mask_texts(std::string& text, const Json& value) {
  if (value.is_string()) mask_all(text, value.get_ref<const std::string&>());
  if (value.is_structured())
    for (const Json& member : value) mask_texts(text, member);
}

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '(' || c == ')' || c == '/';
}

/// Words with an "@" in them, and such as are mostly digits.
std::string without_addresses(std::string_view text) {
  std::string out;
  for (auto rest = webform::Halves{{}, text}; !rest.after.empty();) {
    rest = webform::split_once(rest.after, ' ');
    const std::string_view word = rest.before;
    const auto digits = std::count_if(word.begin(), word.end(), is_number_part);
    const bool is_telling = word.find('@') != word.npos || digits > 5;
    out += (out.empty() ? "" : " ") + std::string(is_telling ? mask : word);
  }
  return out;
}

}  // namespace

LeadDelivery read_lead_delivery(const sdk::Delivery& delivery) {
  LeadDelivery read{std::string(delivery.idempotency_key()),
                    Json::parse(delivery.document(), nullptr, false)};
  if (!read.document.is_object() || read.document.value("type", Json()) != "lead")
    refuse("a webhook takes leads and nothing else; name another channel here");
  for (const char* part : {"lead", "reason"})
    if (!read.document.contains(part) || !read.document.at(part).is_object())
      refuse("the document has no \"" + std::string(part) + "\"; see lead-delivery.schema.json");
  const Json& reason = read.document.at("reason");
  const bool is_whole =
      read.document.value("at", Json()).is_string() && reason.value("what", Json()).is_string();
  if (!is_whole) refuse("the document has no \"at\" or no \"reason.what\"; see lead-delivery.schema.json");
  return read;
}

std::string without_personal_data(std::string words, const Json& lead) {
  constexpr std::array<const char*, 11> personal = {"email",      "phone",          "name", "first_name",
                                                    "last_name",  "company",        "city", "job_title",
                                                    "attributes", "contact_points", "id"};
  words = webform::single_line(cut(std::move(words), limits::words_bytes_read_max));
  for (const char* key : personal)
    if (lead.contains(key)) mask_texts(words, lead.at(key));
  words = without_addresses(words);
  return words.size() > limits::words_bytes_max ? cut(std::move(words), limits::words_bytes_max) + "..."
                                                : words;
}

}  // namespace leadhub::webhook
