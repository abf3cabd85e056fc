#include "config/validator.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "config/formats.hpp"
#include "config/judge.hpp"
#include "config/suggestion.hpp"
#include "ops/limits.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

constexpr std::size_t problems_max = 10 * limits::diagnostics_max;  // nobody is told more: stop looking
constexpr int schema_depth_max = 256;  // schemas that refer to one another without end

enum class Kind { unknown_key, missing_key, other };

struct Problem {
  std::string pointer;
  Place place = Place::value;
  std::string message;
  Kind kind = Kind::other;
  std::vector<std::string> keys = {};  ///< the missing ones, or the one that an unknown one was meant to be
};

using Problems = std::vector<Problem>;

// --- Types
// -------------------------------------------------------------------------------------------------------

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  return type == "integer" && value.is_number_integer();  // as valijson: 1.0 is no whole number
}

std::string type_in_words(const std::string& type) {
  if (type == "object") return "a mapping";
  if (type == "array") return "a list";
  if (type == "string") return "text";
  if (type == "boolean") return "true or false";
  if (type == "null") return "nothing";
  return type == "number" ? "a number" : "a whole number";
}

std::vector<std::string> types_of(const json& schema) {
  std::vector<std::string> types;
  const auto type = schema.find("type");
  if (type == schema.end()) return types;
  if (type->is_string()) types.push_back(type->get<std::string>());
  if (type->is_array())
    for (const auto& one : *type)
      if (one.is_string()) types.push_back(one.get<std::string>());
  return types;
}

bool fits_type(const json& value, const std::vector<std::string>& types) {
  return types.empty() || std::ranges::any_of(types, [&](const auto& type) { return has_type(value, type); });
}

std::string joined(const std::vector<std::string>& parts, std::string_view last_separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? std::string{last_separator} : ", ";
    text += parts[i];
  }
  return text;
}

/// What another YAML dialect means by this word; nullopt where it is no such word.
std::optional<std::string> boolean_meant(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "no" || text == "n" || text == "off" || text == "false") return "false";
  if (text == "yes" || text == "y" || text == "on" || text == "true") return "true";
  return std::nullopt;
}

std::string as_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// How to get from what is there to what is wanted.
std::string type_mend(const json& value, const SourceNode& node, const std::string& type) {
  if (node.origin == Origin::secret)
    return "what ${...} stands for is always text, so write the value itself here";
  if (type == "boolean") {
    const auto meant = value.is_string() ? boolean_meant(value.get<std::string>()) : std::nullopt;
    return meant ? "write " + *meant : "write true or false";
  }
  if (type == "string" && !node.spelling.empty() && !value.is_null())
    return "put it in quotes: \"" + node.spelling + "\"";
  if (type == "string") return "write a value after the \":\", or \"\" for an empty one";
  if (type == "array") return "write [a, b], or one \"- \" a line";
  if (type == "object") return "write its keys below it, further to the right";
  const bool quoted_number = value.is_string() && !value.get<std::string>().empty() &&
                             value.get<std::string>().find_first_not_of("0123456789.-") == std::string::npos;
  if (quoted_number) return "write it without quotes";
  return type == "integer" && value.is_number() ? "write it without a fraction" : "write digits, as in 10";
}

// --- The walk
// ----------------------------------------------------------------------------------------------------

class Explainer {
 public:
  Explainer(const json& schema, const SourceMap& source) : root_(schema), source_(source) {}

  [[nodiscard]] Problems explain(const json& value, const json& schema, const std::string& pointer) {
    Problems problems;
    walk(value, schema, pointer, problems);
    return problems;
  }

  /// Whether some value was not judged, because it could not be resolved.
  [[nodiscard]] bool passed_over() const { return passed_over_; }

 private:
  void walk(const json& value, const json& given, const std::string& pointer, Problems& problems) {
    const json& schema = resolved(given);
    const auto& node = source_.at(pointer);
    if (schema.is_boolean() && !schema.get<bool>())
      problems.push_back({pointer, Place::key, about(pointer) + "nothing may stand here; remove it"});
    if (!schema.is_object() || depth_ > schema_depth_max || problems.size() > problems_max) return;
    if (node.origin == Origin::unresolved && value.is_string()) {
      passed_over_ = true;
      return;
    }
    ++depth_;
    if (check_type(value, schema, given, node, pointer, problems)) {
      check_choice(value, schema, node, pointer, problems);
      if (value.is_string()) check_text(value, schema, node, pointer, problems);
      if (value.is_number()) check_number(value, schema, node, pointer, problems);
      if (value.is_array()) check_list(value, schema, pointer, problems);
      if (value.is_object()) check_mapping(value, schema, pointer, problems);
      check_combinations(value, schema, pointer, problems);
    }
    --depth_;
  }

