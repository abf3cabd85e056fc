#include "lead/consent.hpp"

#include <algorithm>
#include <tuple>

namespace leadhub::lead {
namespace {

bool concerns(const ConsentEntry& entry, std::string_view purpose, std::string_view channel) {
  return (entry.statement.purpose == purpose || entry.statement.purpose == every_purpose) &&
         (entry.statement.channel == channel || entry.statement.channel == "any");
}

bool outranks(const ConsentEntry& entry, const ConsentEntry* current) {
  const auto rank = [](const ConsentEntry& line) {
    return std::tuple{line.occurred_at, line.statement.state == ConsentState::withdrawn, line.reference};
  };
  return current == nullptr || rank(entry) > rank(*current);
}

}  // namespace

std::vector<ConsentStatement> with_implied_withdrawal(const LeadEvent& event) {
  auto statements = event.consent;
  const bool unsubscribes = event.type == "email.unsubscribed" || event.type == "newsletter.unsubscribed";
  const bool says_what = std::ranges::any_of(statements, [](const ConsentStatement& statement) {
    return statement.state == ConsentState::withdrawn;
  });
  if (unsubscribes && !says_what)
    statements.push_back({.purpose = std::string{every_purpose}, .state = ConsentState::withdrawn});
  return statements;
}

std::string_view to_string(Permission::Verdict verdict) {
  switch (verdict) {
    case Permission::Verdict::allowed:
      return "allowed";
    case Permission::Verdict::unconfirmed:
      return "unconfirmed";
    case Permission::Verdict::withdrawn:
      return "withdrawn";
    case Permission::Verdict::never_given:
      return "never given";
  }
  return {};
}

Permission permission(std::span<const ConsentEntry> ledger, std::string_view purpose,
                      std::string_view channel) {
  using enum Permission::Verdict;
  const ConsentEntry* said = nullptr;
  const ConsentEntry* asked = nullptr;
  for (const auto& entry : ledger) {
    if (!concerns(entry, purpose, channel)) continue;
    auto& latest = entry.statement.state == ConsentState::requested ? asked : said;
    if (outranks(entry, latest)) latest = &entry;
  }
  if (said != nullptr) return {said->statement.state == ConsentState::granted ? allowed : withdrawn, said};
  if (asked != nullptr) return {unconfirmed, asked};
  return {};
}

std::string why_no_mail(const Lead& lead, std::span<const ConsentEntry> ledger, std::string_view purpose) {
  const auto* mailbox = lead.primary(ContactKind::email);
  if (mailbox == nullptr) return "the lead has no e-mail address";
  if (mailbox->verdict == Verdict::invalid) return "the lead's e-mail address is none: " + mailbox->reason;
  const auto given = permission(ledger, purpose, "email");
  if (given.allowed()) return {};
  return "no consent to " + std::string{purpose} + ": " + std::string{to_string(given.verdict)};
}

}  // namespace leadhub::lead
