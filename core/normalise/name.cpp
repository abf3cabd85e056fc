#include "normalise/name.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <vector>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

using Words = std::vector<std::string_view>;

// --- Vocabulary, in lower case without dots

constexpr std::array<std::string_view, 62> titles{
    "mr",        "mrs",   "ms",     "miss",  "mister",    "mx",    "dr",       "doctor",   "prof",
    "professor", "sir",   "madam",  "dame",  "lady",      "lord",  "rev",      "reverend", "father",
    "pastor",    "rabbi", "sister", "hon",   "honorable", "judge", "capt",     "captain",  "col",
    "colonel",   "lt",    "sgt",    "maj",   "major",     "gen",   "herr",     "hr",       "frau",
    "fräulein",  "ing",   "mag",    "ddr",   "mme",       "mlle",  "monsieur", "madame",   "maître",
    "sr",        "sra",   "srta",   "señor", "señora",    "sig",   "sigra",    "dott",     "dottssa",
    "avv",       "dhr",   "mevr",   "mw",    "drs",       "dra",   "hrn",      "fru"};

/// They go before a given name: "Sir Paul" has no family name.
constexpr std::array<std::string_view, 7> titles_of_given_names{"sir",    "dame",   "lady", "lord",
                                                                "father", "sister", "rabbi"};

constexpr std::array<std::string_view, 33> suffixes{
    "jr",  "sr",      "junior", "senior", "ii",    "iii", "iv", "phd", "md",  "dds", "dvm",
    "esq", "esquire", "mba",    "cpa",    "bsc",   "msc", "jd", "llb", "llm", "rn",  "qc",
    "kc",  "obe",     "mbe",    "cbe",    "dphil", "edd", "pe", "pmp", "mp",  "ret", "snr"};

/// With a capital they count as well: "Anthony Von Fange".
constexpr std::array<std::string_view, 20> particles{"van",  "von", "de",  "del", "della", "di",  "du",
                                                     "der",  "den", "des", "dos", "das",   "bin", "ibn",
                                                     "bint", "ter", "ten", "zu",  "vom",   "zum"};
/// Only in lower case: "Ben", "Da", "La" and "Al" are given names, too.
constexpr std::array<std::string_view, 14> lower_particles{"da", "do",  "la", "le", "las", "los", "el",
                                                           "al", "ben", "te", "af", "av",  "zur", "dal"};

constexpr std::array<std::string_view, 30> legal_forms{
    "ltd",  "limited", "inc", "incorporated", "llc", "llp", "plc", "corp", "corporation", "co",
    "gmbh", "ag",      "ug",  "kg",           "ohg", "ev",  "sa",  "sas",  "sarl",        "srl",
    "spa",  "bv",      "nv",  "oy",           "ab",  "aps", "as",  "kft",  "sro",         "pty"};

constexpr std::array<std::u16string_view, 18> double_surnames{
    u"欧阳", u"歐陽", u"司马", u"司馬", u"诸葛", u"諸葛", u"上官", u"夏侯", u"东方",
    u"東方", u"皇甫", u"尉迟", u"公孙", u"남궁", u"황보", u"제갈", u"선우", u"독고"};

/// Surnames of one character that most Chinese bear. Of three characters, one of these leads two of a given
/// name; else a Japanese surname of two is likelier.
constexpr std::u16string_view single_surnames =
    u"王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭田"
    u"董潘袁蔡蒋蔣余于杜叶葉程魏苏蘇"
    u"吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛闫段雷龙龍黎史陶贺賀毛郝"
    u"顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔"
    u"向常";

constexpr std::array<std::u16string_view, 8> east_asian_honorifics{u"様",   u"さん", u"先生", u"女士",
                                                                   u"小姐", u"さま", u"씨",   u"님"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The word as the vocabulary has it.
std::string key_of(std::string_view word) {
  std::string key;
  for (const char c : word)
    if (c != '.' && c != ',') key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return key;
}

// --- Text

Words words_of(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    if (!word.empty()) words.push_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

template <class Iterator>
std::string joined(Iterator begin, Iterator end) {
  std::string out;
  for (; begin != end; ++begin) {
    if (!out.empty()) out += ' ';
    out += *begin;
  }
  return out;
}

std::string joined(const Words& words) {
  return joined(words.begin(), words.end());
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Without "(Bubba)" and its blanks.
std::string without_nickname(std::string_view full) {
  const auto open = full.find('('), close = full.find(')', open == full.npos ? 0 : open);
  if (open == full.npos || close == full.npos) return std::string{full};
  return clean_line(std::string{full.substr(0, open)} + " " + std::string{full.substr(close + 1)});
}

// --- Han, Hangul, kana

enum class Script { other = 1, han, hangul, kana };

Script script_of(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
      return Script::han;
    case USCRIPT_HANGUL:
      return Script::hangul;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return Script::kana;
    default:
      return c == 0x30FC ? Script::kana : Script::other;  // the mark that lengthens a vowel
  }
}

bool is_separator(char16_t c) {
  return c == ' ' || c == 0x30FB || c == 0xB7;  // the dots between the words of a foreign name
}

bool is_east_asian(const icu::UnicodeString& text) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    if (!is_separator(text[i]) && script_of(text.char32At(i)) == Script::other) return false;
  return !text.isEmpty();
}

icu::UnicodeString icu_text(std::u16string_view text) {
  return std::u16string{text}.c_str();
}

/// How many UTF-16 units of an undivided name are the family name; 0: cannot be told.
std::int32_t family_length(const icu::UnicodeString& name) {
  const auto length = name.countChar32();
  if (length < 2) return 0;
  for (const auto surname : double_surnames)
    if (length > 2 && name.startsWith(icu_text(surname))) return static_cast<std::int32_t>(surname.size());
  const auto first = script_of(name.char32At(0));
  if (first == Script::kana) return 0;
  for (std::int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1))
    if (script_of(name.char32At(i)) != first) return i;
  const bool two = first == Script::han &&
                   (length == 4 || (length == 3 && single_surnames.find(name[0]) == single_surnames.npos));
  if (length > 4) return 0;
  return name.moveIndex32(0, two ? 2 : 1);
}

