#pragma once

#include <algorithm>
#include <string_view>

/// The id by which visits of a website are known before the person is: 128 random bits, made by the tracker's
/// script and kept in the website's own cookie. It names nobody, and nobody can guess another's.
namespace leadhub::webform {

/// The hidden input by which a form says whose it is: the tracker adds it to every form that goes to the hub.
inline constexpr std::string_view visitor_field = "_leadhub_visitor";

/// Whether `text` is such an id: 32 digits of hex in lower case.
constexpr bool is_visitor_id(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace leadhub::webform
