#include "normalise/email.hpp"

#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t label_bytes_max = 63;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string lower_ascii(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// ASCII only: what a form or a pasted line leaves around an address.
std::string_view without_outer_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

/// A quoted string (RFC 5321, section 4.1.2): inside, quotation marks and backslashes are escaped.
bool is_quoted(std::string_view local) {
  if (local.size() < 3 || local.front() != '"' || local.back() != '"') return false;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '"') return false;
    if (local[i] != '\\') continue;
    ++i;
    if (i + 1 == local.size()) return false;
  }
  return true;
}

/// Letters, digits and inner hyphens, at least two labels (RFC 5321, section 2.3.5; RFC 1035, section 2.3.1).
bool is_host_name(std::string_view domain) {
  std::size_t labels = 0;
  while (!domain.empty()) {
    const auto end = std::min(domain.find('.'), domain.size());
    const auto label = domain.substr(0, end);
    if (label.empty() || label.size() > label_bytes_max || label.front() == '-' || label.back() == '-')
      return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }))
      return false;
    ++labels;
    if (end == domain.size()) return labels >= 2;
    domain.remove_prefix(end + 1);
  }
  return false;  // ends in a dot
}

Result<std::string> canonical_domain(std::string_view domain) {
  auto lower = lower_ascii(domain);
  if (!is_ascii(domain) || lower.find("xn--") != std::string::npos) {
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<icu::IDNA> idna{icu::IDNA::createUTS46Instance(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES,
        status)};
    if (!idna) return fail(ErrorCode::internal, "ICU has no IDNA data; install libicu72");
    icu::IDNAInfo info;
    icu::UnicodeString ascii;
    status = U_ZERO_ERROR;
    idna->nameToASCII(icu::UnicodeString::fromUTF8({domain.data(), static_cast<std::int32_t>(domain.size())}),
                      ascii, info, status);
    if (U_FAILURE(status) || info.hasErrors())
      return fail(ErrorCode::invalid, "the e-mail address has a domain that is no internationalised name");
    lower.clear();
    ascii.toUTF8String(lower);
  }
  if (!is_host_name(lower))
    return fail(ErrorCode::invalid, "the e-mail address has no valid domain after its @");
  return lower;
}

std::string folded(std::string_view local) {
  if (is_ascii(local)) return lower_ascii(local);
  UErrorCode status = U_ZERO_ERROR;
  auto text = icu::UnicodeString::fromUTF8({local.data(), static_cast<std::int32_t>(local.size())});
  text.foldCase();
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  (U_SUCCESS(status) ? nfc->normalize(text, status) : text).toUTF8String(out);
  return out;
}

}  // namespace

Result<std::string> canonical_email(std::string_view given) {
  const auto trimmed = without_outer_blanks(given);
  if (std::any_of(trimmed.begin(), trimmed.end(), is_control))
    return fail(ErrorCode::invalid, "the e-mail address holds a control character");
  const auto address = clean_line(trimmed);
  const auto at = address.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == address.size())
    return fail(ErrorCode::invalid, "the e-mail address has no name or no domain around an @");
  const std::string_view local{address.data(), at};
  if (!is_quoted(local) && local.find_first_of(" @,;:<>()[]\\\"") != local.npos)
    return fail(ErrorCode::invalid, "the e-mail address holds a character that must not stand before the @");
  auto domain = canonical_domain(std::string_view{address}.substr(at + 1));
  if (!domain) return domain;
  const auto name = folded(local);
  // Folding and A-labels can be longer than what was given: the form that identifies must fit, too.
  if (std::max(local.size(), name.size()) > local_bytes_max ||
      std::max(address.size(), name.size() + 1 + domain->size()) > address_bytes_max)
    return fail(ErrorCode::invalid, "the e-mail address is longer than mail servers accept");
  return name + "@" + *domain;
}

}  // namespace leadhub::normalise