  const json& resolved(const json& schema) const {
    const json* found = &schema;
    for (int hop = 0; hop < schema_depth_max && found->is_object() && found->contains("$ref"); ++hop) {
      const auto reference = found->at("$ref").get<std::string>();
      if (!reference.starts_with('#')) return *found;
      found = &root_.at(json::json_pointer{reference.substr(1)});
    }
    return *found;
  }

  static std::string about(const std::string& pointer) {
    const auto name = dotted(pointer);
    return name.empty() ? name : name + ": ";
  }

  /// `given`: the schema as it stands there, which may add a default to what it refers to.
  bool check_type(const json& value, const json& schema, const json& given, const SourceNode& node,
                  const std::string& pointer, Problems& problems) const {
    const auto types = types_of(schema);
    if (fits_type(value, types)) return true;
    std::vector<std::string> wanted;
    wanted.reserve(types.size());
    for (const auto& type : types) wanted.push_back(type_in_words(type));
    const auto spellings =
        (value.is_number_integer() && value.get<std::int64_t>() >= 0)
            ? with_units(schema.value("format", std::string{}), value.dump(), default_of(given))
            : std::vector<std::string>{};
    problems.push_back({pointer, Place::value,
                        about(pointer) + "expected " + joined(wanted, " or ") + ", found " +
                            shown(value, node) + "; " +
                            (spellings.empty() ? type_mend(value, node, types.front())
                                               : "write it with its unit: " + joined(spellings, " or "))});
    return false;
  }

  static std::string default_of(const json& schema) {
    const auto standard = schema.find("default");
    return standard != schema.end() && standard->is_string() ? standard->get<std::string>() : std::string{};
  }

  void check_choice(const json& value, const json& schema, const SourceNode& node, const std::string& pointer,
                    Problems& problems) const {
    std::vector<std::string> allowed;
    bool matches = false;
    const auto consider = [&](const json& choice) {
      allowed.push_back(as_text(choice));
      matches = matches || choice == value;
    };
    if (const auto choices = schema.find("enum"); choices != schema.end())
      for (const auto& choice : *choices) consider(choice);
    if (const auto only = schema.find("const"); only != schema.end()) consider(*only);
    if (allowed.empty() || matches) return;
    problems.push_back({pointer, Place::value, not_one_of(value, node, pointer, allowed)});
  }

  static std::string not_one_of(const json& value, const SourceNode& node, const std::string& pointer,
                                const std::vector<std::string>& allowed) {
    const bool may_suggest = value.is_string() && node.origin == Origin::file;
    const std::string mend = may_suggest ? suggestion(value.get<std::string>(), allowed, "write one of")
                                         : "write one of: " + listed(allowed);
    const auto what =
        value.is_string() && may_suggest ? in_quotes(value.get<std::string>()) : shown(value, node);
    return about(pointer) + what + " is none of the values it can have; " + mend;
  }

  void check_text(const json& value, const json& schema, const SourceNode& node, const std::string& pointer,
                  Problems& problems) const {
    const auto& text = value.get_ref<const std::string&>();
    const auto say = [&](const std::string& problem) {
      const auto subject = node.origin == Origin::file ? in_quotes(text) : std::string{"the value"};
      problems.push_back({pointer, Place::value, about(pointer) + subject + ' ' + problem});
    };
    const auto length = static_cast<std::uint64_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    const std::uint64_t length_min = schema.value("minLength", std::uint64_t{0});
    const std::uint64_t length_max = schema.value("maxLength", UINT64_MAX);
    if (length < length_min)
      return say(text.empty() ? "is empty; write something"
                              : "is too short; write at least " + std::to_string(length_min) + " characters");
    if (length > length_max)
      return say("is too long; write at most " + std::to_string(length_max) + " characters");
    const std::string format = schema.value("format", std::string{});
    if (is_own_format(format)) {
      const auto problem = format_problem(format, text);
      if (!problem) return;
      const auto near = node.origin == Origin::file ? format_suggestion(format, text) : std::nullopt;
      return say(near ? problem->substr(0, problem->find(';')) + "; did you mean " + in_quotes(*near) + "?"
                      : *problem);
    }
    const auto pattern = schema.find("pattern");
    if (pattern == schema.end() || matches(text, pattern->get<std::string>())) return;
    say("does not have the right form; " +
        mend_of(schema, "write it as the pattern " + printable(pattern->get<std::string>()) + " says"));
  }

