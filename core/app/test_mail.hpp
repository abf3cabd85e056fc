#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/generation.hpp"

namespace leadhub::app {

struct TestMailOrder {
  std::string to;
  std::string via;  ///< a channel that delivers mails
};

/// Sends a template, filled with samples, to one address. It is no mail of a lead: nothing is asked and
/// nothing kept.
/// {"sent": true, "subject", "detail"}. Errors: `not_found` for the template or the channel; `conflict` where
/// the other side did not take it; `invalid` as of TemplateSet::render.
[[nodiscard]] Result<nlohmann::ordered_json> send_test_mail(const Generation& generation,
                                                            const std::string& name,
                                                            const TestMailOrder& order, TimePoint now);

}  // namespace leadhub::app
