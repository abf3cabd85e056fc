#include "app/broadcast_check.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/mail_templates.hpp"
#include "config/suggestion.hpp"

namespace leadhub::app {
namespace {

std::vector<std::string> names_of(const auto& named) {
  std::vector<std::string> names;
  names.reserve(named.size());
  for (const auto& [name, unused] : named) names.push_back(name);
  return names;
}

std::unexpected<Error> missing(const std::string& kind, const std::string& name,
                               const std::vector<std::string>& known) {
  return fail(ErrorCode::not_found,
              "there is no " + kind + " " + config::in_quotes(name) + "; " +
                  (known.empty() ? "hub.yaml has none" : config::suggestion(name, known, "there is")));
}

Result<void> check_channel(const Generation& generation, const std::string& via) {
  if (!generation.mail_transports().contains(via))
    return missing("channel that delivers mails,", via, names_of(generation.mail_transports()));
  if (!hub_values(generation.config(), via).contains("postal_address"))
    return fail(ErrorCode::invalid, "the channel " + config::in_quotes(via) +
                                        " says no postal_address, which every marketing mail carries");
  return {};
}

Result<void> first_of(const std::vector<config::Diagnostic>& faults) {
  for (const auto& fault : faults)
    if (fault.severity == config::Severity::error) return fail(ErrorCode::invalid, to_text(fault));
  return {};
}

}  // namespace

Result<lead::Condition> find_segment(const config::Config& config, const std::string& name) {
  const auto found = config.segments.find(name);
  if (found == config.segments.end()) return missing("segment", name, names_of(config.segments));
  return found->second;
}

Result<void> check_broadcast(const Generation& generation, const lead::Broadcast& broadcast) {
  if (auto good = check_channel(generation, broadcast.via); !good) return good;
  if (!broadcast.segment.empty())
    if (auto found = find_segment(generation.config(), broadcast.segment); !found)
      return std::unexpected(found.error());
  const auto& templates = generation.templates();
  const auto* mail = templates.find(broadcast.template_name);
  if (mail == nullptr) return missing("template", broadcast.template_name, templates.names());
  if (auto good = first_of(templates.faults(*mail, mail::MailKind::marketing)); !good) return good;
  if (!broadcast.test) return {};
  for (const auto& subject : broadcast.test->subjects) {
    std::vector<config::Diagnostic> faults;
    static_cast<void>(templates.with_subject(*mail, subject, faults));
    if (auto good = first_of(faults); !good) return good;
  }
  return {};
}

}  // namespace leadhub::app
