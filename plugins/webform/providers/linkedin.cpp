#include "providers/linkedin.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/form.hpp>
#include <leadhub/sdk/outbound.hpp>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform::linkedin {
namespace {

using nlohmann::json;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

const json* path(const json& object, std::initializer_list<std::string_view> names) {
  const json* at = &object;
  for (const std::string_view name : names)
    if (at != nullptr) at = member(*at, name);
  return at;
}

/// What LinkedIn fills in from a member's profile.
AnswerKind kind_of(std::string_view predefined) {
  if (predefined == "EMAIL" || predefined == "WORK_EMAIL") return AnswerKind::email;
  if (predefined == "PHONE_NUMBER" || predefined == "WORK_PHONE_NUMBER") return AnswerKind::phone;
  if (predefined == "FIRST_NAME") return AnswerKind::first_name;
  if (predefined == "LAST_NAME") return AnswerKind::last_name;
  if (predefined == "CITY") return AnswerKind::city;
  return predefined == "COUNTRY" ? AnswerKind::country : AnswerKind::text;
}

struct Question {
  std::string label, name;
  AnswerKind kind = AnswerKind::text;
  std::map<std::string, std::string> options;
};

std::string localized(const json* text) {
  if (text == nullptr) return {};
  if (text->is_string()) return text->get<std::string>();
  const json* const languages = member(*text, "localized");
  if (languages == nullptr || !languages->is_object() || languages->empty()) return {};
  const json& first = *languages->begin();
  return first.is_string() ? first.get<std::string>() : text_at(first, "rawText");
}

Question question_of(const json& from) {
  const std::string predefined = text_at(from, "predefinedField");
  Question question{localized(member(from, "question")), text_at(from, "name"), kind_of(predefined), {}};
  if (question.kind == AnswerKind::text && !predefined.empty()) question.label = predefined;  // COMPANY_NAME
  if (const json* const options = path(from, {"questionDetails", "multipleChoiceQuestionDetails", "options"});
      options != nullptr && options->is_array())
    for (const json& option : *options)
      question.options[text_at(option, "id")] = localized(member(option, "text"));
  return question;
}

sdk::AttributeValue answer_value(const json& answer, const Question& question) {
  if (const json* const text = path(answer, {"answerDetails", "textQuestionAnswer", "answer"}))
    return value_of(*text);
  std::vector<std::string> chosen;
  if (const json* const options = path(answer, {"answerDetails", "multipleChoiceAnswer", "options"});
      options != nullptr && options->is_array())
    for (const json& id : *options) {
      const std::string text = id.is_string() ? id.get<std::string>() : id.dump();
      const auto found = question.options.find(text);
      chosen.push_back(found == question.options.end() ? text : found->second);
    }
  if (chosen.size() == 1) return chosen.front();
  return chosen;
}

}  // namespace

sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "LinkedIn";
  scheme.signature = sdk::Source::header("x-li-signature");
  scheme.before = {sdk::Part::literal("hmacsha256=")};
  return scheme;
}

bool is_uuid(std::string_view text) {
  constexpr std::size_t size = 36;
  if (text.size() != size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

std::optional<sdk::Verdict> answer_challenge(const sdk::HttpRequest& request,
                                             const std::string& client_secret) {
  if (request.method() != "GET") return std::nullopt;
  const auto query = sdk::UrlencodedForm::parse(request.query(), limits::form_fields_max);
  const std::string code(query ? query->value("challengeCode") : std::string_view{});
  if (!is_uuid(code))
    return sdk::Verdict::refuse(json_answer(R"({"message":"challengeCode must be a UUID"})", 400),
                                "the challenge is no UUID, and nothing else is signed");
  const std::string response = sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, client_secret)({code}));
  return sdk::Verdict::answer(
      json_answer(json{{"challengeCode", code}, {"challengeResponse", response}}.dump()));
}

std::vector<ResponseReference> responses_to_fetch(const json& body) {
  std::vector<ResponseReference> found;
  const json list = body.is_array() ? body : json::array({body});
  for (const json& one : list) {
    ResponseReference reference;
    reference.urn = text_at(one, "leadGenFormResponse");
    reference.id = reference.urn.substr(reference.urn.rfind(':') + 1);
    reference.occurred_at = time_at(one, "occurredAt");
    reference.key = reference.urn + " " + text_at(one, "occurredAt");
    reference.is_deleted = text_at(one, "leadAction") == "DELETED";
    constexpr std::string_view urn = "urn:li:leadGenFormResponse:";
    const bool is_id = reference.urn.starts_with(urn) && !reference.id.empty() &&
                       reference.key.size() <= limits::key_bytes_max &&
                       std::all_of(reference.id.begin(), reference.id.end(), [](char c) {
                         return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '_';
                       });
    if (!is_id) continue;
    if (found.size() == limits::events_max)
      throw sdk::ChannelError("the webhook names more than " + std::to_string(limits::events_max) +
                              " responses");
    found.push_back(std::move(reference));
  }
  if (found.empty())
    throw sdk::ChannelError("the webhook names no urn:li:leadGenFormResponse; see what LinkedIn sends today");
  return found;
}