PersonName split_east_asian(icu::UnicodeString text) {
  PersonName name;
  for (const auto honorific : east_asian_honorifics) {
    const auto size = static_cast<std::int32_t>(honorific.size());
    if (text.length() < size + 2 || !text.endsWith(icu_text(honorific))) continue;
    name.suffix = utf8(text.tempSubString(text.length() - size));
    text.truncate(text.length() - size);
    text.trim();
    break;
  }
  // Foreign names are written in their own order, with a dot between.
  for (const char16_t dot : {char16_t{0x30FB}, char16_t{0xB7}})
    if (const auto at = text.lastIndexOf(dot); at > 0) {
      name.given = utf8(text.tempSubString(0, at));
      name.family = utf8(text.tempSubString(at + 1));
      return name;
    }
  const auto blank = text.indexOf(static_cast<char16_t>(' '));
  const auto at = blank > 0 ? blank : family_length(text);
  name.family = utf8(text.tempSubString(0, at));
  name.given = utf8(text.tempSubString(blank > 0 ? blank + 1 : at));
  return name;
}

// --- Everywhere else

/// Takes the titles off the front; one word stays.
std::string take_titles(Words& words) {
  std::size_t count = 0;
  while (count + 1 < words.size()) {
    const auto key = key_of(words[count]);
    const bool is_honour = count + 2 < words.size() && (key == "her" || key == "his" || key == "your") &&
                           key_of(words[count + 1]).starts_with("hono");
    if (!is_honour && !contains(titles, key)) break;
    count += is_honour ? 2 : 1;
  }
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  auto prefix = joined(words.begin(), end);
  words.erase(words.begin(), end);
  return prefix;
}

bool is_suffix(std::string_view word) {
  return contains(suffixes, key_of(word));
}

/// Takes generations and degrees off the end; `least` words stay.
std::string take_suffixes(Words& words, std::size_t least) {
  auto begin = words.end();
  while (static_cast<std::size_t>(begin - words.begin()) > least && is_suffix(*(begin - 1))) --begin;
  auto suffix = joined(begin, words.end());
  words.erase(begin, words.end());
  return suffix;
}

bool is_particle(std::string_view word) {
  return contains(particles, key_of(word)) || contains(lower_particles, word);
}

/// Where the family name begins; something is left in front of it.
std::size_t family_begin(const Words& words) {
  auto begin = words.size() - 1;
  if (begin > 2 && (words[begin - 1] == "y" || words[begin - 1] == "e")) begin -= 2;  // Ortega y Gasset
  while (begin > 1 && is_particle(words[begin - 1])) --begin;
  return begin;
}

/// "DUPONT", not "JB": three letters or more, a vowel among them.
bool is_shouted(std::string_view word) {
  return word.size() > 2 && word.find_first_of("AEIOUY") != word.npos &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '\''; });
}

/// How many words in front are a family name in capitals, before others that are not.
std::size_t shouted_family(const Words& words) {
  const auto quiet = std::find_if_not(words.begin(), words.end(), is_shouted);
  if (quiet == words.begin() || std::any_of(quiet, words.end(), is_shouted)) return 0;
  return static_cast<std::size_t>(quiet - words.begin()) % words.size();
}

