#include "app/import_check.hpp"

#include <algorithm>

#include "normalise/country.hpp"
#include "normalise/email.hpp"
#include "normalise/phone.hpp"
#include "normalise/text.hpp"

namespace leadhub::app {

Result<void> names_somebody(const lead::LeadEvent& event, const std::string& default_country) {
  const auto& person = event.person;
  std::string problems;
  if (!person.email.empty()) {
    const auto email = normalise::canonical_email(person.email);
    if (email) return {};
    problems = email.error().message;
  }
  const auto has_id = std::any_of(person.external_ids.begin(), person.external_ids.end(), [](const auto& id) {
    return !id.first.empty() && !normalise::clean_line(id.second).empty();
  });
  if (has_id || !normalise::clean_line(event.anonymous_id).empty()) return {};
  if (!person.phone.empty()) {
    const auto country = normalise::country_code(person.country);
    const auto phone = normalise::canonical_phone(person.phone, country.value_or(default_country));
    if (phone) return {};
    problems += (problems.empty() ? "" : "; ") + phone.error().message;
  }
  return fail(ErrorCode::invalid, problems.empty()
                                      ? "it names nobody; give an e-mail address, a phone number "
                                        "or an external id"
                                      : problems);
}

}  // namespace leadhub::app
