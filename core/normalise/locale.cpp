#include "normalise/locale.hpp"

#include "ops/local_time.hpp"

#include <unicode/locid.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

using Table = std::unordered_map<std::string, std::string>;

constexpr std::array readers{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "ru", "ja", "zh"};

std::string folded(icu::UnicodeString text) {
  std::string out;
  return text.foldCase().toUTF8String(out);
}

/// Names in the languages above and in the language itself; of two languages with one name the first counts.
Table name_table() {
  Table table;
  for (const char* const* code = icu::Locale::getISOLanguages(); *code != nullptr; ++code) {
    if (std::strlen(*code) != 2) continue;  // those that people fill forms in
    const icu::Locale language{*code};
    icu::UnicodeString name;
    table.emplace(folded(language.getDisplayLanguage(language, name)), *code);
    for (const auto* reader : readers)
      table.emplace(folded(language.getDisplayLanguage(icu::Locale{reader}, name)), *code);
  }
  return table;
}

bool is_language(const char* code) {
  const auto* const* all = icu::Locale::getISOLanguages();
  for (; *all != nullptr; ++all)
    if (std::strcmp(*all, code) == 0) return true;
  return false;
}

std::optional<std::string> from_tag(std::string tag) {
  std::replace(tag.begin(), tag.end(), '_', '-');
  UErrorCode status = U_ZERO_ERROR;
  auto locale = icu::Locale::forLanguageTag(tag, status);
  if (U_FAILURE(status) || locale.isBogus() || !is_language(locale.getLanguage())) return std::nullopt;
  auto out = locale.toLanguageTag<std::string>(status);
  // What ICU cannot read at the end it leaves out; then it is no tag.
  if (U_FAILURE(status) || std::count(out.begin(), out.end(), '-') != std::count(tag.begin(), tag.end(), '-'))
    return std::nullopt;
  return out;
}

/// ICU keeps the names that CLDR began with; these are the ones of today.
std::string iana_name(const std::string& name) {
  static const Table renamed{
      {"Asia/Calcutta", "Asia/Kolkata"},  {"Asia/Katmandu", "Asia/Kathmandu"},
      {"Asia/Rangoon", "Asia/Yangon"},    {"Asia/Saigon", "Asia/Ho_Chi_Minh"},
      {"Africa/Asmera", "Africa/Asmara"}, {"Atlantic/Faeroe", "Atlantic/Faroe"},
      {"Europe/Kiev", "Europe/Kyiv"},     {"America/Buenos_Aires", "America/Argentina/Buenos_Aires"}};
  const auto found = renamed.find(name);
  return found == renamed.end() ? name : found->second;
}

/// What its clock shows through some years of today's rules, month by month.
std::vector<std::int32_t> offsets_of(const icu::TimeZone& zone) {
  constexpr double begin = 1'704'067'200'000.0;  // 2024-01-01, in milliseconds as ICU has them
  constexpr double half_month = 15.0 * 24 * 3'600'000;
  constexpr int steps = 72;
  std::vector<std::int32_t> offsets;
  for (int i = 0; i < steps; ++i) {
    std::int32_t raw = 0, summer = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone.getOffset(begin + i * half_month, 0, raw, summer, status);
    offsets.push_back(raw + summer);
  }
  return offsets;
}

/// CLDR's choice among zones of a country that show the same: Berlin, not Busingen.
std::string chief_of(const std::vector<std::string>& zones, const std::string& country) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString family, chief;
  icu::TimeZone::getWindowsID(icu::UnicodeString::fromUTF8(zones.front()), family, status);
  icu::TimeZone::getIDForWindowsID(family, country.c_str(), chief, status);
  std::string name;
  chief.toUTF8String(name);
  return std::find(zones.begin(), zones.end(), name) == zones.end() ? zones.front() : name;
}

/// The zone of a country, or empty where its clocks differ.
std::string found_zone(const std::string& country) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::StringEnumeration> names{icu::TimeZone::createTimeZoneIDEnumeration(
      UCAL_ZONE_TYPE_CANONICAL_LOCATION, country.c_str(), nullptr, status)};
  if (!names || U_FAILURE(status)) return {};
  std::vector<std::string> zones;
  while (const auto* name = names->next(nullptr, status)) zones.emplace_back(name);
  if (zones.empty()) return {};
  const auto offsets = [](const std::string& name) {
    const std::unique_ptr<icu::TimeZone> zone{
        icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name))};
    return offsets_of(*zone);
  };
  const auto first = offsets(zones.front());
  if (!std::all_of(zones.begin() + 1, zones.end(), [&](const auto& zone) { return offsets(zone) == first; }))
    return {};
  return iana_name(chief_of(zones, country));
}

}  // namespace

std::optional<std::string> language_tag(std::string_view given) {
  auto cleaned = clean_line(given);
  cleaned = clean_line(std::string_view{cleaned}.substr(0, cleaned.find_first_of(",;")));
  constexpr std::size_t longest = 64;  // a name or a tag with some subtags
  if (cleaned.empty() || cleaned.size() > longest) return std::nullopt;
  if (auto tag = from_tag(cleaned)) return tag;
  static const auto names = name_table();
  const auto found = names.find(folded(icu::UnicodeString::fromUTF8(cleaned)));
  if (found == names.end()) return std::nullopt;
  return found->second;
}

bool is_time_zone(std::string_view name) {
  if (name.empty() || name.find('/') == name.npos) return name == "UTC" || name == "GMT";
  const std::unique_ptr<icu::TimeZone> zone{icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())}))};
  // ICU knows names of its own, by which nobody else can tell the time.
  return *zone != icu::TimeZone::getUnknown() && has_local_time(std::string{name});
}

std::optional<std::string> time_zone_of_country(std::string_view country) {
  constexpr auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (country.size() != 2 || !is_capital(country[0]) || !is_capital(country[1])) return std::nullopt;
  static std::mutex mutex;
  static Table known;  // 676 at most
  const std::string code{country};
  const std::scoped_lock lock{mutex};
  auto found = known.find(code);
  if (found == known.end()) found = known.emplace(code, found_zone(code)).first;
  if (found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace leadhub::normalise
