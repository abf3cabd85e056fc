#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/loaded_config.hpp"
#include "deliver/courier.hpp"
#include "mail/template_set.hpp"

namespace leadhub::app {

/// A place where hub.yaml names a template.
struct TemplateUse {
  std::string name;
  mail::MailKind kind;
  std::string pointer;  ///< to the name, in hub.yaml
  std::string via{};    ///< of a marketing mail: the channel by which it leaves
};

/// Everything that hub.yaml sends by a template, in the order of its sections.
[[nodiscard]] std::vector<TemplateUse> template_uses(const config::Config& config);

/// Where the templates lie: `nurture.templates`, from hub.yaml's folder.
[[nodiscard]] std::filesystem::path template_folder(const config::Config& config);

/// Reads the templates of a configuration into it, and says what is wrong: with the files, each at its place
/// there, and with what hub.yaml names, at the name. Where the whole folder is missing that is a notice: the
/// built-in mails need none.
void load_templates(LoadedConfig& loaded);

/// What every mail that leaves by this channel can say: public_url, site, postal_address.
[[nodiscard]] nlohmann::ordered_json hub_values(const config::Config& config, std::string_view via);

/// The channel by which the hub's own mails leave: the first active one that delivers mails; empty: there is
/// none.
[[nodiscard]] std::string first_mail_channel(const LoadedConfig& loaded);

/// The template of the mail that asks to confirm what came by this channel.
[[nodiscard]] std::string opt_in_template(const config::Config& config, std::string_view channel);

/// How mails that ask to confirm, and hand-offs, read when they leave by the channel `via`. `loaded`, which
/// has its config, outlives them.
[[nodiscard]] deliver::MailWords opt_in_words(const LoadedConfig& loaded, std::string_view via);
[[nodiscard]] deliver::MailWords hand_off_words(const LoadedConfig& loaded, std::string_view via);
/// The same of what journeys send, each by the template that its message names.
[[nodiscard]] deliver::MailWords journey_words(const LoadedConfig& loaded, std::string_view via);

}  // namespace leadhub::app
