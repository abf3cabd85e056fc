#include "transfer/lead_table.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "transfer/csv_text.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;

constexpr std::array<const char*, 17> fields{
    "id",      "email",       "phone",   "name",       "first_name", "last_name",
    "company", "job_title",   "country", "city",       "language",   "time_zone",
    "stage",   "temperature", "tags",    "created_at", "updated_at"};

CellType type_of(const ordered_json& value) {
  if (value.is_boolean()) return CellType::boolean;
  if (value.is_number_integer()) return CellType::integer;
  if (value.is_number()) return CellType::number;
  if (value.is_array()) return CellType::list;
  return CellType::text;
}

/// The suffix that tells an import the type. A name that itself ends like one says that it is text.
std::string type_suffix(const std::string& name, const std::set<CellType>& types) {
  const auto type = types.size() == 1 ? *types.begin() : CellType::text;
  switch (type) {
    case CellType::integer:
      return ":integer";
    case CellType::number:
      return ":number";
    case CellType::boolean:
      return ":boolean";
    case CellType::list:
      return ":list";
    case CellType::text:
      return name.find(':') == std::string::npos ? "" : ":text";
  }
  return {};
}

std::string cell_of(const ordered_json& object, const std::string& member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return {};
  if (found->is_array() && found->empty()) return {};
  return found->is_string() ? found->get<std::string>()
                            : found->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

void LeadTable::look_at(const ordered_json& lead) {
  const auto attributes = lead.find("attributes");
  if (attributes == lead.end() || !attributes->is_object()) return;
  for (const auto& [name, value] : attributes->items()) {
    const auto known = attributes_.find(name);
    if (known != attributes_.end())
      known->second.insert(type_of(value));
    else if (attributes_.size() < limits::export_columns_max)
      attributes_.emplace(name, std::set{type_of(value)});
    else
      ++left_out_;
  }
}

std::string LeadTable::header() const {
  std::vector<std::string> cells{fields.begin(), fields.end()};
  for (const auto& [name, types] : attributes_) {
    auto& cell = cells.emplace_back("attributes.");
    cell += name;
    cell += type_suffix(name, types);
  }
  std::string out;
  append_csv_row(out, cells);
  return out;
}

std::string LeadTable::row(const ordered_json& lead) const {
  std::vector<std::string> cells;
  cells.reserve(fields.size() + attributes_.size());
  for (const auto* field : fields) cells.push_back(cell_of(lead, field));
  const auto attributes = lead.find("attributes");
  for (const auto& [name, types] : attributes_)
    cells.push_back(attributes == lead.end() ? std::string{} : cell_of(*attributes, name));
  std::string out;
  append_csv_row(out, cells);
  return out;
}

}  // namespace leadhub::transfer
