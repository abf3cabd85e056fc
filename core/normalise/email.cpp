#include "normalise/email.hpp"

#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>

#include "ops/limits.hpp"

namespace leadhub::normalise {
namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t label_bytes_max = 63;

struct ReasonRow {
  EmailReason reason;
  std::string_view code;
  lead::Verdict verdict;
  std::string_view sentence;
};

constexpr auto valid = lead::Verdict::valid;
constexpr auto risky = lead::Verdict::risky;
constexpr auto invalid = lead::Verdict::invalid;

/// In the order of the enumeration.
constexpr std::array reasons{
    ReasonRow{EmailReason::ok, "ok", valid, "the e-mail address is well formed"},
    ReasonRow{EmailReason::quoted_local, "quoted_local", risky,
              "the e-mail address has quotation marks before its @"},
    ReasonRow{EmailReason::invisible_character, "invisible_character", risky,
              "the e-mail address holds a character that shows nothing"},
    ReasonRow{EmailReason::mixed_script, "mixed_script", risky,
              "the e-mail address mixes letters of several scripts"},
    ReasonRow{EmailReason::homograph, "homograph", risky,
              "the e-mail address has a domain that only looks like Latin letters"},
    ReasonRow{EmailReason::special_use_domain, "special_use_domain", invalid,
              "the e-mail address has a domain that is reserved and takes no mail"},
    ReasonRow{EmailReason::empty, "empty", invalid, "the e-mail address is empty"},
    ReasonRow{EmailReason::no_at, "no_at", invalid,
              "the e-mail address has no name or no domain around an @"},
    ReasonRow{EmailReason::empty_local, "empty_local", invalid,
              "the e-mail address has no name or no domain around an @"},
    ReasonRow{EmailReason::empty_domain, "empty_domain", invalid,
              "the e-mail address has no name or no domain around an @"},
    ReasonRow{EmailReason::several_at, "several_at", invalid, "the e-mail address has more than one @"},
    ReasonRow{EmailReason::several_addresses, "several_addresses", invalid,
              "there is more than one e-mail address"},
    ReasonRow{EmailReason::display_name, "display_name", invalid,
              "the e-mail address stands in angle brackets; give it without them and without a name"},
    ReasonRow{EmailReason::comment, "comment", invalid, "the e-mail address holds a comment in parentheses"},
    ReasonRow{EmailReason::blank, "blank", invalid, "the e-mail address holds a blank"},
    ReasonRow{EmailReason::control_character, "control_character", invalid,
              "the e-mail address holds a control character"},
    ReasonRow{EmailReason::bidi_control, "bidi_control", invalid,
              "the e-mail address holds a character that turns the writing direction"},
    ReasonRow{EmailReason::unsafe_character, "unsafe_character", invalid,
              "the e-mail address holds a character that is not safe to use"},
    ReasonRow{EmailReason::local_character, "local_character", invalid,
              "the e-mail address holds a character that must not stand before the @"},
    ReasonRow{EmailReason::quoted_local_broken, "quoted_local_broken", invalid,
              "the e-mail address has a quotation mark where none can stand"},
    ReasonRow{EmailReason::dot_sequence, "dot_sequence", invalid,
              "the e-mail address has a dot too many before its @"},
    ReasonRow{EmailReason::local_too_long, "local_too_long", invalid,
              "the e-mail address is longer before its @ than mail servers accept"},
    ReasonRow{EmailReason::address_too_long, "address_too_long", invalid,
              "the e-mail address is longer than mail servers accept"},
    ReasonRow{EmailReason::address_literal, "address_literal", invalid,
              "the e-mail address has a network address instead of a domain"},
    ReasonRow{EmailReason::bare_top_level, "bare_top_level", invalid,
              "the e-mail address has no dot in its domain"},
    ReasonRow{EmailReason::top_level_invalid, "top_level_invalid", invalid,
              "the e-mail address has a domain whose end is no top-level domain"},
    ReasonRow{EmailReason::domain_invalid, "domain_invalid", invalid,
              "the e-mail address has no valid domain after its @"},
};
static_assert(std::is_sorted(reasons.begin(), reasons.end(),
                             [](const auto& a, const auto& b) { return a.reason < b.reason; }));

const ReasonRow& row_of(EmailReason reason) {
  return reasons[static_cast<std::size_t>(reason) - 1];
}

// --- Characters

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

std::string lower_ascii(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

icu::UnicodeString decoded(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

icu::UnicodeString composed(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  return U_SUCCESS(status) ? nfc->normalize(text, status) : text;
}

/// What a word outside quotation marks must not hold; everything else printable is an atext of RFC 5322 or,
/// beyond ASCII, of RFC 6531.
constexpr std::string_view specials = " @,;:<>()[]\\\"";

bool is_special(char16_t c) {
  return c < 0x80 && specials.find(static_cast<char>(c)) != specials.npos;
}

bool is_bidi_control(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL);
}

bool is_joiner(UChar32 c) {
  return c == 0x200C || c == 0x200D;
}

/// What copying from a page or an address book leaves at either end.
bool is_wrapping(UChar32 c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || u_isUWhiteSpace(c) || is_bidi_control(c) || c == 0xFEFF ||
         c == 0x200B;
}

std::string_view without_outer_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

/// An address as it is judged: cleaned text, or why it cannot be cleaned.
struct Cleaned {
  std::string text;
  EmailReason reason = EmailReason::ok;
};

/// In NFC, without joiners where they hide: they belong between letters of scripts that join. Taking one out
/// may let a letter and its accent meet, hence again until nothing changes.
icu::UnicodeString composed_without_hidden_joiners(const icu::UnicodeString& text) {
  auto out = composed(text);
  for (bool changes = true; changes;) {
    icu::UnicodeString kept;
    for (std::int32_t i = 0; i < out.length(); ++i) {
      const auto before = kept.isEmpty() ? u' ' : kept[kept.length() - 1];
      if (!is_joiner(out[i]) || (before >= 0x80 && !is_joiner(before))) kept.append(out[i]);
    }
    changes = kept.length() != out.length();
    if (changes) out = composed(kept);
  }
  return out;
}

/// The last character that is no joiner; a blank where there is none.
char16_t last_shown(const icu::UnicodeString& text) {
  auto i = text.length();
  while (i > 0 && is_joiner(text[i - 1])) --i;
  return i == 0 ? u' ' : text[i - 1];
}

Cleaned cleaned_unicode(std::string_view given) {
  auto text = decoded(given);
  std::int32_t begin = 0, end = text.length();
  while (begin < end && is_wrapping(text.char32At(begin))) begin = text.moveIndex32(begin, 1);
  while (begin < end && is_wrapping(text.char32At(text.moveIndex32(end, -1))))
    end = text.moveIndex32(end, -1);
  text = icu::UnicodeString{text, begin, end - begin};

  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const auto category = u_charType(c);
    if (category == U_CONTROL_CHAR) return {{}, EmailReason::control_character};
    if (is_bidi_control(c)) return {{}, EmailReason::bidi_control};
    if (c >= 0x80 && u_isUWhiteSpace(c)) return {{}, EmailReason::blank};
    const auto base = last_shown(kept);
    const bool lacks_base = base == '.' || is_special(base);
    if (c == 0xFFFD || category == U_PRIVATE_USE_CHAR || category == U_UNASSIGNED ||
        category == U_SURROGATE || (lacks_base && (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0))
      return {{}, EmailReason::unsafe_character};
    if (category != U_FORMAT_CHAR || is_joiner(c)) kept.append(c);
  }
  const auto clean = composed_without_hidden_joiners(kept);
  const bool is_whole = clean == composed(text);
  return {utf8(clean), is_whole ? EmailReason::ok : EmailReason::invisible_character};
}

Cleaned cleaned(std::string_view given) {
  if (!is_ascii(given)) return cleaned_unicode(given);
  const auto trimmed = without_outer_blanks(given);
  if (std::any_of(trimmed.begin(), trimmed.end(), is_control)) return {{}, EmailReason::control_character};
  return {std::string{trimmed}, EmailReason::ok};
}

// --- The local part

/// The @ after a quoted local part, or npos where the quotation does not end just before one. Escapes are for
/// ASCII (RFC 6531 leaves RFC 5321's quoted-pair as it is).
std::size_t at_after_quotation(std::string_view address) {
  for (std::size_t i = 1; i + 1 < address.size(); ++i) {
    if (address[i] == '\\') {
      if (static_cast<unsigned char>(address[++i]) >= 0x80) return address.npos;
    } else if (address[i] == '"') {
      return address[i + 1] == '@' ? i + 1 : address.npos;
    }
  }
  return address.npos;
}

bool has_stray_dot(std::string_view local) {
  return local.front() == '.' || local.back() == '.' || local.find("..") != local.npos;
}

/// The content of a quoted local part, without escapes.
std::string unquoted(std::string_view local) {
  std::string out;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '\\') ++i;
    out += local[i];
  }
  return out;
}

