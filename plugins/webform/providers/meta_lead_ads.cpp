#include "providers/meta_lead_ads.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "text.hpp"

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

}  // namespace leadhub::webform::meta
