#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/limits.hpp"
#include "verify/dns_resolver.hpp"

namespace leadhub::verify {

/// Which addresses a mail host may have. A domain is a stranger's word: its MX may point into our own
/// network.
enum class ReachableHosts { global = 1, any };

/// Providers whose answers to strangers mean nothing, or who take probes amiss; a name stands for itself and
/// all below it, and is compared with the domain and with its mail hosts.
[[nodiscard]] std::vector<std::string> default_probe_skips();

struct MailboxProbeSettings {
  std::string helo_name;    ///< this machine's name, as its address resolves back to; required
  std::uint16_t port = 25;  ///< 1 to 65535
  std::chrono::milliseconds timeout = limits::probe_timeout_default;  ///< a whole dialogue; 100 ms or more
  std::chrono::seconds domain_interval =
      limits::probe_interval_default;  ///< between two probes of one domain
  std::vector<std::string> skip = default_probe_skips();
  ReachableHosts reachable = ReachableHosts::global;  ///< `any` is for mail servers of one's own network
};

/// What to ask about: the two sides of an address, the domain as is_domain() wants it, and
/// DomainVerdict::mail_hosts of the domain.
struct MailboxQuestion {
  std::string local_part;
  std::string domain;
  std::vector<std::string> mail_hosts;
};

// clang-format off
///   reason            verdict   what the mail server said
///   mailbox_accepted  valid     it takes mail for this address, and not for a made-up one
///   catch_all         risky     it takes mail for any address
///   mailbox_full      risky     4.2.2, 5.2.2, 552
///   no_such_mailbox   invalid   5.1.1 and the like; or a refusal without status, where postmaster is accepted
///   mailbox_disabled  invalid   5.2.1
///   greylisted        unknown   4xx: come back later, with the same question
///   blocked           unknown   it refuses us, not the address
///   undecided         unknown   252, or answers that contradict each other
///   no_connection     unknown   no mail host could be reached; port 25 is closed in many networks
///   probe_timeout     unknown   no answer in time
///   not_smtp          unknown   what answers does not speak SMTP, or hung up
///   rate_limited      unknown   not asked: this domain or mail host is being asked, or was just now
///   skipped           unknown   not asked: a provider of the skip list
///   not_probeable     unknown   not asked: no mail host, or a local part that is not plain ASCII words and dots
///   stopping          unknown   the hub is stopping
// clang-format on
struct MailboxVerdict {
  lead::Verdict verdict = lead::Verdict::unknown;
  std::string_view reason = "stopping";  ///< of the table; lives as long as the program
  /// With each `unknown` that time may change: not with skipped and not_probeable.
  std::optional<std::chrono::seconds> retry_after;
  int code = 0;                 ///< the reply that decided, 0 for none
  std::string enhanced_status;  ///< of that reply, "5.1.1"
};

struct MailboxProbeStatistics {
  std::uint64_t asked = 0;      ///< calls of probe()
  std::uint64_t connected = 0;  ///< connections opened
  std::uint64_t timed_out = 0;  ///< probes that came to probe_timeout
  std::uint64_t open = 0;       ///< probes now
};

/// Called once a probe. It must not throw and must not block.
using MailboxDone = std::move_only_function<void(MailboxVerdict)>;

/// Asks a domain's mail server whether a mailbox is there, as far as RCPT TO: EHLO, MAIL FROM:<>, a made-up
/// address first, then the real one, RSET, QUIT. It never sends DATA, so no mail can come of it. The hub
/// makes one only where it is told to; docs/verification-network.md says why that is rarely wise.
///
/// - A server that takes the made-up address takes all (catch_all), and is not asked for the real one; that
/// is
///   remembered for limits::probe_catch_all_kept. The made-up local part is the same for a domain as long as
///   the probe lives, or a greylist would see a new sender-recipient pair each time.
/// - A bare refusal may be about the address or about us. So postmaster is asked for, whom every domain must
/// take
///   (RFC 5321, section 4.5.1): refused as well, it is about us. No text of a reply is read.
/// - One connection a mail host at a time, one probe a domain in `domain_interval`. What comes too early is
/// not
///   queued here but given back with its retry_after: the hub's own queue outlives a restart.
/// - Only plain local parts (RFC 5321's Dot-string) and names of DNS are ever written to a server, so nothing
/// that
///   was typed into a form can end a command.
/// - No STARTTLS: what is asked is no secret to the server, and a certificate would prove nothing here.
///
/// Boost.Asio and not libcurl: libcurl's SMTP sends a mail, or one VRFY, EXPN or NOOP, but no RCPT without
/// DATA. One thread. Any thread may call, callbacks too.
class MailboxProbe {
 public:
  /// `resolver` and `clock` must outlive the probe. invalid: a setting out of range. io: no thread.
  [[nodiscard]] static Result<std::unique_ptr<MailboxProbe>> start(MailboxProbeSettings settings,
                                                                   DnsResolver& resolver, const Clock& clock);

  /// As stop().
  ~MailboxProbe();
  MailboxProbe(const MailboxProbe&) = delete;
  MailboxProbe& operator=(const MailboxProbe&) = delete;

  /// `done` is called on the probe's thread; after stop() here, with `stopping`.
  void probe(MailboxQuestion question, MailboxDone done);

  /// Hangs up, gives each open probe its `stopping`, and returns when the last callback has; where a mail
  /// host's address is being asked for, that takes as long as the resolver does. Any thread but a callback's.
  void stop();

  /// Any thread, any time.
  [[nodiscard]] MailboxProbeStatistics statistics() const;

 private:
  class Implementation;
  explicit MailboxProbe(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::verify