/// With quotation marks where it needs them, and no more escapes than it needs.
std::string quoted_if_needed(const std::string& content) {
  if (content.find_first_of(specials) == content.npos && !has_stray_dot(content)) return content;
  std::string out = "\"";
  for (const char c : content) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// The first thing that is wrong with what holds a special where none can stand.
EmailReason complaint(std::string_view address) {
  if (address.back() == '>' && address.find('<') != address.npos) return EmailReason::display_name;
  const auto first = address.find_first_of(specials);
  switch (address[first]) {
    case ' ':
      return EmailReason::blank;
    case '(':
      return EmailReason::comment;
    case ',':
    case ';':
      return EmailReason::several_addresses;
    case '"':
      return EmailReason::quoted_local_broken;
    case '@':
      return first == 0 ? EmailReason::empty_local : EmailReason::several_at;
    default:
      return EmailReason::local_character;
  }
}

// --- The domain

/// Letters, digits and inner hyphens, at least two labels (RFC 5321, section 2.3.5; RFC 1035, section 2.3.1).
EmailReason judged_host_name(std::string_view domain) {
  std::size_t labels = 0;
  std::string_view label;
  for (bool last = false; !last; ++labels) {
    const auto end = std::min(domain.find('.'), domain.size());
    label = domain.substr(0, end);
    if (label.empty() || label.size() > label_bytes_max || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; }))
      return EmailReason::domain_invalid;
    last = end == domain.size();
    if (!last) domain.remove_prefix(end + 1);
  }
  if (labels < 2) return EmailReason::bare_top_level;
  return is_letter(label.back()) ? EmailReason::ok : EmailReason::top_level_invalid;
}