  /// A schema may say how to mend what its `pattern` refuses, in a keyword of ours; its examples say it, too.
  static std::string mend_of(const json& schema, const std::string& otherwise) {
    if (schema.contains("x-mend")) return schema.at("x-mend").get<std::string>();
    if (const auto examples = schema.find("examples"); examples != schema.end() && !examples->empty())
      return "write it as in " + as_text(examples->front());
    return otherwise;
  }

  static bool matches(const std::string& text, const std::string& pattern) {
    const RE2 expression{pattern, RE2::Quiet};
    return !expression.ok() || RE2::PartialMatch(text, expression);
  }

  void check_number(const json& value, const json& schema, const SourceNode& node, const std::string& pointer,
                    Problems& problems) const {
    const double number = value.get<double>();
    const auto say = [&](const std::string& problem) {
      problems.push_back({pointer, Place::value, about(pointer) + shown(value, node) + ' ' + problem});
    };
    const auto bound = [&](const char* keyword) {
      return schema.contains(keyword) && schema.at(keyword).is_number();
    };
    if (bound("minimum") && number < schema.at("minimum").get<double>())
      say("is too small; write at least " + schema.at("minimum").dump());
    if (bound("maximum") && number > schema.at("maximum").get<double>())
      say("is too large; write at most " + schema.at("maximum").dump());
    if (bound("exclusiveMinimum") && number <= schema.at("exclusiveMinimum").get<double>())
      say("is too small; write more than " + schema.at("exclusiveMinimum").dump());
    if (bound("exclusiveMaximum") && number >= schema.at("exclusiveMaximum").get<double>())
      say("is too large; write less than " + schema.at("exclusiveMaximum").dump());
  }

