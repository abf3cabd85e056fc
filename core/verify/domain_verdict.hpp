#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lead/lead.hpp"
#include "verify/dns_answer.hpp"

namespace leadhub::verify {

// clang-format off
/// Whether a domain takes mail, as far as DNS tells.
///
///   reason              verdict   what DNS said
///   mx                  valid     at least one usable mail host
///   address_fallback    risky     no MX, but an address that mail may go to (RFC 5321, section 5.1)
///   null_mx             invalid   "I take no mail" (RFC 7505)
///   no_such_domain      invalid   NXDOMAIN
///   no_mail_host        invalid   neither MX nor address
///   unusable_mail_host  invalid   no MX could be a host: localhost, an address written as a name, not a name
///   unusable_address    invalid   no MX, and addresses that no stranger can reach: loopback, private
///   sends_no_mail       invalid   no MX, and SPF says that nobody sends from here (`v=spf1 -all`, RFC 7208)
///   not_a_domain        invalid   not asked: the name cannot stand in DNS
///   dns_timeout         unknown   nobody answered in time
///   dns_failure         unknown   SERVFAIL, a loop, damaged bytes; `detail` says which
///   too_busy            unknown   not asked: too many questions wait already
///   stopping            unknown   the hub is stopping
///
/// An outage never makes an `invalid`: that verdict needs an answer which proves it.
// clang-format on
struct DomainVerdict {
  lead::Verdict verdict = lead::Verdict::unknown;
  std::string_view reason = "stopping";  ///< of the table; lives as long as the program
  /// In the order in which mail would try them, limits::mail_hosts_max at most; the domain itself for
  /// address_fallback. Lower case, letters, digits, '-', '_' and '.' only.
  std::vector<std::string> mail_hosts;
  std::chrono::seconds cache_for{0};                ///< from now on; zero: not to be kept
  std::optional<std::chrono::seconds> retry_after;  ///< with every `unknown`, and with no other verdict
  std::string_view detail;                          ///< a few words of dns_failure, for people

  bool operator==(const DomainVerdict&) const = default;
};

/// What was asked about a domain, and what came back. A, AAAA and TXT matter only where there is no MX.
struct DomainAnswers {
  DnsAnswer mx;
  std::optional<DnsAnswer> a;
  std::optional<DnsAnswer> aaaa;
  std::optional<DnsAnswer> txt;
};

/// The rule above. `domain` is as is_domain() wants it. Where `mx` is no_data the three others must be there;
/// one that is not counts as failed. Each answer holds for its own TTL, at least limits::dns_ttl_floor and at
/// most: `ceiling` for records, limits::dns_negative_ttl_max for their absence, limits::dns_failure_ttl for
/// failures; the verdict holds as long as the shortest of those it rests upon. Pure.
[[nodiscard]] DomainVerdict judge_domain(std::string_view domain, const DomainAnswers& answers,
                                         std::chrono::seconds ceiling);

/// Whether A, AAAA and TXT are needed to judge.
[[nodiscard]] bool needs_addresses(const DnsAnswer& mx);

/// An `unknown` that no answer stands behind; it is not cached.
[[nodiscard]] DomainVerdict unknown_domain(std::string_view reason);

/// A host name as DNS and mail agree on: A-labels, lower-case letters, digits, '-' and '_', 1 to 63 a label,
/// 253 in all, at least two labels (RFC 5321, section 2.3.5 wants a fully qualified one), the last not all
/// digits.
[[nodiscard]] bool is_domain(std::string_view name);

}  // namespace leadhub::verify
