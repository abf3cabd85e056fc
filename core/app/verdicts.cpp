#include "app/verdicts.hpp"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>

#include "normalise/email.hpp"
#include "normalise/locale.hpp"
#include "normalise/name.hpp"
#include "normalise/phone.hpp"
#include "normalise/text.hpp"
#include "ops/limits.hpp"
#include "verify/email_typo.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

ordered_json or_null(std::string_view text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json head_of(std::string_view value, std::string_view canonical, lead::Verdict verdict,
                     std::string_view reason, std::string_view message) {
  return {{"value", value},
          {"canonical", or_null(canonical)},
          {"verdict", lead::to_string(verdict)},
          {"reason", reason},
          {"message", or_null(message)}};
}

/// From the best to the worst to hear of a domain that was asked; a silent DNS says less than a doubtful
/// list.
int rank_of(lead::Verdict verdict) {
  switch (verdict) {
    case lead::Verdict::valid:
      return 0;
    case lead::Verdict::risky:
      return 1;
    case lead::Verdict::unknown:
      return 2;
    case lead::Verdict::invalid:
      break;
  }
  return 3;
}

/// For the reasons that lists give; those of the address itself have their own sentences.
std::string_view sentence_of(std::string_view reason, const normalise::EmailAddress& address) {
  if (reason == normalise::code_of(address.reason)) return normalise::sentence_of(address.reason);
  if (reason == "disposable_domain") return "the e-mail address is made to be thrown away";
  if (reason == "role_address") return "the e-mail address is that of a function, not of a person";
  if (reason == "free_mailbox") return "the e-mail address is with a provider that is free for all";
  constexpr std::pair<std::string_view, std::string_view> of_the_domain[] = {
      {"address_fallback", "the domain names no mail server; its own address may take mail"},
      {"null_mx", "the domain says that it takes no mail"},
      {"no_such_domain", "there is no such domain"},
      {"no_mail_host", "the domain has neither a mail server nor an address"},
      {"unusable_mail_host", "the domain names mail servers that cannot be any"},
      {"unusable_address", "the domain has addresses only that no stranger can reach"},
      {"sends_no_mail", "the domain has no mail server, and says that nobody sends from it"},
      {"not_a_domain", "the domain cannot stand in DNS"},
      {"dns_timeout", "no name server answered in time; nothing can be said of the domain now"},
      {"dns_failure", "the name servers failed; nothing can be said of the domain now"},
      {"too_busy", "too many questions wait; nothing can be said of the domain now"}};
  for (const auto& [code, sentence] : of_the_domain)
    if (code == reason) return sentence;
  return {};
}

/// The address with the domain that was probably meant.
std::string suggestion_for(std::string_view value) {
  const auto at = value.rfind('@');
  if (at == value.npos) return {};
  const auto typed = normalise::clean_line(value.substr(at + 1));
  const auto domain = verify::suggest_domain(typed);
  return domain ? normalise::clean_line(value.substr(0, at + 1)) + *domain : std::string{};
}

ordered_json judged_email(std::string_view value, const JudgeOptions& options) {
  const auto address = normalise::read_email(value);
  lead::NamedContact contact{lead::ContactKind::email,
                             address.canonical,
                             {},
                             address.verdict(),
                             std::string{normalise::code_of(address.reason)}};
  verify::verify_offline(contact, options.policy, options.lists);
  if (options.ask_domain && contact.verdict != lead::Verdict::invalid)
    if (auto finding = options.ask_domain(address.domain());
        rank_of(finding.verdict) > rank_of(contact.verdict)) {
      contact.verdict = finding.verdict;
      contact.reason = std::move(finding.reason);
    }
  auto document = head_of(value, address.canonical, contact.verdict, contact.reason,
                          sentence_of(contact.reason, address));
  document["send_to"] = or_null(address.send_to);
  document["local"] = or_null(address.local());
  document["domain"] = or_null(address.domain());
  document["domain_unicode"] = or_null(normalise::unicode_domain(address.domain()));
  document["needs_smtputf8"] = address.needs_smtputf8();
  document["role"] = contact.marks.role;
  document["free"] = contact.marks.free;
  document["disposable"] = contact.marks.disposable;
  document["suggestion"] = or_null(suggestion_for(value));
  document["lists"] = options.lists.version();
  return document;
}

ordered_json judged_phone(std::string_view value, const JudgeOptions& options) {
  const auto phone = normalise::read_phone(value, options.country, normalise::PhoneDetail::type);
  auto document = head_of(value, phone.e164, phone.verdict(), normalise::code_of(phone.reason),
                          normalise::sentence_of(phone.reason));
  document["region"] = or_null(phone.region);
  document["type"] = normalise::to_string(phone.type);
  document["extension"] = or_null(phone.extension);
  document["time_zone"] = or_null(normalise::time_zone_of_country(phone.region).value_or(""));
  return document;
}

struct NameFinding {
  lead::Verdict verdict;
  std::string_view reason;
  std::string_view message;
};

NameFinding look_at_name(std::string_view name) {
  if (name.empty()) return {lead::Verdict::invalid, "empty", "the name is empty"};
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
  };
  if (std::none_of(name.begin(), name.end(), is_letter))
    return {lead::Verdict::invalid, "no_letter", "the name has no letter"};
  if (name.find("://") != name.npos || name.find("www.") != name.npos)
    return {lead::Verdict::risky, "link", "the name holds a link"};
  if (normalise::is_company_name(name)) return {lead::Verdict::risky, "company", "the name is a company's"};
  return {lead::Verdict::valid, "ok", "the name has its parts"};
}