  void check_list(const json& value, const json& schema, const std::string& pointer, Problems& problems) {
    if (value.size() < schema.value("minItems", std::uint64_t{0}))
      problems.push_back({pointer, Place::value,
                          about(pointer) + "the list is too short; it needs at least " +
                              schema.at("minItems").dump() + " element(s)"});
    if (value.size() > schema.value("maxItems", UINT64_MAX))
      problems.push_back({pointer, Place::value,
                          about(pointer) + "the list is too long; keep at most " +
                              schema.at("maxItems").dump() + " element(s)"});
    if (schema.value("uniqueItems", false)) check_unique(value, pointer, problems);
    const auto items = schema.find("items");
    if (items == schema.end()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!items->is_array())
        walk(value[i], *items, child(pointer, i), problems);
      else if (i < items->size())
        walk(value[i], (*items)[i], child(pointer, i), problems);
    }
  }

  void check_unique(const json& value, const std::string& pointer, Problems& problems) const {
    std::set<json> seen;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (seen.insert(value[i]).second) continue;
      const auto at = child(pointer, i);
      problems.push_back(
          {at, Place::value,
           about(pointer) + shown(value[i], source_.at(at)) + " stands here twice; remove one"});
    }
  }

  void check_mapping(const json& value, const json& schema, const std::string& pointer, Problems& problems) {
    check_required(value, schema, pointer, problems);
    if (value.size() < schema.value("minProperties", std::uint64_t{0}))
      problems.push_back(
          {pointer, Place::key,
           about(pointer) + "has too few keys; write at least " + schema.at("minProperties").dump()});
    if (value.size() > schema.value("maxProperties", UINT64_MAX))
      problems.push_back(
          {pointer, Place::key,
           about(pointer) + "has too many keys; keep at most " + schema.at("maxProperties").dump()});
    for (const auto& [key, member] : value.items())
      if (problems.size() <= problems_max) check_member(key, member, schema, pointer, problems);
    if (const auto dependencies = schema.find("dependencies"); dependencies != schema.end())
      for (const auto& [key, needed] : dependencies->items())
        if (value.contains(key)) check_dependency(value, key, needed, pointer, problems);
  }

  static void check_required(const json& value, const json& schema, const std::string& pointer,
                             Problems& problems) {
    const auto required = schema.find("required");
    if (required == schema.end() || !required->is_array()) return;
    for (const auto& wanted : *required) {
      const auto key = wanted.get<std::string>();
      if (value.contains(key)) continue;
      problems.push_back({pointer,
                          Place::key,
                          about(pointer) + "the key " + in_quotes(key) + " is missing; add it",
                          Kind::missing_key,
                          {key}});
    }
  }

  void check_dependency(const json& value, const std::string& key, const json& needed,
                        const std::string& pointer, Problems& problems) {
    if (!needed.is_array()) return walk(value, needed, pointer, problems);
    for (const auto& other : needed)
      if (!value.contains(other.get<std::string>()))
        problems.push_back({child(pointer, key), Place::key,
                            about(pointer) + in_quotes(key) + " makes sense only together with " +
                                in_quotes(other.get<std::string>()) + "; add that key, or remove this one"});
  }

  void check_member(const std::string& key, const json& member, const json& schema,
                    const std::string& pointer, Problems& problems) {
    const auto at = child(pointer, key);
    bool is_known = false;
    const auto properties = schema.find("properties");
    if (properties != schema.end() && properties->contains(key)) {
      is_known = true;
      walk(member, properties->at(key), at, problems);
    }
    if (const auto patterns = schema.find("patternProperties"); patterns != schema.end()) {
      for (const auto& [pattern, inner] : patterns->items()) {
        if (!matches(key, pattern)) continue;
        is_known = true;
        walk(member, inner, at, problems);
      }
    }
    if (const auto names = schema.find("propertyNames"); names != schema.end())
      check_name(key, *names, pointer, problems);
    if (const auto others = schema.find("additionalProperties"); others != schema.end() && !is_known) {
      if (!others->is_boolean()) return walk(member, *others, at, problems);
      if (!others->get<bool>()) problems.push_back(unknown_key(key, schema, pointer));
    }
  }

  void check_name(const std::string& key, const json& given, const std::string& pointer,
                  Problems& problems) const {
    const json& names = resolved(given);
    const auto at = child(pointer, key);
    const auto say = [&](const std::string& mend) {
      problems.push_back(
          {at, Place::key, about(pointer) + "the key " + in_quotes(key) + " cannot stand here; " + mend});
    };
    if (!names.is_object()) return;
    if (const auto pattern = names.find("pattern");
        pattern != names.end() && !matches(key, pattern->get<std::string>()))
      return say(mend_of(names, "it must match " + pattern->get<std::string>()));
    if (const auto choices = names.find("enum");
        choices != names.end() && std::ranges::find(*choices, json(key)) == choices->end())
      return say(suggestion(key, choices->get<std::vector<std::string>>(), "known keys"));
    if (key.size() < names.value("minLength", std::uint64_t{0})) say("write a longer one");
    if (key.size() > names.value("maxLength", UINT64_MAX)) say("write a shorter one");
  }

  static Problem unknown_key(const std::string& key, const json& schema, const std::string& pointer) {
    std::vector<std::string> known;
    if (const auto properties = schema.find("properties"); properties != schema.end())
      for (const auto& [name, unused] : properties->items()) known.push_back(name);
    const auto near = nearest(key, known);
    return {child(pointer, key), Place::key,
            about(pointer) + "unknown key " + in_quotes(key) + "; " + suggestion(key, known, "known keys"),
            Kind::unknown_key, near ? std::vector{*near} : std::vector<std::string>{}};
  }

  // --- Combinations
  // ------------------------------------------------------------------------------------------------

  void check_combinations(const json& value, const json& schema, const std::string& pointer,
                          Problems& problems) {
    if (const auto all = schema.find("allOf"); all != schema.end())
      for (const auto& one : *all) walk(value, one, pointer, problems);
    if (const auto any = schema.find("anyOf"); any != schema.end()) check_any(value, *any, pointer, problems);
    if (const auto one = schema.find("oneOf"); one != schema.end()) check_one(value, *one, pointer, problems);
    if (const auto condition = schema.find("if"); condition != schema.end()) {
      const auto* branch = holds(value, *condition, pointer) ? "then" : "else";
      if (schema.contains(branch)) walk(value, schema.at(branch), pointer, problems);
    }
    if (const auto excluded = schema.find("not");
        excluded != schema.end() && holds(value, *excluded, pointer))
      problems.push_back({pointer, Place::value,
                          about(pointer) + shown(value, source_.at(pointer)) + " is not allowed here; " +
                              mend_of(schema, "write something else")});
  }

  bool holds(const json& value, const json& schema, const std::string& pointer) {
    return explain(value, schema, pointer).empty();
  }

  void check_any(const json& value, const json& branches, const std::string& pointer, Problems& problems) {
    if (std::ranges::any_of(branches, [&](const json& branch) { return holds(value, branch, pointer); }))
      return;
    report_meant_branch(value, branches, pointer, problems);
  }

  void check_one(const json& value, const json& branches, const std::string& pointer, Problems& problems) {
    std::vector<const json*> holding;
    for (const auto& branch : branches)
      if (holds(value, branch, pointer)) holding.push_back(&branch);
    if (holding.size() == 1) return;
    if (holding.empty()) return report_meant_branch(value, branches, pointer, problems);
    std::vector<std::string> keys;
    for (const auto* branch : holding)
      if (const auto key = sole_required_key(*branch)) keys.push_back(in_quotes(*key));
    problems.push_back(
        {pointer, Place::key,
         about(pointer) +
             (keys.size() > 1
                  ? "only one of the keys " + joined(keys, " and ") + " can stand here; remove the others"
                  : "this can be understood in more than one way; see the documentation")});
  }

  std::optional<std::string> sole_required_key(const json& given) const {
    const json& branch = resolved(given);
    if (!branch.is_object()) return std::nullopt;
    const auto required = branch.find("required");
    if (required == branch.end() || required->size() != 1) return std::nullopt;
    return required->front().get<std::string>();
  }

  void report_meant_branch(const json& value, const json& branches, const std::string& pointer,
                           Problems& problems) {
    std::vector<const json*> candidates;
    for (const auto& branch : branches)
      if (const auto& found = resolved(branch); found.is_object() && fits_type(value, types_of(found)))
        candidates.push_back(&found);
    if (candidates.empty()) return report_types(value, branches, pointer, problems);
    if (value.is_object() && report_by_key(value, candidates, pointer, problems)) return;
    Problems fewest;
    for (const auto* branch : candidates) {
      auto found = explain(value, *branch, pointer);
      if (branch == candidates.front() || found.size() < fewest.size()) fewest = std::move(found);
    }
    problems.insert(problems.end(), fewest.begin(), fewest.end());
  }

  void report_types(const json& value, const json& branches, const std::string& pointer,
                    Problems& problems) const {
    json types = json::array();
    for (const auto& branch : branches)
      for (const auto& type : types_of(resolved(branch)))
        if (std::ranges::find(types, json(type)) == types.end()) types.push_back(type);
    const json any_of{{"type", types}};
    check_type(value, any_of, any_of, source_.at(pointer), pointer, problems);
  }

  /// Chooses by a key that has one fixed value in each branch, else by a key that only one branch requires.
  bool report_by_key(const json& value, const std::vector<const json*>& branches, const std::string& pointer,
                     Problems& problems) {
    if (const auto key = discriminator(branches)) {
      report_by_constant(value, branches, *key, pointer, problems);
      return true;
    }
    std::vector<std::string> keys;
    const json* chosen = nullptr;
    for (const auto* branch : branches) {
      const auto key = sole_required_key(*branch);
      if (!key) return false;
      keys.push_back(*key);
      if (value.contains(*key)) chosen = branch;
    }
    if (chosen != nullptr)
      walk(value, *chosen, pointer, problems);
    else
      problems.push_back({pointer, Place::key,
                          about(pointer) + "one of these keys is missing; add one: " + listed(keys),
                          Kind::missing_key, keys});
    return true;
  }

  std::optional<std::string> discriminator(const std::vector<const json*>& branches) const {
    const auto first = branches.front()->find("properties");
    if (first == branches.front()->end()) return std::nullopt;
    for (const auto& [key, unused] : first->items())
      if (tells_apart(branches, key)) return key;
    return std::nullopt;
  }

  /// Whether each branch fixes the key's value, no two of them to the same one.
  bool tells_apart(const std::vector<const json*>& branches, const std::string& key) const {
    std::set<json> seen;
    for (const auto* branch : branches) {
      const auto fixed = constants(*branch, key);
      for (const auto& constant : fixed)
        if (!seen.insert(constant).second) return false;
      if (fixed.empty()) return false;
    }
    return true;
  }

  /// The values that a branch fixes for a key.
  std::vector<json> constants(const json& branch, const std::string& key) const {
    const auto properties = branch.find("properties");
    if (properties == branch.end() || !properties->contains(key)) return {};
    const json& property = resolved(properties->at(key));
    if (!property.is_object()) return {};
    if (property.contains("const")) return {property.at("const")};
    return property.contains("enum") ? property.at("enum").get<std::vector<json>>() : std::vector<json>{};
  }

  void report_by_constant(const json& value, const std::vector<const json*>& branches, const std::string& key,
                          const std::string& pointer, Problems& problems) {
    std::vector<std::string> allowed;
    const auto given = value.find(key);
    for (const auto* branch : branches) {
      for (const auto& constant : constants(*branch, key)) {
        if (given != value.end() && constant == *given) return walk(value, *branch, pointer, problems);
        allowed.push_back(as_text(constant));
      }
    }
    const auto at = child(pointer, key);
    if (given == value.end())
      problems.push_back(
          {pointer,
           Place::key,
           about(pointer) + "the key " + in_quotes(key) + " is missing; write one of: " + listed(allowed),
           Kind::missing_key,
           {key}});
    else
      problems.push_back({at, Place::value, not_one_of(*given, source_.at(at), at, allowed)});
  }

  const json& root_;
  const SourceMap& source_;
  int depth_ = 0;
  bool passed_over_ = false;
};

