#pragma once

#include <leadhub/sdk/channel.hpp>

#include <cstdint>
#include <string>

#include "answers.hpp"
#include "field_mapping.hpp"
#include "form_body.hpp"
#include "form_provider.hpp"
#include "form_settings.hpp"
#include "form_token.hpp"
#include "gate.hpp"
#include "hosted_form.hpp"

namespace leadhub::webform {

/// An HTML form: posted to /in/<channel> by any website, shown as /f/<channel> and drawn by the script
/// /f/<channel>.js. Thread-safe.
class HtmlForm final : public FormProvider {
 public:
  /// `channel`: its name in hub.yaml; `signing_key`: for the tokens of shown forms.
  HtmlForm(std::string channel, FormSettings settings, std::string_view signing_key);

  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override;
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override;

  /// What every submission passes first, for whoever takes it in other formats besides.
  Gate& gate() { return gate_; }
  [[nodiscard]] const Gate& gate() const { return gate_; }

 private:
  /// The hosted form or the embed script.
  sdk::Verdict show(const sdk::HttpRequest& request, std::int64_t now_ms) const;

  /// Where who opens the hosted form came from.
  static sdk::Attribution arrival(const sdk::HttpRequest& request);

  /// Sets aside what looks like a machine's. Such a sender sees the same answer as everybody.
  sdk::Verdict judge(const FormBody& body, std::int64_t now_ms) const;

  sdk::Reading read_body(const sdk::HttpRequest& request, Format format) const;

  Submission collect(const FormBody& body) const;

  sdk::HttpResponse complain(const Mapped& mapped, const Submission& submission, bool genuine_token,
                             Format format) const;

  sdk::HttpResponse welcome(Format format) const;

  std::string own_page(const sdk::HttpRequest& request) const;

  std::string channel_;
  FormSettings settings_;
  FormTokens tokens_;
  Gate gate_;
  HostedForm form_;
};

}  // namespace leadhub::webform