/// The registries' lists, without the names that documents use for examples: mail cannot go there either,
/// and people try things out with them.
bool is_special_use(std::string_view domain) {
  constexpr std::array<std::string_view, 8> top_levels{"alt",   "arpa",      "internal", "invalid",
                                                       "local", "localhost", "onion",    "test"};
  return std::find(top_levels.begin(), top_levels.end(), domain.substr(domain.rfind('.') + 1)) !=
         top_levels.end();
}

const icu::IDNA* idna() {
  UErrorCode status = U_ZERO_ERROR;
  static const std::unique_ptr<icu::IDNA> instance{
      icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE |
                                         UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES,
                                     status)};
  return instance.get();
}

/// The domain in lower case as A-labels, or empty where IDNA refuses it.
std::string ascii_domain(std::string_view domain) {
  auto out = lower_ascii(domain);
  if (is_ascii(domain) && out.find("xn--") == out.npos) return out;
  out.clear();
  icu::IDNAInfo info;
  icu::UnicodeString ascii;
  UErrorCode status = U_ZERO_ERROR;
  if (idna() == nullptr) return out;
  idna()->nameToASCII(decoded(domain), ascii, info, status);
  if (U_SUCCESS(status) && !info.hasErrors()) ascii.toUTF8String(out);
  return out;
}

// --- Looks

const USpoofChecker* spoof_checker() {
  static const std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> checker{
      [] {
        UErrorCode status = U_ZERO_ERROR;
        auto* made = uspoof_open(&status);
        uspoof_setChecks(made, USPOOF_RESTRICTION_LEVEL, &status);
        uspoof_setRestrictionLevel(made, USPOOF_HIGHLY_RESTRICTIVE);
        return U_SUCCESS(status) ? made : nullptr;
      }(),
      &uspoof_close};
  return checker.get();
}

bool mixes_scripts(const icu::UnicodeString& word) {
  UErrorCode status = U_ZERO_ERROR;
  return spoof_checker() != nullptr &&
         uspoof_check2UnicodeString(spoof_checker(), word, nullptr, &status) != 0;
}

/// Whether a label without any Latin letter is drawn like one that is all Latin.
bool looks_latin(const icu::UnicodeString& label) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString skeleton;
  bool has_letter = false;
  for (std::int32_t i = 0; i < label.length(); ++i) {
    if (is_letter(static_cast<char>(label[i] < 0x80 ? label[i] : 0))) return false;
    has_letter = has_letter || label[i] >= 0x80;
  }
  if (!has_letter || spoof_checker() == nullptr) return false;
  uspoof_getSkeletonUnicodeString(spoof_checker(), 0, label, skeleton, &status);
  for (std::int32_t i = 0; i < skeleton.length(); ++i)
    if (skeleton[i] >= 0x80) return false;
  return U_SUCCESS(status);
}

