#include <leadhub/sdk/form.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "form_body.hpp"
#include "text.hpp"
#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

constexpr std::string_view vendor = "mailchimp";

/// Names and values of a request. A name may come twice; the last one counts, as Mailchimp's own examples
/// read it.
class Fields {
 public:
  explicit Fields(const sdk::UrlencodedForm& form) : form_(form) {}

  std::string operator[](std::string_view name) const {
    for (auto field = form_.fields().rbegin(); field != form_.fields().rend(); ++field)
      if (field->first == name) return std::string(field->second);
    return {};
  }

  /// Each merge field, "data[merges][NAME]", once.
  template <class Use>
  void each_merge_field(Use&& use) const {
    constexpr std::string_view prefix = "data[merges][";
    for (const auto& [name, value] : form_.fields())
      if (name.starts_with(prefix) && name.ends_with("]") && name.find('[', prefix.size()) == name.npos)
        use(name.substr(prefix.size(), name.size() - prefix.size() - 1), (*this)[name]);
  }

  /// The content, whatever order it came in.
  [[nodiscard]] std::string canonical() const {
    std::vector<std::pair<std::string_view, std::string_view>> sorted(form_.fields().begin(),
                                                                      form_.fields().end());
    std::sort(sorted.begin(), sorted.end());
    std::string text;
    for (const auto& [name, value] : sorted) text.append(name).append("=").append(value).append("\n");
    return text;
  }

 private:
  const sdk::UrlencodedForm& form_;
};

/// The audience webhooks of Mailchimp (Marketing API, "Sync Audience Data with Webhooks").
class Mailchimp final : public Webhook {
 public:
  explicit Mailchimp(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::token_at(sdk::TokenPlace::query("secret"), parts.secrets)) {}

 private:
  [[nodiscard]] bool takes(std::string_view content_type) const override {
    return webform::is_content_type(content_type, "application/x-www-form-urlencoded");
  }

  /// Mailchimp asks by GET whether the address is there before it saves it.
  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t) override {
    if (request.method() != "GET" && request.method() != "HEAD") return std::nullopt;
    return sdk::Verdict::answer({200, {}, {}});
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const auto form = sdk::UrlencodedForm::parse(request.body(), bounds::form_fields_max);
    if (!form) throw sdk::ChannelError("the form has too many fields");
    const Fields fields(*form);
    const std::string type = fields["type"];
    if (type.empty()) throw sdk::ChannelError("the form does not say its \"type\"");
    const std::string reason = fields["data[reason]"];
    if (type == "subscribe") {
      sdk::LeadEvent event = make(What::subscribed, fields);
      event.consent.front().ip = fields["data[ip_opt]"];
      return events.add(std::move(event));
    }
    if (type == "unsubscribe") {
      sdk::LeadEvent event = make(What::unsubscribed, fields);
      event.signal.reason = reason;
      const bool is_complaint = reason == "abuse";
      events.add(std::move(event));
      if (is_complaint) add_complaint(fields, ":complaint", events);
      return;
    }
    if (type == "cleaned" && reason == "abuse") return add_complaint(fields, "", events);
    if (type == "cleaned") {
      sdk::LeadEvent event = make(What::bounced, fields);
      event.signal.bounce = sdk::Signal::Bounce::hard;
      event.signal.reason = reason;
      return events.add(std::move(event));
    }
    if (type == "profile") return events.add(make(What::profile_changed, fields));
    sdk::LeadEvent event = make(What::other, fields, type);
    if (type == "upemail") {
      event.person.email = fields["data[new_email]"];
      if (const std::string old = fields["data[old_email]"]; !old.empty())
        event.attributes["mailchimp_old_email"] = old;
      if (const std::string id = fields["data[new_id]"]; !id.empty())
        event.person.external_ids["mailchimp"] = id;
    }
    if (type == "campaign")
      for (const char* name : {"id", "subject", "status", "reason"})
        if (const std::string value = fields["data[" + std::string(name) + "]"]; !value.empty())
          event.attributes["mailchimp_" + std::string(name)] = value;
    events.add(std::move(event));
  }

  void add_complaint(const Fields& fields, const std::string& key_suffix, Events& events) const {
    sdk::LeadEvent event = make(What::complained, fields);
    event.key += key_suffix;
    event.signal.reason = fields["data[reason]"];
    events.add(std::move(event));
  }

  /// With the person, the time and a key of the content: Mailchimp has no ids of events.
  [[nodiscard]] sdk::LeadEvent make(What what, const Fields& fields, std::string_view name = {}) const {
    sdk::LeadEvent event = make_event(what, settings_, vendor, name);
    event.key = key_of_content(fields.canonical());
    event.occurred_at = webform::point_in_time(fields["fired_at"]);
    event.person.email = fields["data[email]"];
    // A campaign's id is no person's.
    if (const std::string id = fields["data[id]"]; !id.empty() && !event.person.email.empty())
      event.person.external_ids["mailchimp"] = id;
    const bool says_who = what == What::subscribed || what == What::profile_changed;
    if (says_who) add_merge_fields(fields, event);
    return event;
  }

  static void add_merge_fields(const Fields& fields, sdk::LeadEvent& event) {
    fields.each_merge_field([&](std::string_view name, const std::string& value) {
      if (value.empty() || name == "EMAIL") return;
      if (name == "FNAME") {
        event.person.first_name = value;
      } else if (name == "LNAME") {
        event.person.last_name = value;
      } else if (name == "PHONE") {
        event.person.phone = value;
      } else {
        keep_attribute(event, name, nlohmann::json(value));
      }
    });
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind mailchimp{"mailchimp", &make_provider<Mailchimp>, &empty_secret_problem,
                                        &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
