#pragma once

#include <string>

#include "lead/lead.hpp"
#include "ops/clock.hpp"

/// How mails and pages for the team write things.
namespace leadhub::lead {

/// "2026-11-23 10:00 UTC"
[[nodiscard]] std::string minute_in_words(TimePoint time);

/// Their name, else their e-mail address, else their phone number, else that they have none.
[[nodiscard]] std::string name_in_words(const Lead& lead);

}  // namespace leadhub::lead
