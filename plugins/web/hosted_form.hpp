#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/event.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "answers.hpp"
#include "field_mapping.hpp"
#include "form_settings.hpp"

namespace leadhub::webform {

/// What a form shows besides its fields.
struct FormState {
  std::string_view token;             ///< empty: none
  std::string_view visitor;           ///< empty: not known; carried on in a hidden input
  sdk::Attribution attribution;       ///< the same, one each
  const Submission* given = nullptr;  ///< what was typed before; null: nothing
  std::vector<Problem> problems;      ///< what was wrong with it
};

/// The channel's form as a page of ours (/f/<channel>) and as a script for any website (/f/<channel>.js).
///
/// The page works without JavaScript, loads nothing and runs nothing (strict Content-Security-Policy). Each
/// input has a label, its purpose for autofill (WCAG 1.3.5) and, where something was wrong, a message it is
/// described by (WCAG 3.3.1); a summary on top links to them. Thread-safe.
class HostedForm {
 public:
  HostedForm(const FormSettings& settings, std::string channel);

  /// The page: 200, or 422 where there are problems.
  [[nodiscard]] sdk::HttpResponse page(const FormState& state) const;

  /// The page that thanks.
  [[nodiscard]] sdk::HttpResponse thanks() const;

  /// The embed script. Draws the form where the <script> stands, in a shadow root, and sends it by fetch.
  [[nodiscard]] sdk::HttpResponse script(std::string_view token, std::string_view public_url) const;

 private:
  [[nodiscard]] std::string form(const FormState& state) const;

  const FormSettings& settings_;
  std::string channel_;
  std::string policy_;
  std::string script_fields_;  // the parts of the script's settings that do not change
};

}  // namespace leadhub::webform
