#include "verify/email_typo.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "verify/built_in_lists.hpp"
#include "verify/email_lists.hpp"

namespace leadhub::verify {
namespace {

constexpr std::size_t domain_bytes_max = 253;
constexpr std::size_t short_name_bytes = 8;     // "gmx.com", "msn.com": with two slips anything is near
constexpr std::size_t distinct_name_bytes = 5;  // "comcast"; "web" and "mail" stand under every top level

constexpr std::array<std::string_view, 54> domains{
    "gmail.com",      "yahoo.com",      "hotmail.com",   "outlook.com",    "icloud.com",   "aol.com",
    "gmx.de",         "web.de",         "t-online.de",   "googlemail.com", "live.com",     "msn.com",
    "me.com",         "mac.com",        "proton.me",     "protonmail.com", "gmx.com",      "gmx.net",
    "gmx.at",         "gmx.ch",         "mail.com",      "mail.ru",        "yandex.ru",    "yahoo.co.uk",
    "hotmail.co.uk",  "btinternet.com", "sky.com",       "yahoo.fr",       "hotmail.fr",   "orange.fr",
    "wanadoo.fr",     "free.fr",        "laposte.net",   "yahoo.de",       "freenet.de",   "libero.it",
    "hotmail.it",     "yahoo.it",       "hotmail.es",    "yahoo.es",       "comcast.net",  "verizon.net",
    "att.net",        "sbcglobal.net",  "bellsouth.net", "rocketmail.com", "facebook.com", "yahoo.co.in",
    "rediffmail.com", "yahoo.com.br",   "uol.com.br",    "zoho.com",       "ymail.com",    "email.com"};

constexpr std::array<std::string_view, 14> top_levels{"com",    "net",   "org",    "co.uk", "de",
                                                      "fr",     "info",  "edu",    "gov",   "biz",
                                                      "com.br", "co.jp", "com.au", "co.in"};

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

struct Split {
  std::string_view name;       ///< "yahoo"
  std::string_view top_level;  ///< "co.uk"
};

/// At the first dot: what stands before it is what people remember.
Split split(std::string_view domain) {
  const auto dot = domain.find('.');
  return dot == domain.npos ? Split{domain, {}} : Split{domain.substr(0, dot), domain.substr(dot + 1)};
}

/// The nearest of `candidates`, if any is near enough.
std::optional<std::string_view> nearest(std::string_view typed, std::span<const std::string_view> candidates,
                                        std::size_t most) {
  std::optional<std::string_view> best;
  for (const auto candidate : candidates) {
    const auto slips = slips_between(typed, candidate, most);
    if (slips > most) continue;
    best = candidate;
    if (slips == 0) break;
    most = slips - 1;  // only a nearer one is better from here on
  }
  return best;
}

/// "yahoo.ca" is a provider's as much as "yahoo.com". The lists have "gmial.com" and "hotmail.co", too, and
/// those are what people mistype.
bool is_known(std::string_view domain, const CommonDomains& common) {
  const bool is_listed =
      SortedLines{built_in::free}.contains(domain) && slips_between(split(domain).top_level, "com", 1) > 1;
  return std::any_of(common.domains.begin(), common.domains.end(), [&](auto known) {
    return known == domain || (is_listed && split(known).name == split(domain).name);
  });
}

/// Whether there is such a top-level domain; every country has one of two letters.
bool is_top_level(std::string_view label) {
  return label.size() == 2 || SortedLines{built_in::top_levels}.contains(label);
}

/// "comcast.com": the name is a provider's, the rest is not.
std::optional<std::string_view> with_its_own_top_level(const Split& typed, const CommonDomains& common) {
  if (typed.name.size() < distinct_name_bytes) return std::nullopt;
  for (const auto domain : common.domains)
    if (split(domain).name == typed.name) return domain;
  return std::nullopt;
}

/// "company.cmo", "company.com.uk": the end is none that there is, and near to one.
std::optional<std::string> with_a_mended_end(std::string_view domain, const CommonDomains& common) {
  const auto typed = split(domain);
  const auto last = typed.top_level.substr(typed.top_level.rfind('.') + 1);
  const bool is_common = std::find(common.top_levels.begin(), common.top_levels.end(), typed.top_level) !=
                         common.top_levels.end();
  if (typed.name.empty() || last.empty() || is_common) return std::nullopt;
  const bool is_compound = last.size() != typed.top_level.size();
  if (!is_compound && is_top_level(last)) return std::nullopt;
  const auto meant = nearest(typed.top_level, common.top_levels, 1);
  // Of two labels the last is a country's: it decides, "company.com.uk" is in Britain.
  if (!meant || (is_compound && is_top_level(last) && !meant->ends_with("." + std::string{last})))
    return std::nullopt;
  return std::string{typed.name} + '.' + std::string{*meant};
}

}  // namespace

CommonDomains common_domains() {
  return {domains, top_levels};
}

std::size_t slips_between(std::string_view typed, std::string_view meant, std::size_t most) {
  const auto longer = std::max(typed.size(), meant.size()), shorter = std::min(typed.size(), meant.size());
  if (longer - shorter > most) return most + 1;
  // Three rows of the table of optimal string alignment: swapping neighbours looks two rows back.
  std::vector<std::size_t> before(meant.size() + 1), above(meant.size() + 1), row(meant.size() + 1);
  for (std::size_t j = 0; j <= meant.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= typed.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= meant.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1,
                         above[j - 1] + (typed[i - 1] == meant[j - 1] ? std::size_t{0} : std::size_t{1})});
      if (i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    if (*std::min_element(row.begin(), row.end()) > most) return most + 1;
    std::swap(before, above);
    std::swap(above, row);
  }
  return std::min(above[meant.size()], most + 1);
}

std::optional<std::string> suggest_domain(std::string_view given, const CommonDomains& common) {
  if (given.empty() || given.size() > domain_bytes_max) return std::nullopt;
  const auto typed = lower(given);
  if (is_known(typed, common)) return std::nullopt;
  if (const auto meant = nearest(typed, common.domains, typed.size() <= short_name_bytes ? 1 : 2))
    return std::string{*meant};
  if (const auto meant = with_its_own_top_level(split(typed), common)) return std::string{*meant};
  return with_a_mended_end(typed, common);
}

}  // namespace leadhub::verify