/// Which key a problem is about, where it is about one.
std::string subject_of(const Problem& problem) {
  return problem.kind == Kind::missing_key ? child(problem.pointer, problem.keys.front()) : problem.pointer;
}

/// Several schemas may speak about one key: the sentence that knows most stays, for an unknown one what was
/// meant, for a missing one what it may be. And a key that is missing because it was mistyped is not reported
/// twice.
void drop_lesser(Problems& problems) {
  std::map<std::pair<Kind, std::string>, const Problem*> best;
  std::set<std::string> mistyped;
  for (const auto& problem : problems) {
    if (problem.kind == Kind::other) continue;
    auto& kept = best[{problem.kind, subject_of(problem)}];
    const bool knows_more = kept != nullptr && (problem.kind == Kind::unknown_key
                                                    ? kept->keys.empty() && !problem.keys.empty()
                                                    : problem.message.size() > kept->message.size());
    if (kept == nullptr || knows_more) kept = &problem;
    if (problem.kind != Kind::unknown_key) continue;
    for (const auto& key : problem.keys)
      mistyped.insert(child(problem.pointer.substr(0, problem.pointer.rfind('/')), key));
  }
  Problems remaining;
  for (const auto& problem : problems) {
    const bool is_lesser =
        problem.kind != Kind::other && best.at({problem.kind, subject_of(problem)}) != &problem;
    const bool is_mistyped =
        problem.kind == Kind::missing_key && std::ranges::any_of(problem.keys, [&](const auto& key) {
          return mistyped.contains(child(problem.pointer, key));
        });
    if (!is_lesser && !is_mistyped) remaining.push_back(problem);
  }
  problems = std::move(remaining);
}

