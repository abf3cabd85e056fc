#include "app/mail_templates.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "config/source_map.hpp"
#include "config/suggestion.hpp"
#include "ops/http_text.hpp"

namespace leadhub::app {
namespace {

using config::child;
using mail::MailKind;
using nlohmann::ordered_json;

ordered_json section(const config::Config& config, const std::string& name) {
  const auto found = config.sections.find(name);
  return found == config.sections.end() ? ordered_json::object()
                                        : ordered_json::parse(found->second, nullptr, false);
}

/// The member at a pointer; null where there is none.
const ordered_json& at(const ordered_json& value, const char* pointer) {
  static const ordered_json null;
  const auto place = ordered_json::json_pointer{pointer};
  return value.contains(place) ? value.at(place) : null;
}

class Uses {
 public:
  explicit Uses(const config::Config& config) : config_(config) {}

  std::vector<TemplateUse> run() {
    for (const auto& channel : config_.channels) {
      const auto settings = ordered_json::parse(channel.config, nullptr, false);
      if (channel.double_opt_in)
        add(at(settings, "/double_opt_in/template"), MailKind::confirmation,
            child(child("/channels", channel.name), "config") + "/double_opt_in/template");
    }
    add(at(section(config_, "route"), "/notify/template"), MailKind::hand_off, "/route/notify/template");
    const auto nurture = section(config_, "nurture");
    const auto& journeys = at(nurture, "/journeys");
    for (const auto& [name, journey] : journeys.items())
      add_steps(at(journey, "/steps"), child("/nurture/journeys", name) + "/steps");
    return std::move(uses_);
  }

 private:
  void add(const ordered_json& name, MailKind kind, std::string pointer, const ordered_json& via = {}) {
    if (name.is_string())
      uses_.push_back(
          {name.get<std::string>(), kind, std::move(pointer), via.is_string() ? via.get<std::string>() : ""});
  }

  void add_steps(const ordered_json& steps, const std::string& pointer) {
    if (!steps.is_array()) return;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& step = steps[i];
      const auto here = child(pointer, i);
      add(at(step, "/send/template"), MailKind::marketing, here + "/send/template", at(step, "/send/via"));
      add(at(step, "/notify/template"), MailKind::hand_off, here + "/notify/template");
      add_steps(at(step, "/then"), here + "/then");
      add_steps(at(step, "/else"), here + "/else");
      const auto& split = at(step, "/split");
      for (const auto& [name, way] : split.items())
        add_steps(at(way, "/steps"), child(here + "/split", name) + "/steps");
    }
  }

  const config::Config& config_;
  std::vector<TemplateUse> uses_;
};

/// What a message may show of a name.
std::string shown(const config::Config& config, const TemplateUse& use) {
  return config.source->at(use.pointer).origin == config::Origin::file ? config::in_quotes(use.name)
                                                                       : "of the name that ${...} stands for";
}

void say_missing_folder(LoadedConfig& loaded, const std::vector<TemplateUse>& uses) {
  const auto& config = *loaded.config;
  std::vector<std::string> missing;
  for (const auto& use : uses)
    if (loaded.templates->find(use.name) == nullptr &&
        std::ranges::find(missing, shown(config, use)) == missing.end())
      missing.push_back(shown(config, use));
  if (missing.empty()) return;
  loaded.diagnostics.push_back(config.source->notice(
      "/nurture/templates", config::Place::value,
      "there is no folder " + config::in_quotes(template_folder(config).string()) +
          "; these mails cannot leave until it has their templates: " + config::listed(missing)));
}

void check_use(LoadedConfig& loaded, const TemplateUse& use) {
  const auto* found = loaded.templates->find(use.name);
  if (found != nullptr) {
    std::ranges::move(loaded.templates->faults(*found, use.kind), std::back_inserter(loaded.diagnostics));
    return;
  }
  const auto& config = *loaded.config;
  const bool may_show = config.source->at(use.pointer).origin == config::Origin::file;
  const auto near = may_show ? config::nearest(use.name, loaded.templates->names()) : std::nullopt;
  const auto file = may_show ? (template_folder(config) / (use.name + ".md")).string()
                             : template_folder(config).string() + "/....md";
  loaded.diagnostics.push_back(config.source->error(
      use.pointer, config::Place::value,
      "there is no template " + shown(config, use) + "; " +
          (near ? "did you mean " + config::in_quotes(*near) + "? Else write " : "write ") + file));
}

/// Every marketing mail says where its sender is to be found.
void check_sender(LoadedConfig& loaded, const TemplateUse& use) {
  const auto& config = *loaded.config;
  const auto is_via = [&](const config::Channel& channel) { return channel.name == use.via; };
  if (use.via.empty() || std::ranges::none_of(config.channels, is_via) ||
      hub_values(config, use.via).contains("postal_address"))
    return;
  loaded.diagnostics.push_back(config.source->error(use.pointer, config::Place::value,
                                                    "the channel " + config::in_quotes(use.via) +
                                                        " says no postal_address, which every marketing mail "
                                                        "carries; give it one, as in postal_address: 12 St "
                                                        "James's Square, London"));
}

}  // namespace

