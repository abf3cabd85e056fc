#include "verify/domain_verdict.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <tuple>

#include "ops/global_address.hpp"
#include "ops/limits.hpp"

namespace leadhub::verify {
namespace {

using std::chrono::seconds;

bool is_label(std::string_view label) {
  constexpr std::string_view taken = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of(taken) == std::string_view::npos;
}

bool could_be_a_mail_host(std::string_view host) {
  return is_domain(host) && !host.ends_with(".localhost") && !host.ends_with(".invalid");
}

/// How long one answer may be believed.
seconds lifetime(const DnsAnswer& answer, seconds ceiling) {
  switch (answer.status) {
    case DnsStatus::answered:
      break;
    case DnsStatus::no_data:
    case DnsStatus::no_such_name:
      ceiling = std::min<seconds>(ceiling, limits::dns_negative_ttl_max);
      break;
    default:
      return limits::dns_failure_ttl;
  }
  return std::clamp<seconds>(answer.ttl, limits::dns_ttl_floor,
                             std::max<seconds>(ceiling, limits::dns_ttl_floor));
}

DomainVerdict proven(lead::Verdict verdict, std::string_view reason, seconds cache_for) {
  DomainVerdict out;
  out.verdict = verdict;
  out.reason = reason;
  out.cache_for = cache_for;
  return out;
}

DomainVerdict unproven(const DnsAnswer& answer) {
  if (answer.status == DnsStatus::stopped) return unknown_domain("stopping");
  DomainVerdict out = unknown_domain(answer.status == DnsStatus::timed_out ? "dns_timeout" : "dns_failure");
  out.cache_for = limits::dns_failure_ttl;
  out.detail = answer.failure;
  return out;
}

DomainVerdict judge_exchangers(std::vector<MailExchanger> exchangers, seconds cache_for) {
  const bool all_null = std::ranges::all_of(exchangers, [](const auto& one) { return one.host.empty(); });
  if (all_null) return proven(lead::Verdict::invalid, "null_mx", cache_for);
  std::erase_if(exchangers, [](const MailExchanger& one) { return !could_be_a_mail_host(one.host); });
  if (exchangers.empty()) return proven(lead::Verdict::invalid, "unusable_mail_host", cache_for);
  std::ranges::sort(exchangers, {}, [](const auto& one) { return std::tie(one.preference, one.host); });
  auto out = proven(lead::Verdict::valid, "mx", cache_for);
  for (const MailExchanger& one : exchangers) {
    if (out.mail_hosts.size() == limits::mail_hosts_max) break;
    if (std::ranges::find(out.mail_hosts, one.host) == out.mail_hosts.end())
      out.mail_hosts.push_back(one.host);
  }
  return out;
}

bool proves_something(const DnsAnswer& answer) {
  return answer.status == DnsStatus::answered || answer.status == DnsStatus::no_data ||
         answer.status == DnsStatus::no_such_name;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// "v=spf1 -all" and nothing else: every sender is refused.
bool refuses_all_senders(std::string_view text) {
  std::string words;
  for (const char c : text)
    if (c != ' ' || (!words.empty() && words.back() != ' ')) words += lower(c);
  if (words.ends_with(' ')) words.pop_back();
  return words == "v=spf1 -all";
}

DomainVerdict judge_addresses(std::string_view domain, const DomainAnswers& answers, seconds ceiling) {
  static const DnsAnswer never_asked{};
  const DnsAnswer& a = answers.a ? *answers.a : never_asked;
  const DnsAnswer& aaaa = answers.aaaa ? *answers.aaaa : never_asked;
  const DnsAnswer& txt = answers.txt ? *answers.txt : never_asked;
  const seconds cache_for =
      std::min({lifetime(answers.mx, ceiling), lifetime(a, ceiling), lifetime(aaaa, ceiling)});

  if (std::ranges::any_of(a.addresses, ops::is_global_address) ||
      std::ranges::any_of(aaaa.addresses, ops::is_global_address)) {
    const seconds with_text = std::min(cache_for, lifetime(txt, ceiling));
    if (std::ranges::any_of(txt.texts, refuses_all_senders))
      return proven(lead::Verdict::invalid, "sends_no_mail", with_text);
    auto out = proven(lead::Verdict::risky, "address_fallback", with_text);
    out.mail_hosts.emplace_back(domain);
    return out;
  }
  for (const DnsAnswer* answer : {&a, &aaaa})
    if (!proves_something(*answer)) return unproven(*answer);
  const bool none = a.addresses.empty() && aaaa.addresses.empty();
  return proven(lead::Verdict::invalid, none ? "no_mail_host" : "unusable_address", cache_for);
}

}  // namespace

bool is_domain(std::string_view name) {
  if (name.size() > 253) return false;
  std::size_t labels = 0;
  std::string_view label;
  for (std::string_view rest = name;; ++labels) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return labels > 0 && label.find_first_not_of("0123456789") != std::string_view::npos;
}

bool needs_addresses(const DnsAnswer& mx) {
  return mx.status == DnsStatus::no_data;
}

DomainVerdict unknown_domain(std::string_view reason) {
  DomainVerdict out;
  out.reason = reason;
  out.retry_after = limits::dns_failure_ttl;
  return out;
}

DomainVerdict judge_domain(std::string_view domain, const DomainAnswers& answers, seconds ceiling) {
  switch (answers.mx.status) {
    case DnsStatus::answered:
      return judge_exchangers(answers.mx.exchangers, lifetime(answers.mx, ceiling));
    case DnsStatus::no_data:
      return judge_addresses(domain, answers, ceiling);
    case DnsStatus::no_such_name:
      return proven(lead::Verdict::invalid, "no_such_domain", lifetime(answers.mx, ceiling));
    default:
      return unproven(answers.mx);
  }
}

}  // namespace leadhub::verify
