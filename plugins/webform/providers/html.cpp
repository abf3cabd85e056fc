#include "html_form.hpp"

#include "provider.hpp"

namespace leadhub::webform {
namespace providers {

/// Plain HTML forms, the hosted form and the embed script.
extern constexpr ProviderKind html{
    "html", Sender::person, FieldsNeed::required,
    [](ProviderParts parts) -> std::unique_ptr<FormProvider> {
      return std::make_unique<HtmlForm>(std::move(parts.channel), std::move(parts.settings),
                                        parts.signing_key);
    },
    [](std::string_view) { return std::string("a plain HTML form has no secret; take it out"); }};

}  // namespace providers

}  // namespace leadhub::webform
