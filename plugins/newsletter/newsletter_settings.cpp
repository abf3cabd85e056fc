#include "newsletter_settings.hpp"

#include <nlohmann/json.hpp>

#include "form_token.hpp"
#include "origin.hpp"
#include "provider.hpp"
#include "provider_channel.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key, std::string_view fallback = {}) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(fallback);
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  const auto found = object.find(key);
  std::vector<std::string> texts;
  if (found == object.end()) return texts;
  if (found->is_string()) texts.push_back(found->get<std::string>());
  if (found->is_array())
    for (const json& item : *found)
      if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

class Reader {
 public:
  SettingsReading read(std::string_view config) {
    const json given = json::parse(config, nullptr, false);
    if (!given.is_object()) {
      report("", "the configuration is not an object; write provider and what belongs to it");
      return std::move(reading_);
    }
    NewsletterSettings& settings = reading_.settings;
    settings.provider_name = text_of(given, "provider");
    settings.provider = find_provider(settings.provider_name);
    settings.list = text_of(given, "list");
    settings.purpose = text_of(given, "purpose", "marketing_email");
    settings.text = text_of(given, "text");
    if (const auto found = given.find("double_opt_in"); found != given.end() && found->is_object())
      settings.opt_in = OptIn::confirmed;
    if (settings.provider == nullptr) {
      report("/provider", webform::unknown_provider(settings.provider_name));
      return std::move(reading_);
    }
    read_secrets(given);
    read_keys(given);
    read_topics(given);
    read_form(given);
    return std::move(reading_);
  }

 private:
  webform::FormSettings& form() { return reading_.settings.form; }
  void report(std::string pointer, std::string message) {
    reading_.problems.push_back({std::move(pointer), std::move(message)});
  }

  void read_secrets(const json& given) {
    const auto found = given.find("secret");
    if (found == given.end()) return;
    const auto add = [&](const json& reference) {
      if (reference.is_object()) reading_.settings.secrets.push_back(text_of(reference, "$secret"));
    };
    if (!found->is_array()) return add(*found);
    for (const json& reference : *found) add(reference);
  }

  void read_keys(const json& given) {
    reading_.settings.public_keys = texts_of(given, "public_key");
    const std::vector<std::string>& keys = reading_.settings.public_keys;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const std::string problem = reading_.settings.provider->key_problem(keys[i]); !problem.empty())
        report(given["public_key"].is_array() ? "/public_key/" + std::to_string(i) : "/public_key", problem);
  }

  void read_topics(const json& given) {
    reading_.settings.topics = texts_of(given, "topics");
    const std::vector<std::string>& topics = reading_.settings.topics;
    for (std::size_t i = 0; i < topics.size(); ++i)
      if (!topics[i].starts_with("arn:aws") || topics[i].find(":sns:") == std::string::npos)
        report("/topics/" + std::to_string(i),
               "\"" + topics[i] +
                   "\" is no topic; copy the ARN that SNS shows, \"arn:aws:sns:<region>:<account>:<name>\"");
  }

  void read_form(const json& given) {
    form().thank_you = text_of(given, "thank_you");
    if (!form().thank_you.empty() && !webform::is_page_url(form().thank_you))
      report("/thank_you", "the address of the thank-you page must be a whole http or https URL in ASCII");
    const std::vector<std::string> origins = texts_of(given, "origins");
    for (std::size_t i = 0; i < origins.size(); ++i) {
      if (const std::optional<std::string> origin = webform::parse_origin(origins[i]))
        form().origins.push_back(*origin);
      else
        report("/origins/" + std::to_string(i),
               "\"" + origins[i] +
                   "\" is no origin; write scheme and host alone, for example \"https://www.example.com\"");
    }
    read_spam(given);
    webform::FormTexts& texts = form().texts;
    texts.title = text_of(given, "title", "Newsletter");
    texts.intro = text_of(given, "intro");
    texts.button = text_of(given, "button", "Subscribe");
    texts.thanks = text_of(given, "thanks",
                           reading_.settings.opt_in == OptIn::confirmed
                               ? "Thank you. Please look into your mailbox and confirm your subscription."
                               : "Thank you. You have subscribed.");
    texts.language = text_of(given, "language", "en");
  }

  void read_spam(const json& given) {
    const auto found = given.find("spam");
    if (found == given.end() || !found->is_object()) return;
    form().honeypot = text_of(*found, "honeypot");
    for (const std::string_view taken : {"email", "name", "consent", "_charset_"})
      if (form().honeypot == taken || form().honeypot == webform::token_field ||
          form().honeypot == webform::visitor_field)
        report("/spam/honeypot", "\"" + form().honeypot + "\" is the form's own; choose another name");
    if (const auto seconds = found->find("min_seconds"); seconds != found->end() && seconds->is_number())
      form().fill_ms_min = static_cast<std::int64_t>(seconds->get<double>() * 1000);
    const std::string rate = text_of(*found, "per_address");
    if (rate.empty()) return;
    form().per_address = webform::parse_rate(rate);
    if (!form().per_address)
      report("/spam/per_address", "\"" + rate + "\" is no rate; write for example \"10 per 1m\"");
  }

  SettingsReading reading_;
};

}  // namespace

SettingsReading read_settings(std::string_view config) {
  return Reader().read(config);
}

}  // namespace leadhub::newsletter
