#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::verify {

/// The record types that a mail domain is judged by; the values are those of the wire (RFC 1035, RFC 3596).
enum class DnsType : std::uint16_t { a = 1, mx = 15, txt = 16, aaaa = 28 };

enum class DnsStatus {
  answered = 1,  ///< at least one record of the type that was asked for
  no_data,       ///< the name exists, and has no such record (RFC 2308, section 2.2)
  no_such_name,  ///< NXDOMAIN, or a name that DNS does not serve
  timed_out,     ///< nobody answered in time
  failed,        ///< an answer that proves nothing: SERVFAIL, a referral, a CNAME loop, damaged bytes
  stopped,       ///< the resolver was stopped first
};

struct MailExchanger {
  std::uint16_t preference = 0;
  std::string host;  ///< lower case, without the last dot; empty: the root, a null MX (RFC 7505)
  bool operator==(const MailExchanger&) const = default;
};

/// What DNS said to one question.
struct DnsAnswer {
  DnsStatus status = DnsStatus::failed;
  /// How long the answer holds: the smallest TTL on the way to it, or for no_data and no_such_name the SOA's
  /// minimum (RFC 2308, section 5); zero where the answer gave none.
  std::chrono::seconds ttl{0};
  std::vector<MailExchanger> exchangers;  ///< of an MX question, in the order of the message
  std::vector<std::string> addresses;     ///< of an A or AAAA question, as text
  std::vector<std::string> texts;         ///< of a TXT question, the strings of a record joined
  std::string_view failure;               ///< of `failed`: a few words for the log, such as "SERVFAIL"
  /// Of a `failed` that stopped half way: the name at which the chain of aliases may go on, else empty. `ttl`
  /// is then the chain's so far.
  std::string alias_end;
  int aliases = 0;  ///< links of that chain
};

/// Reads a whole message that c-ares has matched to its question. c-ares 1.18 gives no TTL with an MX reply
/// (its ares_parse_mx_reply drops them), and its parsers take records of any owner; so the message is walked
/// with glibc's ns_parserr, which checks each length and each compression pointer, and only records at the
/// end of the question's CNAME chain count. Such a chain may have limits::dns_cname_depth_max links; a longer
/// one and a loop are `failed`, as is a message that breaks off or lies about its counts.
///
/// An empty answer that names other servers, or that follows a CNAME without a SOA record, comes from a
/// server that did not look further: it is `failed`, not `no_data`, because nothing is proven.
///
/// Pure. The cost is bounded by the size of a message, 64 KiB.
[[nodiscard]] DnsAnswer read_dns_answer(std::span<const unsigned char> message, DnsType asked);

}  // namespace leadhub::verify
