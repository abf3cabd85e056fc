#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/event.hpp>

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "answers.hpp"
#include "form_settings.hpp"

/// From what a request gives, by the form's own names, to a lead event.
namespace leadhub::webform {

/// What was given for one field; the views are UTF-8.
struct Given {
  std::string_view value;                ///< the last one that is not blank; empty: nothing
  std::vector<std::string_view> values;  ///< all that are not blank; kept for lists alone
  std::string_view misfit;  ///< why it cannot be a value at all ("must be a single value"); empty: it can
};

/// What a request says about a channel's fields, wherever it stood in the request.
struct Submission {
  explicit Submission(const FormSettings& settings)
      : fields(settings.fields.size()), consents(settings.consent.size()) {}
  Submission(Submission&&) noexcept = default;
  Submission& operator=(Submission&&) noexcept = default;

  std::vector<Given> fields;               ///< one for each of FormSettings::fields
  std::vector<std::string_view> consents;  ///< one for each of FormSettings::consent; empty: not checked
  sdk::Attribution attribution;            ///< from hidden inputs with those names
  std::string_view honeypot;
  std::string_view token;
  std::string_view visitor;  ///< of the website's own cookie; empty: none, or no id of a visitor
  std::vector<sdk::Attachment> attachments;
  std::list<std::string> texts;  ///< owns values that had to be converted

  /// Files one value where its name belongs: a field, a consent, the honeypot, the token, the visitor,
  /// attribution, or nowhere.
  void take(const FormSettings& settings, std::string_view name, std::string_view value);
};

struct Mapped {
  sdk::LeadEvent event;
  std::vector<Problem> problems;  ///< the event is only good without any
};

/// What map_submission() does, for a form whose emptiness is no problem.
Mapped map_fields(const FormSettings& settings, Submission& submission, const sdk::HttpRequest& request,
                  std::string_view consent_url);

/// Makes the event, without a key. `consent_url`: where the form stood, unless the request's Referer says it.
Mapped map_submission(const FormSettings& settings, Submission& submission, const sdk::HttpRequest& request,
                      std::string_view consent_url);

/// Whether the event's `json` without its files is small enough for the host.
bool fits_an_event(const sdk::LeadEvent& event, std::string_view json);

/// Whether `value` means that this box was checked.
bool is_checked(const ConsentRule& rule, std::string_view value);

}  // namespace leadhub::webform
