#include "normalise/country.hpp"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uldnames.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>
#include <unordered_map>
#include <utility>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

using Table = std::unordered_map<std::string, std::string>;

/// What people write and ICU does not have. A name that means several countries has no code.
constexpr std::array<std::pair<std::string_view, std::string_view>, 38> short_forms{{
    {"korea", ""},
    {"congo", ""},
    {"uk", "GB"},
    {"u.k.", "GB"},
    {"great britain", "GB"},
    {"britain", "GB"},
    {"england", "GB"},
    {"scotland", "GB"},
    {"wales", "GB"},
    {"northern ireland", "GB"},
    {"usa", "US"},
    {"u.s.a.", "US"},
    {"u.s.", "US"},
    {"america", "US"},
    {"united states of america", "US"},
    {"the netherlands", "NL"},
    {"holland", "NL"},
    {"republic of ireland", "IE"},
    {"eire", "IE"},
    {"czech republic", "CZ"},
    {"czechia", "CZ"},
    {"russian federation", "RU"},
    {"republic of korea", "KR"},
    {"uae", "AE"},
    {"u.a.e.", "AE"},
    {"emirates", "AE"},
    {"ivory coast", "CI"},
    {"burma", "MM"},
    {"swaziland", "SZ"},
    {"macedonia", "MK"},
    {"cape verde", "CV"},
    {"viet nam", "VN"},
    {"brasil", "BR"},
    {"vatican", "VA"},
    {"turkiye", "TR"},
    {"prc", "CN"},
    {"mainland china", "CN"},
    {"hong kong", "HK"},
}};

constexpr std::array languages{"de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb",      "fi", "cs",
                               "hu", "ro", "el", "tr", "ru", "uk", "ja", "ko", "zh", "zh_Hant", "ar", "he"};

/// Case, accents and kinds of apostrophe make no other country.
std::string key_of(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfkd = icu::Normalizer2::getNFKDInstance(status);
  auto folded = text;
  folded.foldCase();
  const auto decomposed = U_SUCCESS(status) ? nfkd->normalize(folded, status) : folded;
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if (c == 0x2019 || c == 0x2BC)
      kept.append(u'\'');
    else if (u_charType(c) != U_NON_SPACING_MARK)
      kept.append(c);
  }
  std::string out;
  return kept.toUTF8String(out);
}

/// Adds the names of all countries in one language. A name that has another country already says nothing any
/// more: its code becomes empty.
void add_names(Table& table, const char* language) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<ULocaleDisplayNames, decltype(&uldn_close)> names{
      uldn_open(language, ULDN_STANDARD_NAMES, &status), &uldn_close};
  if (!names) return;
  for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
    constexpr std::int32_t longest = 128;
    std::array<char16_t, longest> buffer;
    status = U_ZERO_ERROR;
    const auto length = uldn_regionDisplayName(names.get(), *code, buffer.data(), longest, &status);
    if (U_FAILURE(status) || length > longest) continue;
    const auto [entry, is_new] = table.emplace(key_of(icu::UnicodeString{buffer.data(), length}), *code);
    if (!is_new && entry->second != *code) entry->second.clear();
  }
}

Table english_table() {
  Table table;
  for (const auto& [name, code] : short_forms) table.emplace(name, code);
  for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
    table.emplace(key_of(icu::UnicodeString{icu::Locale{"", *code}.getISO3Country()}), *code);
    table.emplace(key_of(icu::UnicodeString{*code}), *code);
  }
  add_names(table, "en");
  return table;
}

Table table_of_all_languages() {
  Table table;
  for (const auto* language : languages) add_names(table, language);
  return table;
}

}  // namespace

std::optional<std::string> country_code(std::string_view given) {
  const auto cleaned = clean_line(given);
  if (cleaned.empty()) return std::nullopt;
  const auto key = key_of(icu::UnicodeString::fromUTF8(cleaned));
  static const auto english = english_table();
  auto found = english.find(key);
  if (found == english.end()) {
    static const auto all = table_of_all_languages();
    found = all.find(key);
    if (found == all.end()) return std::nullopt;
  }
  if (found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace leadhub::normalise