ordered_json judged_name(std::string_view value) {
  const auto name = normalise::clean_line(value);
  const auto finding = look_at_name(name);
  const auto parts = normalise::split_name(name);
  auto document = head_of(value, name, finding.verdict, finding.reason, finding.message);
  document["prefix"] = or_null(parts.prefix);
  document["given"] = or_null(parts.given);
  document["family"] = or_null(parts.family);
  document["suffix"] = or_null(parts.suffix);
  document["suggested"] = or_null(normalise::suggested_capitals(name));
  return document;
}

enum class LineEnd { found = 1, input_ended };

/// Reads one line without its end; keeps no more than is bearable of it.
LineEnd read_line(std::streambuf& in, std::string& line) {
  line.clear();
  constexpr auto end = std::char_traits<char>::eof();
  for (auto c = in.sbumpc(); c != end; c = in.sbumpc()) {
    if (c == '\n') return LineEnd::found;
    if (line.size() < limits::event_field_bytes_max) line += static_cast<char>(c);
  }
  return LineEnd::input_ended;
}

}  // namespace

ordered_json judged(ValueKind kind, std::string_view value, const JudgeOptions& options) {
  switch (kind) {
    case ValueKind::email:
      return judged_email(value, options);
    case ValueKind::phone:
      return judged_phone(value, options);
    case ValueKind::name:
      break;
  }
  return judged_name(value);
}

bool judge_lines(std::istream& in, ValueKind kind, const JudgeOptions& options,
                 const std::function<void(const ordered_json&)>& print) {
  bool all_good = true;
  bool is_first = true;
  std::string line;
  for (auto end = LineEnd::found; end == LineEnd::found; is_first = false) {
    end = read_line(*in.rdbuf(), line);
    if (end == LineEnd::input_ended && line.empty()) break;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::string_view value = line;
    if (is_first && value.starts_with("\xEF\xBB\xBF")) value.remove_prefix(3);
    const auto document = judged(kind, value, options);
    all_good = all_good && document["verdict"] != lead::to_string(lead::Verdict::invalid);
    print(document);
  }
  return all_good;
}

}  // namespace leadhub::app