ToolSubmission submission_of(const json& response, const json& form, const ResponseReference& reference) {
  const json* const answers = path(response, {"formResponse", "answers"});
  if (answers == nullptr || !answers->is_array())
    throw sdk::ChannelError(
        "the response has no answers; ask for formResponse with a token that may read leads");
  std::map<std::string, Question> questions;
  if (const json* const list = path(form, {"content", "questions"}); list != nullptr && list->is_array())
    for (const json& question : *list) questions[text_at(question, "questionId")] = question_of(question);
  ToolSubmission submission;
  submission.key = reference.key;
  submission.occurred_at = time_at(response, "submittedAt");
  if (submission.occurred_at.empty()) submission.occurred_at = reference.occurred_at;
  for (const json& from : *answers) {
    const std::string id = text_at(from, "questionId");
    const Question& question = questions[id];
    Answer answer{question.label.empty() ? "question " + id : question.label,
                  {id},
                  question.kind,
                  answer_value(from, question)};
    if (!question.name.empty()) answer.other_names.push_back(question.name);
    submission.answers.push_back(std::move(answer));
  }
  add_attribute(submission, "form_name", text_at(form, "name"));
  add_attribute(submission, "lead_type", text_at(response, "leadType"));
  return submission;
}

std::string form_id_of(const json& response) {
  const std::string urn = text_at(response, "versionedLeadGenFormUrn");
  constexpr std::string_view before = "urn:li:leadGenForm:";
  const auto at = urn.find(before);
  if (at == urn.npos) return {};
  const auto start = at + before.size();
  return urn.substr(start, urn.find_first_not_of("0123456789", start) - start);
}

bool is_test_lead(const json& response) {
  const json* const flag = member(response, "testLead");
  return flag != nullptr && flag->is_boolean() && flag->get<bool>();
}

}  // namespace leadhub::webform::linkedin

namespace leadhub::webform {
namespace {

using nlohmann::json;

class LinkedIn final : public ToolProvider {
 public:
  explicit LinkedIn(ProviderParts parts)
      : ToolProvider(ProviderParts{parts}, Door::signed_by(linkedin::scheme(), parts.secrets)),
        client_secret_(std::move(parts.secrets.front())),
        access_token_(std::move(parts.tokens.at("access_token"))) {
    const json config = json::parse(settings_.config);
    api_ = text_at(config, "api");
    if (api_.empty()) api_ = "https://api.linkedin.com";
    version_ = text_at(config, "api_version");
    if (version_.empty()) version_ = "202510";
  }

  [[nodiscard]] bool follows_up() const override { return true; }
  [[nodiscard]] bool wants_follow_up(const sdk::HttpRequest& request) const override {
    const auto responses = linkedin::responses_to_fetch(parse_tool_json(request.body()));
    return std::any_of(responses.begin(), responses.end(), [](const auto& one) { return !one.is_deleted; });
  }

  [[nodiscard]] std::vector<std::string> follow_up(const Errand& errand) override {
    std::vector<std::string> events;
    std::map<std::string, json> forms;
    for (const auto& reference : linkedin::responses_to_fetch(parse_tool_json(errand.request.body()))) {
      if (reference.is_deleted) continue;
      const json response = fetch("/rest/leadFormResponses/" + reference.id, errand);
      if (linkedin::is_test_lead(response)) {
        errand.host.count("test_leads");
        continue;
      }
      const std::string id = linkedin::form_id_of(response);
      if (!id.empty() && !forms.contains(id)) forms[id] = fetch("/rest/leadForms/" + id, errand);
      events.push_back(
          event_of(settings_, linkedin::submission_of(response, forms[id], reference), errand.request));
    }
    return events;
  }

 private:
  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t /*now_ms*/) override {
    return linkedin::answer_challenge(request, client_secret_);
  }

  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    static_cast<void>(linkedin::responses_to_fetch(parse_tool_json(request.body())));
    return {{}, json_answer("{}")};  // the answers come after ours
  }

  [[nodiscard]] json fetch(const std::string& path, const Errand& errand) const {
    sdk::OutboundRequest request;
    request.method = "GET";
    request.url = api_ + path;
    request.headers = {{"authorization", "Bearer " + access_token_},
                       {"linkedin-version", version_},
                       {"x-restli-protocol-version", "2.0.0"}};
    const auto answer = sdk::send(errand.host, request, errand.deadline_ms);
    sdk::expect_success(answer, "LinkedIn");
    return parse_tool_json(answer.body);
  }

  std::string client_secret_;
  std::string access_token_;
  std::string api_;
  std::string version_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind linkedin{"linkedin", Sender::machine, FieldsNeed::optional,
                                       &make_provider<LinkedIn>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
