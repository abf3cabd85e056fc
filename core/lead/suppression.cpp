#include "lead/suppression.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lead/consent.hpp"
#include "ops/limits.hpp"

namespace leadhub::lead {
namespace {

constexpr std::array<std::pair<SuppressionReason, std::string_view>, 4> names{
    {{SuppressionReason::hard_bounce, "hard_bounce"},
     {SuppressionReason::soft_bounces, "soft_bounces"},
     {SuppressionReason::complaint, "complaint"},
     {SuppressionReason::by_operator, "operator"}}};

bool is_bounce(const LeadEvent& event, BounceKind kind) {
  return event.type == "email.bounced" && event.bounce == kind;
}

bool shows_arrival(std::string_view type) {
  return type == "email.delivered" || type == "email.opened" || type == "email.clicked" ||
         type == "newsletter.subscribed";
}

}  // namespace

std::string_view to_string(SuppressionReason reason) {
  for (const auto& [value, name] : names)
    if (value == reason) return name;
  return {};
}

std::optional<SuppressionReason> suppression_reason_from(std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

std::optional<MailSign> mail_sign(const LeadEvent& event, TimePoint occurred_at) {
  if (is_bounce(event, BounceKind::soft)) return MailSign{MailSign::Kind::soft_bounce, occurred_at};
  if (shows_arrival(event.type)) return MailSign{MailSign::Kind::arrival, occurred_at};
  return std::nullopt;
}

std::optional<SuppressionReason> suppression_after(const LeadEvent& event, TimePoint occurred_at,
                                                   std::vector<MailSign> signs) {
  if (event.type == "email.complained") return SuppressionReason::complaint;
  if (is_bounce(event, BounceKind::hard)) return SuppressionReason::hard_bounce;
  if (!is_bounce(event, BounceKind::soft)) return std::nullopt;
  std::ranges::sort(signs, {}, &MailSign::at);
  int bounces = 0;
  for (const auto& sign : signs) {
    if (sign.at > occurred_at || sign.at <= occurred_at - limits::soft_bounce_window) continue;
    bounces = sign.kind == MailSign::Kind::arrival ? 0 : bounces + 1;
  }
  if (bounces < limits::soft_bounces_max) return std::nullopt;
  return SuppressionReason::soft_bounces;
}

std::vector<std::string> withdrawn_purposes(const LeadEvent& event) {
  if (is_bounce(event, BounceKind::hard) || event.type == "email.complained")
    return {std::string{every_purpose}};
  std::vector<std::string> purposes;
  for (const auto& statement : with_implied_withdrawal(event)) {
    const bool concerns_mail = statement.channel == "email" || statement.channel == "any";
    if (statement.state == ConsentState::withdrawn && concerns_mail) purposes.push_back(statement.purpose);
  }
  return purposes;
}

}  // namespace leadhub::lead