/// Each label and the local part by itself: a Cyrillic name at a Latin domain is what millions have.
EmailReason judged_looks(std::string_view local, std::string_view domain) {
  if (!is_ascii(local) && mixes_scripts(decoded(local))) return EmailReason::mixed_script;
  if (domain.find("xn--") == domain.npos) return EmailReason::ok;
  const bool latin_top_level = !domain.substr(domain.rfind('.') + 1).starts_with("xn--");
  const auto readable = unicode_domain(domain);
  for (std::string_view rest = readable; !rest.empty();) {
    const auto label = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(rest.size(), label.size() + 1));
    if (is_ascii(label)) continue;
    const auto word = decoded(label);
    if (mixes_scripts(word)) return EmailReason::mixed_script;
    if (latin_top_level && looks_latin(word)) return EmailReason::homograph;
  }
  return EmailReason::ok;
}

std::string folded(std::string_view local) {
  if (is_ascii(local)) return lower_ascii(local);
  return utf8(composed_without_hidden_joiners(decoded(local).foldCase()));
}

}  // namespace

std::string_view code_of(EmailReason reason) {
  return row_of(reason).code;
}

std::string_view sentence_of(EmailReason reason) {
  return row_of(reason).sentence;
}

lead::Verdict verdict_of(EmailReason reason) {
  return row_of(reason).verdict;
}

std::string_view EmailAddress::local() const {
  return std::string_view{send_to}.substr(0, send_to.empty() ? 0 : send_to.rfind('@'));
}

std::string_view EmailAddress::domain() const {
  return std::string_view{send_to}.substr(send_to.empty() ? 0 : send_to.rfind('@') + 1);
}

bool EmailAddress::needs_smtputf8() const {
  return !is_ascii(local());
}

EmailAddress read_email(std::string_view given) {
  const auto refused = [](EmailReason reason) { return EmailAddress{reason, {}, {}}; };
  if (given.size() > limits::email_given_bytes_max) return refused(EmailReason::address_too_long);
  const auto [address, cleaning] = cleaned(given);
  if (verdict_of(cleaning) == invalid) return refused(cleaning);
  if (address.empty()) return refused(EmailReason::empty);
  if (address.find('@') == address.npos) return refused(EmailReason::no_at);

  const bool is_quoted = address.front() == '"';
  const auto at = is_quoted ? at_after_quotation(address) : address.find_first_of(specials);
  if (at == address.npos || address[at] != '@') return refused(complaint(address));
  const std::string_view local{address.data(), at};
  const auto domain = std::string_view{address}.substr(at + 1);
  if (local.empty()) return refused(EmailReason::empty_local);
  if (domain.empty()) return refused(EmailReason::empty_domain);
  if (domain.front() == '[' && domain.back() == ']') return refused(EmailReason::address_literal);
  if (const auto wrong = domain.find_first_of(specials); wrong != domain.npos)
    return refused(domain[wrong] == '@' ? EmailReason::several_at : complaint(domain));
  if (!is_quoted && has_stray_dot(local)) return refused(EmailReason::dot_sequence);

  const auto content = is_quoted ? unquoted(local) : std::string{local};
  if (content.empty()) return refused(EmailReason::empty_local);
  const auto name = is_quoted ? quoted_if_needed(content) : content;
  const auto host = ascii_domain(domain);
  const auto judged = host.empty() ? EmailReason::domain_invalid : judged_host_name(host);
  if (judged != EmailReason::ok) return refused(judged);
  // Folding and A-labels can be longer than what was given: the form that identifies must fit, too.
  const auto canonical_name = folded(name);
  if (std::max(local.size(), canonical_name.size()) > local_bytes_max)
    return refused(EmailReason::local_too_long);
  if (std::max({address.size(), name.size() + 1 + host.size(), canonical_name.size() + 1 + host.size()}) >
      address_bytes_max)
    return refused(EmailReason::address_too_long);

  EmailAddress out{cleaning, canonical_name + '@' + host, name + '@' + host};
  if (is_special_use(host))
    out.reason = EmailReason::special_use_domain;
  else if (const auto looks = judged_looks(name, host); looks != EmailReason::ok)
    out.reason = looks;
  else if (is_quoted)
    out.reason = EmailReason::quoted_local;
  return out;
}

Result<std::string> canonical_email(std::string_view given) {
  auto address = read_email(given);
  if (address.canonical.empty()) return fail(ErrorCode::invalid, std::string{sentence_of(address.reason)});
  return std::move(address.canonical);
}

std::string unicode_domain(std::string_view domain) {
  icu::IDNAInfo info;
  icu::UnicodeString readable;
  UErrorCode status = U_ZERO_ERROR;
  if (domain.find("xn--") == domain.npos || idna() == nullptr) return std::string{domain};
  idna()->nameToUnicode(decoded(domain), readable, info, status);
  std::string out;
  return U_SUCCESS(status) && !info.hasErrors() ? readable.toUTF8String(out) : std::string{domain};
}

}  // namespace leadhub::normalise
