#include "providers/meta_lead_ads.hpp"

#include <leadhub/sdk/outbound.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform::meta {
namespace {

using nlohmann::json;

AnswerKind kind_of(std::string_view name) {
  if (name == "email") return AnswerKind::email;
  if (name == "phone_number") return AnswerKind::phone;
  if (name == "full_name") return AnswerKind::name;
  if (name == "first_name") return AnswerKind::first_name;
  return name == "last_name" ? AnswerKind::last_name : AnswerKind::text;
}

}  // namespace

std::vector<LeadReference> leads_to_fetch(const json& body) {
  if (text_at(body, "object") != "page" || member(body, "entry") == nullptr)
    throw sdk::ChannelError(
        "this is no webhook of a page; subscribe the app to the object Page, field leadgen");
  std::vector<LeadReference> leads;
  for (const json& entry : list_at(body, "entry")) {
    for (const json& change : list_at(entry, "changes")) {
      const json* const value = member(change, "value");
      if (text_at(change, "field") != "leadgen" || value == nullptr) continue;
      LeadReference lead{text_at(*value, "leadgen_id"), text_at(*value, "page_id"),
                         text_at(*value, "form_id"), text_at(*value, "ad_id"),
                         time_at(*value, "created_time")};
      const bool is_id = !lead.leadgen_id.empty() && lead.leadgen_id.size() <= limits::key_bytes_max &&
                         lead.leadgen_id.find_first_not_of("0123456789") == std::string::npos;
      if (!is_id) continue;  // it becomes part of an address
      if (leads.size() == limits::events_max)
        throw sdk::ChannelError("the webhook names more than " + std::to_string(limits::events_max) +
                                " leads");
      leads.push_back(std::move(lead));
    }
  }
  return leads;
}

ToolSubmission submission_of(const json& lead, const LeadReference& reference) {
  const json& fields = list_at(lead, "field_data");
  if (fields.empty())
    throw sdk::ChannelError(
        "the lead has no field_data; ask for it in \"fields\", with a token that may read leads");
  ToolSubmission submission;
  submission.key = reference.leadgen_id.empty() ? text_at(lead, "id") : reference.leadgen_id;
  submission.occurred_at = time_at(lead, "created_time");
  if (submission.occurred_at.empty()) submission.occurred_at = reference.created_at;
  for (const json& field : fields) {
    const std::string name = text_at(field, "name");
    const json& values = list_at(field, "values");
    submission.answers.push_back(
        {name, {}, kind_of(name), value_of(values.size() == 1 ? values.front() : values)});
  }
  for (const json& box : list_at(lead, "custom_disclaimer_responses"))
    submission.answers.push_back(
        {text_at(box, "checkbox_key"), {}, AnswerKind::consent, text_at(box, "is_checked")});
  for (const char* const name : {"platform", "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id",
                                 "campaign_name", "form_id", "is_organic"})
    add_attribute(submission, name, text_at(lead, name));
  add_attribute(submission, "page_id", reference.page_id);
  if (text_at(lead, "form_id").empty()) add_attribute(submission, "form_id", reference.form_id);
  return submission;
}

bool is_test_lead(const json& lead) {
  for (const json& field : list_at(lead, "field_data"))
    for (const json& value : list_at(field, "values")) {
      if (!value.is_string()) continue;
      const std::string text = ascii_lower(value.get_ref<const std::string&>());
      if (text.starts_with("<test lead: dummy data") || text == "test@fb.com" || text == "test@meta.com")
        return true;
    }
  return false;
}

void refuse_answer(const sdk::HttpResponse& answer) {
  throw refusal(answer, "renew access_token in hub.yaml: of the page, with leads_retrieval");
}

}  // namespace leadhub::webform::meta

namespace leadhub::webform {
namespace {

using nlohmann::json;

class MetaLeadAds final : public ToolProvider {
 public:
  explicit MetaLeadAds(ProviderParts parts)
      : ToolProvider(ProviderParts{parts}, Door::signed_by(meta::scheme(), parts.secrets)),
        verify_token_(meta::challenge_token(), {parts.tokens.at("verify_token")}),
        access_token_(std::move(parts.tokens.at("access_token"))),
        proof_(meta::proof(parts.secrets.front(), access_token_)),
        api_(text_at(json::parse(settings_.config), "api")) {
    if (api_.empty()) api_ = meta::graph_api;
  }

