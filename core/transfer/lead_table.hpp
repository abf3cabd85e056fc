#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "transfer/mapping.hpp"

namespace leadhub::transfer {

/// Leads as a table: the flat fields of the lead document, then a column for each attribute. Written twice
/// over: the header must name every attribute before the first row is written, so all leads are looked at
/// first and then written one by one; only the names of the attributes are kept.
///
/// An attribute whose values are all of one type has it in its header (attributes.size:integer), so that an
/// import gives each value its type back; one with values of several types is text.
class LeadTable {
 public:
  /// First pass. An attribute beyond limits::export_columns_max is left out, and counted.
  void look_at(const nlohmann::ordered_json& lead);

  [[nodiscard]] std::string header() const;
  /// Second pass. A lead that has come since is written without the attributes that the header lacks.
  [[nodiscard]] std::string row(const nlohmann::ordered_json& lead) const;

  /// Values that stand in no column.
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }

 private:
  std::map<std::string, std::set<CellType>> attributes_;
  std::int64_t left_out_ = 0;
};

}  // namespace leadhub::transfer
