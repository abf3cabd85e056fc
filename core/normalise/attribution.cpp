#include "normalise/attribution.hpp"

#include <algorithm>
#include <string>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string form_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hexadecimal(text[i + 1]) >= 0 &&
               hexadecimal(text[i + 2]) >= 0) {
      out += static_cast<char>(hexadecimal(text[i + 1]) * 16 + hexadecimal(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// What an advertising tool should have replaced: "{campaignid}", "__CID__".
bool is_unfilled_macro(std::string_view value) {
  return (value.size() > 2 && value.front() == '{' && value.back() == '}') ||
         (value.size() > 4 && value.starts_with("__") && value.ends_with("__"));
}

/// Every attribution name but those that are whole URLs.
bool is_query_name(std::string_view name) {
  const auto& names = lead::attribution_names();
  return name != "referrer" && name != "landing_page" &&
         std::find(names.begin(), names.end(), name) != names.end();
}

bool has(const std::vector<lead::NamedText>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

std::vector<lead::NamedText> attribution_of(std::string_view url) {
  std::vector<lead::NamedText> found;
  const auto question = url.find('?');
  if (question == url.npos) return found;
  auto query = url.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == pair.npos) continue;
    auto name = lower(form_decoded(pair.substr(0, equals)));
    if (!is_query_name(name) || has(found, name)) continue;
    auto value = clean_line(form_decoded(pair.substr(equals + 1)));
    if (value.empty() || is_unfilled_macro(value)) continue;
    found.emplace_back(std::move(name), std::move(value));
  }
  return found;
}

void complete_attribution(lead::LeadEvent& event) {
  auto& attribution = event.attribution;
  for (auto& [name, value] : attribution) value = clean_line(value);
  std::erase_if(attribution,
                [](const auto& entry) { return entry.second.empty() || is_unfilled_macro(entry.second); });
  const auto landing = std::find_if(attribution.begin(), attribution.end(),
                                    [](const auto& entry) { return entry.first == "landing_page"; });
  if (landing == attribution.end()) return;
  for (auto& entry : attribution_of(landing->second))
    if (!has(attribution, entry.first)) attribution.push_back(std::move(entry));
}

}  // namespace leadhub::normalise
