#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mail/template_set.hpp"

/// What previews and test mails are filled with.
namespace leadhub::mail {

/// The samples of the table of fields, each of the template's attributes among them.
[[nodiscard]] nlohmann::ordered_json sample_values(const Template& mail);

/// The fields of a lead: those of the lead document by their names, and lists in the shape of the table. What
/// the lead does not have is null.
[[nodiscard]] nlohmann::ordered_json lead_values(const nlohmann::ordered_json& lead_document);

/// The kind of mail that a template is written for: the first that has all of its fields. Of several it is
/// marketing, of none as well, and TemplateSet::faults says why.
[[nodiscard]] MailKind fitting_kind(const TemplateSet& templates, const Template& mail);

}  // namespace leadhub::mail