PersonName split_in_order(Words words) {
  PersonName name;
  name.prefix = take_titles(words);
  name.suffix = take_suffixes(words, 2);
  if (words.empty()) return name;
  if (words.size() == 1) {
    const auto last_title = key_of(name.prefix.substr(name.prefix.rfind(' ') + 1));
    (name.prefix.empty() || contains(titles_of_given_names, last_title) ? name.given : name.family) =
        words[0];
    return name;
  }
  if (const auto shouted = shouted_family(words); shouted > 0) {
    const auto end = words.begin() + static_cast<std::ptrdiff_t>(shouted);
    name.family = joined(words.begin(), end);
    name.given = joined(end, words.end());
    return name;
  }
  const auto begin = words.begin() + static_cast<std::ptrdiff_t>(family_begin(words));
  name.given = joined(words.begin(), begin);
  name.family = joined(begin, words.end());
  return name;
}

/// "Family, Given", "Family, Given, Jr." and "Given Family, PhD".
PersonName split_at_commas(std::string_view full) {
  std::vector<Words> parts;
  while (!full.empty()) {
    const auto part = full.substr(0, full.find(','));
    if (auto words = words_of(part); !words.empty()) parts.push_back(std::move(words));
    full.remove_prefix(std::min(full.size(), part.size() + 1));
  }
  std::string suffix;
  while (parts.size() > 1 && std::all_of(parts.back().begin(), parts.back().end(), is_suffix)) {
    suffix.insert(0, suffix.empty() ? "" : ", ").insert(0, joined(parts.back()));
    parts.pop_back();
  }
  PersonName name;
  if (parts.size() == 1) {
    name = split_in_order(parts.front());
  } else if (parts.size() > 1) {
    name.prefix = take_titles(parts.front());
    name.family = joined(parts.front());
    Words given;
    for (std::size_t i = 1; i < parts.size(); ++i)
      given.insert(given.end(), parts[i].begin(), parts[i].end());
    if (auto taken = take_titles(given); name.prefix.empty()) name.prefix = std::move(taken);
    name.suffix = take_suffixes(given, 1);
    name.given = joined(given);
  }
  if (!suffix.empty()) name.suffix += (name.suffix.empty() ? "" : ", ") + suffix;
  return name;
}

// --- Capitals

/// Whether a letter there begins a part of the name: O'Neil, Smith-Jones, McDonald. Mac is left alone, for
/// Macey and Machado.
bool begins_part(const icu::UnicodeString& word, std::int32_t at) {
  if (at == 0) return true;
  const UChar32 before = word.char32At(at - 1);
  if (before == '\'' || before == 0x2019) return at == 2;
  if (!u_isalpha(before)) return !u_hasBinaryProperty(before, UCHAR_GRAPHEME_EXTEND);
  return at >= 2 && word[at - 1] == 'c' && word[at - 2] == 'M' && word.length() > at + 1;
}

icu::UnicodeString capitalised(icu::UnicodeString word) {
  word.toLower();
  for (std::int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    const UChar32 c = word.char32At(i);
    if (u_isalpha(c) && begins_part(word, i)) word.replace(i, U16_LENGTH(c), u_totitle(c));
  }
  return word;
}

}  // namespace

PersonName split_name(std::string_view full) {
  const auto cleaned = without_nickname(clean_line(full));
  if (cleaned.empty() || is_company_name(cleaned)) return {};
  if (!is_ascii(cleaned))
    if (auto text = icu::UnicodeString::fromUTF8(cleaned); is_east_asian(text))
      return split_east_asian(std::move(text));
  return cleaned.find(',') == cleaned.npos ? split_in_order(words_of(cleaned)) : split_at_commas(cleaned);
}

std::string suggested_capitals(std::string_view given) {
  const auto cleaned = clean_line(given);
  const auto text = icu::UnicodeString::fromUTF8(cleaned);
  const bool is_lower = icu::UnicodeString{text}.toLower() == text;
  const bool is_upper = icu::UnicodeString{text}.toUpper() == text;
  if (is_lower == is_upper) return {};  // mixed, or of a script without capitals
  std::string out;
  const auto words = words_of(cleaned);
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto word = icu::UnicodeString::fromUTF8({words[i].data(), static_cast<std::int32_t>(words[i].size())});
    const auto key = key_of(words[i]);
    const bool stays_low =
        i > 0 && i + 1 < words.size() && (contains(particles, key) || contains(lower_particles, key));
    if (!out.empty()) out += ' ';
    out += utf8(stays_low ? word.toLower() : capitalised(std::move(word)));
  }
  return out == cleaned ? std::string{} : out;
}

bool is_company_name(std::string_view name) {
  const auto words = words_of(name);
  return words.size() > 1 && contains(legal_forms, key_of(words.back()));
}

std::string company_name(std::string_view given) {
  constexpr std::array<std::string_view, 14> placeholders{
      "na", "none", "n/a", "-", "--", "no", "nil", "null", "x", "xx", "xxx", "test", "keine", "ninguna"};
  auto name = clean_line(given);
  if (name.size() > 2 && name.front() == '"' && name.back() == '"')
    name = clean_line(name.substr(1, name.size() - 2));
  const auto key = key_of(name);
  return key.empty() || contains(placeholders, key) ? std::string{} : name;
}

}  // namespace leadhub::normalise
