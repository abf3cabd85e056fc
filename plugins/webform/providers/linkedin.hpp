#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tool_submission.hpp"

/// LinkedIn's Lead Sync. A webhook names responses to a lead form; the answers are fetched from
/// GET /rest/leadFormResponses/<id> and the questions from GET /rest/leadForms/<id>, once the webhook is
/// answered. Source: Microsoft,
/// "Lead Sync" and "Webhooks" of LinkedIn's Marketing API.
namespace leadhub::webform::linkedin {

/// X-LI-Signature: hex of HMAC-SHA-256 over "hmacsha256=" and the body, under the app's client secret.
sdk::SignatureScheme scheme();

/// The answer to GET ?challengeCode=UUID: the code and its HMAC as JSON. nullopt for any other request.
///
/// Whoever asks gets the code signed with the very key that signs webhooks, so only a UUID is: else somebody
/// could send "hmacsha256={...}" as the code and have a forged webhook signed. Refused with 400.
std::optional<sdk::Verdict> answer_challenge(const sdk::HttpRequest& request,
                                             const std::string& client_secret);

/// Whether `text` is 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text);

/// A response to fetch.
struct ResponseReference {
  std::string urn;  ///< urn:li:leadGenFormResponse:<id>
  std::string id;   ///< its last part: digits, letters, '-' and '_' alone, because it goes into an address
  std::string occurred_at;  ///< RFC 3339
  std::string key;          ///< urn and time: LinkedIn repeats a notification that was not answered with 2xx
  bool is_deleted = false;  ///< leadAction DELETED: the member took it back
};

/// The responses that a webhook names: one object or a list of them. Throws ChannelError for what names none.
std::vector<ResponseReference> responses_to_fetch(const nlohmann::json& body);

/// A response and its form as the API gives them: "formResponse.answers[]{questionId, answerDetails}" and
/// "content.questions[]{questionId, name, predefinedField, question}". Throws ChannelError without answers.
ToolSubmission submission_of(const nlohmann::json& response, const nlohmann::json& form,
                             const ResponseReference& reference);

/// The id of the form that a response answers, "3162" of
/// "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)"; empty where the response names none.
std::string form_id_of(const nlohmann::json& response);

/// Whether the response was made by LinkedIn's own test of a form.
bool is_test_lead(const nlohmann::json& response);

}  // namespace leadhub::webform::linkedin
