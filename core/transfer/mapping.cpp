#include "transfer/mapping.hpp"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "transfer/csv_text.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 11> person_names{"email",     "phone",    "name",      "first_name",
                                                        "last_name", "company",  "job_title", "country",
                                                        "city",      "language", "timezone"};
/// The first two map by themselves.
constexpr std::array<std::string_view, 6> member_names{"occurred_at", "anonymous_id", "type",
                                                       "key",         "currency",     "message"};
constexpr std::size_t members_by_themselves = 2;
constexpr std::array<std::pair<std::string_view, CellType>, 5> type_names{{{"text", CellType::text},
                                                                           {"integer", CellType::integer},
                                                                           {"number", CellType::number},
                                                                           {"boolean", CellType::boolean},
                                                                           {"list", CellType::list}}};

constexpr auto targets_help =
    "targets are email, phone, name, first_name, last_name, company, job_title, country, city, language, "
    "timezone, external_ids.SYSTEM, attributes.NAME, attributes.NAME:integer, utm_source and its like, type, "
    "key, occurred_at, anonymous_id, currency, message, and - for none";

/// "E-Mail", "e mail" and "email" are one name.
std::string squashed(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != ' ' && c != '-' && c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

template <class Names>
std::optional<std::string> found_in(const Names& names, std::string_view squashed_name) {
  for (const auto name : names)
    if (squashed(name) == squashed_name) return std::string{name};
  return std::nullopt;
}

/// "attributes.size:integer": the type is what stands behind the last colon, where that is one.
Target attribute_target(std::string_view name) {
  Target target{Target::Kind::attribute, std::string{name}, CellType::text};
  if (const auto colon = name.rfind(':'); colon != name.npos && colon > 0)
    for (const auto& [type_name, type] : type_names)
      if (name.substr(colon + 1) == type_name) {
        target.name = name.substr(0, colon);
        target.type = type;
      }
  return target;
}

std::optional<Target> target_named(std::string_view name) {
  const auto dot = name.find('.');
  if (dot != name.npos && dot + 1 < name.size()) {
    const auto folder = squashed(name.substr(0, dot));
    const auto rest = name.substr(dot + 1);
    if (folder == "attributes") return attribute_target(rest);
    if (folder == "externalids") return Target{Target::Kind::external_id, std::string{rest}};
    if (folder == "attribution") name = rest;
  }
  const auto wanted = squashed(name);
  if (auto found = found_in(person_names, wanted)) return Target{Target::Kind::person, std::move(*found)};
  if (auto found = found_in(member_names, wanted)) return Target{Target::Kind::member, std::move(*found)};
  if (auto found = found_in(lead::attribution_names(), wanted))
    return Target{Target::Kind::attribution, std::move(*found)};
  return std::nullopt;
}

bool maps_by_itself(const Target& target) {
  return target.kind != Target::Kind::member ||
         std::find(member_names.begin(), member_names.begin() + members_by_themselves, target.name) !=
             member_names.begin() + members_by_themselves;
}

bool names_somebody(const Target& target) {
  return target.kind == Target::Kind::external_id || target.name == "anonymous_id" ||
         (target.kind == Target::Kind::person && (target.name == "email" || target.name == "phone"));
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> boolean_from(std::string_view text) {
  const auto word = squashed(text);
  for (const auto yes : {"true", "yes", "1"})
    if (word == yes) return true;
  for (const auto no : {"false", "no", "0"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<std::vector<std::string>> list_from(std::string_view text) {
  const auto list = ordered_json::parse(text, nullptr, false);
  const auto is_text = [](const ordered_json& entry) { return entry.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_text)) return std::nullopt;
  return list.get<std::vector<std::string>>();
}

template <class Value>
std::optional<lead::AttributeValue> held(std::optional<Value> value) {
  if (!value) return std::nullopt;
  return lead::AttributeValue{std::move(*value)};
}

std::optional<lead::AttributeValue> attribute_from(std::string_view text, CellType type) {
  switch (type) {
    case CellType::text:
      return lead::AttributeValue{std::string{text}};
    case CellType::integer:
      return held(number_from<std::int64_t>(text));
    case CellType::number: {
      const auto number = number_from<double>(text);
      return number && std::isfinite(*number) ? held(number) : std::nullopt;
    }
    case CellType::boolean:
      return held(boolean_from(text));
    case CellType::list:
      return held(list_from(text));
  }
  return std::nullopt;
}

std::string_view expected(CellType type) {
  switch (type) {
    case CellType::integer:
      return "a whole number";
    case CellType::number:
      return "a number with a decimal point";
    case CellType::boolean:
      return "true or false";
    default:
      return "a JSON array of texts";
  }
}

/// Puts the text where its column goes; false where it is not of the column's type.
bool put(EventDraft& draft, const Target& target, std::string_view text) {
  if (text.empty()) return true;
  switch (target.kind) {
    case Target::Kind::none:
      return true;
    case Target::Kind::member:
      draft.has_key = draft.has_key || target.name == "key";
      draft.members.emplace_back(target.name, text);
      return true;
    case Target::Kind::person:
      draft.person.emplace_back(target.name, text);
      return true;
    case Target::Kind::external_id:
      draft.external_ids.emplace_back(target.name, text);
      return true;
    case Target::Kind::attribution:
      draft.attribution.emplace_back(target.name, text);
      return true;
    case Target::Kind::attribute:
      if (auto value = attribute_from(text, target.type)) {
        draft.attributes.emplace_back(target.name, std::move(*value));
        return true;
      }
      return false;
  }
  return false;
}

Error wrong_type(const std::string& column, CellType type) {
  return {ErrorCode::invalid, "the column \"" + column + "\" holds something else than " +
                                  std::string{expected(type)} + "; mend the cell, or map the column as text"};
}

std::optional<lead::AttributeValue> typed_attribute(const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_array()) return held(list_from(value.dump()));
  return std::nullopt;
}

}  // namespace

Result<Mapping> Mapping::make(ImportOptions options) {
  Mapping mapping{std::move(options)};
  for (const auto& map : mapping.options_.maps) {
    const auto equals = map.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == map.size())
      return fail(ErrorCode::invalid, "--map \"" + map + "\" must be COLUMN=TARGET, e.g. \"E-Mail=email\"");
    const auto column = map.substr(0, equals);
    const auto name = std::string_view{map}.substr(equals + 1);
    auto target = name == "-" ? Target{} : target_named(name);
    if (!target)
      return fail(ErrorCode::invalid,
                  "--map \"" + map + "\": there is no target \"" + std::string{name} + "\"; " + targets_help);
    if (!mapping.by_column_.emplace(column, std::move(*target)).second)
      return fail(ErrorCode::invalid, "--map names the column \"" + column + "\" twice; give it once");
    mapping.explicit_.push_back(column);
  }
  return mapping;
}

Target Mapping::target_of(const std::string& column) {
  if (const auto known = by_column_.find(column); known != by_column_.end()) return known->second;
  auto target = target_named(column);
  if (target && !maps_by_itself(*target)) target.reset();
  if (!target && options_.unmapped == Unmapped::to_attributes && !column.empty())
    target = Target{Target::Kind::attribute, column};
  if (!target && left_out_.size() < limits::import_columns_named &&
      std::find(left_out_.begin(), left_out_.end(), column) == left_out_.end())
    left_out_.push_back(column);
  if (by_column_.size() < limits::import_columns_max) by_column_.emplace(column, target.value_or(Target{}));
  return std::move(target).value_or(Target{});
}

Result<void> Mapping::set_header(const std::vector<std::string>& header) {
  header_ = header;
  targets_.clear();
  for (const auto& column : explicit_)
    if (std::find(header.begin(), header.end(), column) == header.end())
      return fail(ErrorCode::invalid, "--map names the column \"" + column +
                                          "\", which the header does not have; it is written " +
                                          "as in the file, and --delimiter says what parts the columns");
  for (const auto& column : header) targets_.push_back(target_of(column));
  for (std::size_t i = 0; i < targets_.size(); ++i)
    for (std::size_t j = i + 1; j < targets_.size(); ++j)
      if (targets_[i].kind != Target::Kind::none && targets_[i].kind == targets_[j].kind &&
          targets_[i].name == targets_[j].name)
        return fail(ErrorCode::invalid, "the columns \"" + header[i] + "\" and \"" + header[j] +
                                            "\" both go to " + targets_[i].name +
                                            "; leave one out with --map \"COLUMN=-\"");
  if (std::none_of(targets_.begin(), targets_.end(), names_somebody))
    return fail(ErrorCode::invalid, "no column says who somebody is; name one, e.g. --map \"" +
                                        (header.empty() ? std::string{"COLUMN"} : header.front()) +
                                        "=email\"");
  return {};
}

Result<std::string> Mapping::finish(EventDraft draft) const {
  const auto has_type = std::any_of(draft.members.begin(), draft.members.end(),
                                    [](const lead::NamedText& member) { return member.first == "type"; });
  if (!has_type) draft.members.emplace(draft.members.begin(), "type", options_.type);
  if (options_.consent) draft.consent.push_back(*options_.consent);
  auto document = to_document(draft);
  if (!simdjson::validate_utf8(document))
    return fail(ErrorCode::invalid, "it is no UTF-8; save the file as UTF-8 (\"CSV UTF-8\" in spreadsheets)");
  return document;
}

Result<std::string> Mapping::document(const std::vector<std::string>& cells) const {
  if (cells.size() > targets_.size())
    return fail(ErrorCode::invalid, "it has " + std::to_string(cells.size()) + " cells, and the header " +
                                        std::to_string(targets_.size()) +
                                        "; put a cell that holds the delimiter into quotes");
  EventDraft draft;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!put(draft, targets_[i], unguarded(cells[i])))
      return std::unexpected(wrong_type(header_[i], targets_[i].type));
  return finish(std::move(draft));
}