Diagnostic broken_schema(const SourceMap& source, const std::string& pointer) {
  return source.error(
      pointer, Place::key,
      dotted(pointer) + ": the schema that describes this part is broken; tell the author of the plugin");
}

}  // namespace

std::string shown(const json& value, const SourceNode& node) {
  if (value.is_object()) return "a mapping";
  if (value.is_array()) return "a list";
  if (value.is_null()) return "nothing";
  if (node.origin != Origin::file) return "a text from ${...}";
  if (value.is_string()) return "the text " + in_quotes(value.get<std::string>());
  const auto written = node.spelling.empty() ? value.dump() : printable(node.spelling);
  return value.is_boolean() ? written : "the number " + written;
}

std::vector<Diagnostic> check(const json& instance, const json& schema, const SourceMap& source,
                              const std::string& root_pointer) {
  const auto verdict = judge(instance, schema);
  if (!verdict) return {broken_schema(source, root_pointer)};
  try {
    Explainer explainer{schema, source};
    auto problems = explainer.explain(instance, schema, root_pointer);
    drop_lesser(problems);
    if (problems.empty() && !explainer.passed_over())
      for (const auto& place : *verdict)
        problems.push_back({root_pointer + place, Place::value,
                            dotted(root_pointer + place) +
                                ": this does not fit here; see docs/configuration.md for what does"});
    std::vector<Diagnostic> diagnostics;
    for (auto& problem : problems)
      diagnostics.push_back(source.error(problem.pointer, problem.place, std::move(problem.message)));
    return diagnostics;
  } catch (const std::exception&) {  // a keyword of the wrong type, a $ref to nowhere
    return {broken_schema(source, root_pointer)};
  }
}

}  // namespace leadhub::config
