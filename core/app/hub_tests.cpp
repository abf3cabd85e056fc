#include "app/hub_tests.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "app/expected_fields.hpp"
#include "app/test_story.hpp"
#include "config/source_map.hpp"
#include "config/units.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;
using config::child;

/// When a story begins whose test does not say: always at the same time, and on a Monday, so that it ends the
/// same way whenever it is run.
constexpr TimePoint default_beginning =
    std::chrono::sys_days{std::chrono::January / 5 / 2026} + std::chrono::hours{12};

std::string joined(const Json& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.get<std::string>();
  return text.empty() ? "none" : text;
}

class TestRun {
 public:
  TestRun(const LoadedConfig& loaded, const Json& test, const std::string& pointer)
      : loaded_(loaded), test_(test) {
    result_.name = test.at("name").get<std::string>();
    result_.pointer = pointer;
  }

  Result<TestResult> run() {
    const auto started = std::chrono::steady_clock::now();
    const auto at =
        test_.contains("at") ? parse_rfc3339(test_.at("at").get<std::string>()) : default_beginning;
    auto story = Story::begin(loaded_, at.value_or(default_beginning));
    if (!story) return std::unexpected(story.error());
    if (tell(**story)) compare(**story);
    result_.outcome = result_.differences.empty() ? TestResult::Outcome::passed : TestResult::Outcome::failed;
    result_.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    return std::move(result_);
  }

 private:
  /// Whether everything that the test gives could be done.
  bool tell(Story& story) {
    const auto begun = story.now();
    const auto given = child(result_.pointer, "given");
    for (std::size_t i = 0; i < test_.at("given").size(); ++i)
      if (const auto told = story.tell(test_.at("given")[i]); !told)
        return failed({child(given, i), {}, {}, told.error().message});
    if (!test_.contains("until")) return true;
    const auto until = config::parse_duration(test_.at("until").get<std::string>());
    const auto went_on = until ? story.go_on_until(begun + *until) : std::unexpected(until.error());
    return went_on || failed({child(result_.pointer, "until"), {}, {}, went_on.error().message});
  }

  bool failed(Difference difference) {
    result_.differences.push_back(std::move(difference));
    return false;
  }

  void compare(Story& story) {
    const auto& expect = test_.at("expect");
    const auto pointer = child(result_.pointer, "expect");
    const auto fields = expect.value("lead", Json::object());
    const auto email = fields.value("email", Json{});
    const auto lead = story.lead(email.is_string() ? email.get<std::string>() : std::string{});
    if (!lead) {
      failed({pointer, {}, {}, lead.error().message});
      return;
    }
    if (!*lead) {
      failed({pointer, "lead", "a lead", "nobody: no event of this test made one"});
      return;
    }
    if (expect.contains("mails"))
      compare_mails(expect.at("mails"), story.mails_to(**lead), child(pointer, "mails"));
    for (const auto& [path, expected] : fields.items())
      if (const auto found = field_of(**lead, path); !is_as_expected(expected, found))
        failed({child(child(pointer, "lead"), path), "lead." + path, shown(expected), shown(found)});
  }

  void compare_mails(const Json& expected, const std::vector<RecordedMail>& found,
                     const std::string& pointer) {
    auto wanted = Json::array();
    for (const auto& mail : expected) wanted.push_back(mail.is_string() ? mail : mail.at("template"));
    auto names = Json::array();
    for (const auto& mail : found) names.push_back(mail.template_name);
    if (wanted != names) {
      std::size_t first = 0;
      while (first < wanted.size() && first < names.size() && wanted[first] == names[first]) ++first;
      failed(
          {first < wanted.size() ? child(pointer, first) : pointer, "mails", joined(wanted), joined(names)});
      return;
    }
    for (std::size_t i = 0; i < found.size(); ++i)
      if (expected[i].is_object()) compare_words(expected[i], found[i], child(pointer, i));
  }

  void compare_words(const Json& expected, const RecordedMail& found, const std::string& pointer) {
    if (expected.contains("subject") && expected.at("subject") != found.subject)
      failed({child(pointer, "subject"), found.template_name + ".subject", shown(expected.at("subject")),
              shown(found.subject)});
    if (!expected.contains("contains")) return;
    const auto& contains = expected.at("contains");
    const auto parts = contains.is_string() ? Json::array({contains}) : contains;
    for (const auto& part : parts)
      if (!found.text.contains(part.get<std::string>()))
        failed({child(pointer, "contains"), found.template_name + ".text",
                "..." + part.get<std::string>() + "...", "\n" + found.text});
  }

  const LoadedConfig& loaded_;
  const Json& test_;
  TestResult result_;
};

}  // namespace

std::string to_text(const Difference& difference) {
  if (difference.field.empty()) return difference.found;
  return difference.field + ": expected " + difference.expected + ", found " + difference.found;
}

Result<std::vector<TestResult>> run_tests(const LoadedConfig& loaded) {
  std::vector<TestResult> results;
  const auto section = loaded.config->sections.find("tests");
  if (section == loaded.config->sections.end()) return results;
  const auto tests = Json::parse(section->second);
  for (std::size_t i = 0; i < tests.size(); ++i) {
    auto result = TestRun{loaded, tests[i], child("/tests", i)}.run();
    if (!result) return std::unexpected(result.error());
    results.push_back(*std::move(result));
  }
  return results;
}

}  // namespace leadhub::app
