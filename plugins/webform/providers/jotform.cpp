#include <algorithm>
#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "text.hpp"
#include "tool_provider.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// "q3_studentsName" -> 'S' begins a word: "students Name".
std::string words_of_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z' && !out.empty() && out.back() != ' ') out += ' ';
    out += c;
  }
  while (!out.empty() && out.back() >= '0' && out.back() <= '9')
    out.pop_back();  // "email4": the fourth field
  return out;
}

/// Jotform's webhook: a form of several parts, of which rawRequest has the answers as JSON:
/// "q3_studentsName", with the number and the unique name of the field; names, phones, addresses and dates
/// are objects. Files come as lists of addresses under bare names. "pretty" cannot be taken apart safely.
/// Nothing is signed: the secret stands in the address.
class Jotform final : public ToolProvider {
 public:
  explicit Jotform(ProviderParts parts)
      : ToolProvider(std::move(parts), Door::token_anywhere(parts.secrets)) {}

 private:
  [[nodiscard]] sdk::Reading understand(const sdk::HttpRequest& request) const override {
    const json body = parse_tool_body(request);
    const json answers = parse_tool_json(text_at(body, "rawRequest"));
    if (!answers.is_object()) throw sdk::ChannelError("rawRequest is no JSON object with the form's answers");
    ToolSubmission submission;
    submission.key = text_at(body, "submissionID");
    submission.person_ip = text_at(body, "ip");
    add_attribute(submission, "form_id", text_at(body, "formID"));
    add_attribute(submission, "form_name", text_at(body, "formTitle"));
    for (const auto& [name, value] : answers.items()) {
      const Halves halves = split_once(name, '_');
      const bool is_question = name.size() > 1 && name.front() == 'q' && !halves.after.empty() &&
                               halves.before.find_first_not_of("0123456789", 1) == std::string_view::npos;
      if (is_question)
        read_answer(name, std::string(halves.after), value, submission);
      else if (value.is_array())  // files; the rest is Jotform's own
        submission.answers.push_back({name, {}, AnswerKind::attribute, value_of(value)});
    }
    return {{event_of(settings_, std::move(submission), request)}, json_accepted()};
  }

  static void read_answer(const std::string& name, const std::string& unique_name, const json& value,
                          ToolSubmission& submission) {
    Answer answer{words_of_name(unique_name), {unique_name, name}, AnswerKind::text, value_of(value)};
    if (!value.is_object()) {
      submission.answers.push_back(std::move(answer));
    } else if (const std::string full = text_at(value, "full"); !full.empty() || value.contains("area")) {
      answer.kind = AnswerKind::phone;
      answer.value = full.empty() ? joined(value, {"country", "area", "phone"}, ' ') : full;
      submission.answers.push_back(std::move(answer));
    } else if (value.contains("year") && value.contains("month") && value.contains("day")) {
      answer.value = joined(value, {"year", "month", "day"}, '-');
      submission.answers.push_back(std::move(answer));
    } else {
      read_parts(name, answer.label, value, submission);
    }
  }

  static void read_parts(const std::string& name, const std::string& label, const json& value,
                         ToolSubmission& submission) {
    const bool is_name = value.contains("first") || value.contains("last");
    const bool is_address = value.contains("addr_line1");
    for (const auto& [part, inner] : value.items()) {
      Answer answer{label + " " + part, {name + "." + part}, AnswerKind::attribute, value_of(inner)};
      if (is_name && part == "first") answer.kind = AnswerKind::first_name;
      if (is_name && part == "last") answer.kind = AnswerKind::last_name;
      if (is_address && part == "city") answer.kind = AnswerKind::city;
      if (is_address && part == "country") answer.kind = AnswerKind::country;
      submission.answers.push_back(std::move(answer));
    }
  }

  static std::string joined(const json& value, std::initializer_list<std::string_view> parts, char between) {
    std::string out;
    for (const std::string_view part : parts)
      if (const std::string text = text_at(value, part); !text.empty())
        out += (out.empty() ? "" : std::string(1, between)) + text;
    return out;
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind jotform{"jotform", Sender::machine, FieldsNeed::optional,
                                      &make_provider<Jotform>, &empty_secret_problem};

}  // namespace providers
}  // namespace leadhub::webform
