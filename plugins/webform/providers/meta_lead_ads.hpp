#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "meta.hpp"
#include "tool_submission.hpp"

/// Lead ads of Facebook and Instagram. A webhook brings the ids of leads alone; the answers are fetched from
/// the Graph API, GET /<leadgen id>?fields=..., once the webhook is answered. Source: Meta, "Webhooks for
/// Leads" and "Retrieving leads".
namespace leadhub::webform::meta {

/// A lead to fetch, as the webhook names it. Empty members were not given.
struct LeadReference {
  std::string leadgen_id, page_id, form_id, ad_id;
  std::string created_at;  ///< RFC 3339
};

/// The leads that a webhook names, at most limits::events_max. Entries without an id, of other fields and of
/// other shapes are passed over: one request carries up to 1000 of them, and one bad one must not lose the
/// others. Throws ChannelError for what is no webhook of a page at all.
std::vector<LeadReference> leads_to_fetch(const nlohmann::json& body);

/// The lead as the Graph API gives it: {"id", "created_time", "field_data": [{"name", "values": []}],
/// "custom_disclaimer_responses": [{"checkbox_key", "is_checked"}], "platform", "campaign_name", ...}. Throws
/// ChannelError where it has no answers.
ToolSubmission submission_of(const nlohmann::json& lead, const LeadReference& reference);

/// Throws the refusal() that an answer of the Graph API is which is no success, always.
[[noreturn]] void refuse_answer(const sdk::HttpResponse& answer);

/// Whether the lead was made by Meta's Lead Ads Testing Tool, which marks it by its values alone.
bool is_test_lead(const nlohmann::json& lead);

}  // namespace leadhub::webform::meta