Result<void> Mapping::add(EventDraft& draft, const std::string& column, const ordered_json& value) {
  if (value.is_null()) return {};
  const auto target = target_of(column);
  if (target.kind == Target::Kind::none) return {};
  if (value.is_string() || (value.is_primitive() && target.kind != Target::Kind::attribute)) {
    if (!put(draft, target, value.is_string() ? value.get<std::string>() : value.dump()))
      return std::unexpected(wrong_type(column, target.type));
    return {};
  }
  auto typed = target.kind == Target::Kind::attribute ? typed_attribute(value) : std::nullopt;
  if (!typed)
    return fail(ErrorCode::invalid, "the member \"" + column +
                                        "\" is no boolean, number, text or list of texts; leave it out with "
                                        "--map \"COLUMN=-\"");
  draft.attributes.emplace_back(target.name, std::move(*typed));
  return {};
}

Result<std::string> Mapping::object_document(const ordered_json& object) {
  EventDraft draft;
  for (const auto& [column, value] : object.items()) {
    const bool is_folder = column == "attributes" || column == "external_ids" || column == "attribution";
    if (!is_folder || !value.is_object()) {
      if (auto added = add(draft, column, value); !added) return std::unexpected(added.error());
      continue;
    }
    for (const auto& [name, entry] : value.items()) {
      auto path = column;
      path.append(".").append(name);
      if (auto added = add(draft, path, entry); !added) return std::unexpected(added.error());
    }
  }
  return finish(std::move(draft));
}

}  // namespace leadhub::transfer