  [[nodiscard]] bool follows_up() const override { return true; }
  [[nodiscard]] bool wants_follow_up(const sdk::HttpRequest& request) const override {
    return !meta::leads_to_fetch(parse_tool_json(request.body())).empty();
  }

  [[nodiscard]] std::vector<std::string> follow_up(const Errand& errand) override {
    std::vector<std::string> events;
    const auto leads = meta::leads_to_fetch(parse_tool_json(errand.request.body()));
    for (std::size_t first = 0; first < leads.size(); first += ids_max) {
      const auto last = std::min(leads.size(), first + ids_max);
      const json answers = fetch({leads.begin() + static_cast<std::ptrdiff_t>(first),
                                  leads.begin() + static_cast<std::ptrdiff_t>(last)},
                                 errand);
      for (std::size_t i = first; i < last; ++i) add_lead(answers, leads[i], errand, events);
    }
    return events;
  }

 private:
  static constexpr std::size_t ids_max = 50;  // of one request, says the Graph API

  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t /*now_ms*/) override {
    return meta::answer_challenge(request, verify_token_);
  }

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    static_cast<void>(meta::leads_to_fetch(parse_tool_json(request.body())));
    return {{}, json_answer("{}")};  // the leads come after the answer
  }

  /// The leads by their ids.
  [[nodiscard]] json fetch(const std::vector<meta::LeadReference>& leads, const Errand& errand) const {
    std::string ids;
    for (const auto& lead : leads) (ids += ids.empty() ? "" : ",") += lead.leadgen_id;
    sdk::OutboundRequest request;
    request.method = "GET";
    request.url = api_ + "/?ids=" + ids +
                  "&fields=id,created_time,field_data,custom_disclaimer_responses,ad_id,ad_name,adset_id,"
                  "adset_name,campaign_id,campaign_name,form_id,is_organic,platform&" +
                  proof_;
    request.headers = {{"authorization", "Bearer " + access_token_}, {"accept", "application/json"}};
    const auto answer = sdk::send(errand.host, request, errand.deadline_ms);
    if (answer.status == 200) return parse_tool_json(answer.body);
    if (leads.size() == 1) meta::refuse_answer(answer);
    return fetch_each(leads, answer, errand);
  }

  /// One id that the Graph API does not know spoils the request for all of them.
  [[nodiscard]] json fetch_each(const std::vector<meta::LeadReference>& leads,
                                const sdk::HttpResponse& spoilt, const Errand& errand) const {
    try {
      meta::refuse_answer(spoilt);
    } catch (const sdk::ChannelError& error) {
      if (error.retry_class() != sdk::RetryClass::permanent) throw;
    }
    json all = json::object();
    for (const auto& lead : leads) {
      try {
        all.update(fetch({lead}, errand));
      } catch (const sdk::ChannelError& error) {
        if (error.retry_class() != sdk::RetryClass::permanent) throw;
      }
    }
    return all;
  }

  void add_lead(const json& answers, const meta::LeadReference& reference, const Errand& errand,
                std::vector<std::string>& events) const {
    const json* const lead = member(answers, reference.leadgen_id);
    if (lead == nullptr) {
      errand.host.count("leads_not_found");
      errand.host.log(sdk::LogLevel::warning,
                      "Meta has no lead of one of the ids that it named; it may have been deleted");
    } else if (meta::is_test_lead(*lead)) {
      errand.host.count("test_leads");
    } else {
      events.push_back(event_of(settings_, meta::submission_of(*lead, reference), errand.request));
    }
  }

  sdk::StaticToken verify_token_;
  std::string access_token_;
  std::string proof_;
  std::string api_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind meta_lead_ads{"meta_lead_ads", Sender::machine, FieldsNeed::optional,
                                            &make_provider<MetaLeadAds>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