std::vector<TemplateUse> template_uses(const config::Config& config) {
  return Uses{config}.run();
}

std::filesystem::path template_folder(const config::Config& config) {
  const auto nurture = section(config, "nurture");
  const auto& given = at(nurture, "/templates");
  const std::filesystem::path folder{given.is_string() ? given.get<std::string>() : "templates"};
  return config.file.parent_path() / folder;
}

void load_templates(LoadedConfig& loaded) {
  const auto uses = template_uses(*loaded.config);
  const auto folder = template_folder(*loaded.config);
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    loaded.templates = std::make_shared<const mail::TemplateSet>(mail::TemplateSet::built_in());
    say_missing_folder(loaded, uses);
    return;
  }
  loaded.templates =
      std::make_shared<const mail::TemplateSet>(mail::TemplateSet::load(folder, loaded.diagnostics));
  for (const auto& use : uses) {
    check_use(loaded, use);
    check_sender(loaded, use);
  }
}

ordered_json hub_values(const config::Config& config, std::string_view via) {
  ordered_json values{{"public_url", config.public_url}, {"site", ops::host_of_url(config.public_url)}};
  for (const auto& channel : config.channels) {
    if (channel.name != via) continue;
    const auto settings = ordered_json::parse(channel.config, nullptr, false);
    const auto& address = at(settings, "/postal_address");
    if (address.is_string()) values["postal_address"] = address;
  }
  return values;
}

std::string first_mail_channel(const LoadedConfig& loaded) {
  for (const auto* channel : loaded.active) {
    const auto* file = loaded.registry->find(channel->plugin);
    if (file != nullptr &&
        std::ranges::find(file->descriptor->delivers, "mail") != file->descriptor->delivers.end())
      return channel->name;
  }
  return {};
}

std::string opt_in_template(const config::Config& config, std::string_view channel) {
  for (const auto& candidate : config.channels) {
    if (candidate.name != channel) continue;
    const auto settings = ordered_json::parse(candidate.config, nullptr, false);
    const auto& name = at(settings, "/double_opt_in/template");
    if (name.is_string()) return name.get<std::string>();
  }
  return "confirm";
}

deliver::MailWords opt_in_words(const LoadedConfig& loaded, std::string_view via) {
  return {
      loaded.templates,
      [&loaded](const lead::Message& message) { return opt_in_template(*loaded.config, message.channel); },
      [values = hub_values(*loaded.config, via)] { return values; }};
}

deliver::MailWords hand_off_words(const LoadedConfig& loaded, std::string_view via) {
  const auto route = section(*loaded.config, "route");
  const auto& given = at(route, "/notify/template");
  return {loaded.templates,
          [name = given.is_string() ? given.get<std::string>()
                                    : std::string{"hand-off"}](const lead::Message&) { return name; },
          [values = hub_values(*loaded.config, via)] { return values; }};
}

deliver::MailWords journey_words(const LoadedConfig& loaded, std::string_view via) {
  return {loaded.templates, [](const lead::Message& message) { return message.template_name; },
          [values = hub_values(*loaded.config, via)] { return values; }};
}

}  // namespace leadhub::app
