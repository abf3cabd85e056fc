#pragma once

#include <functional>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "verify/email_lists.hpp"
#include "verify/verify.hpp"

/// Verdicts on single values, as `leadhub verify` gives them: the same readers, lists and policy as the
/// pipeline's, without a hub.
namespace leadhub::app {

enum class ValueKind { email = 1, phone, name };

/// What asking for an address's domain found out.
struct DomainFinding {
  lead::Verdict verdict = lead::Verdict::unknown;
  std::string reason;
};

/// Asks for a domain (A-labels); may take as long as the network does. Empty: nobody is asked.
using AskDomain = std::function<DomainFinding(std::string_view domain)>;

struct JudgeOptions {
  std::string country;  ///< ISO 3166 alpha-2, for phone numbers written without one; empty: none
  verify::EmailLists lists{};
  verify::Policy policy{};
  AskDomain ask_domain{};
};

/// One value's document: `value`, `canonical` (null: none), `verdict`, `reason`, `message` for people, then
/// the parts. Of an e-mail address: `send_to`, `local`, `domain`, `domain_unicode`, `needs_smtputf8`, `role`,
/// `free`, `disposable`, `suggestion`, `lists`; of a phone number: `region`, `type`, `extension`,
/// `time_zone`; of a name: `prefix`, `given`, `family`, `suffix`, `suggested`. What is not there is null.
///
/// The domain is asked for only where the address itself is not invalid. The worse verdict counts, and
/// `unknown` is worse than `valid` and `risky`.
[[nodiscard]] nlohmann::ordered_json judged(ValueKind kind, std::string_view value,
                                            const JudgeOptions& options);

/// Judges one value a line until the input ends; `print` gets each document at once. CR LF is a line end,
/// too, and a byte order mark in front is none of the value. Of a line over limits::event_field_bytes_max
/// only that much is kept. True: no value was invalid.
bool judge_lines(std::istream& in, ValueKind kind, const JudgeOptions& options,
                 const std::function<void(const nlohmann::ordered_json&)>& print);

}  // namespace leadhub::app
