#include "normalise/country.hpp"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <string>
#include <unordered_map>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

std::string folded(icu::UnicodeString text) {
  std::string out;
  text.foldCase().toUTF8String(out);
  return out;
}

std::unordered_map<std::string, std::string> make_table() {
  std::unordered_map<std::string, std::string> table;
  for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
    const icu::Locale country{"", *code};
    icu::UnicodeString name;
    country.getDisplayCountry(icu::Locale::getEnglish(), name);
    table.emplace(folded(name), *code);
    table.emplace(folded(icu::UnicodeString{country.getISO3Country()}), *code);
    table.emplace(folded(icu::UnicodeString{*code}), *code);
  }
  table.emplace("uk", "GB");  // what everybody writes; reserved by ISO 3166 for exactly that
  return table;
}

}  // namespace

std::optional<std::string> country_code(std::string_view given) {
  static const auto table = make_table();
  const auto cleaned = clean_line(given);
  if (cleaned.empty()) return std::nullopt;
  const auto found = table.find(folded(icu::UnicodeString::fromUTF8(cleaned)));
  if (found == table.end()) return std::nullopt;
  return found->second;
}

}  // namespace leadhub::normalise
