#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "mail/marks.hpp"
#include "mail/template_file.hpp"

namespace leadhub::mail {

/// Partials by name, as mstch reads them.
using Partials = std::map<std::string, std::string>;

/// What a template is filled with: the fields by name, as the table in fields.hpp has them. What is missing,
/// null or empty once it is cleaned counts as empty, and so do the sections over it.
///
/// Renders pieces by mstch with marks in place of the values. One mail, one thread.
class Filling {
 public:
  /// `names`: the fields that may be asked for. `values` is read here and not kept.
  Filling(const nlohmann::ordered_json& values, const std::set<std::string>& names);
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;
  ~Filling();

  /// Text that the hub has made itself, which stands as it is.
  void put(std::string_view name, std::string text);

  /// Whether the field shows anything.
  [[nodiscard]] bool holds(std::string_view name) const;

  [[nodiscard]] std::string fill(const Piece& piece, const Partials& partials) const;
  /// The same as one line for people.
  [[nodiscard]] std::string fill_line(const Piece& piece) const;
  /// The same as plain text.
  [[nodiscard]] std::string fill_text(const Piece& piece, const Partials& partials) const;

  [[nodiscard]] const Marks& marks() const { return marks_; }

 private:
  struct Context;
  Marks marks_;
  std::unique_ptr<Context> context_;
};

}  // namespace leadhub::mail
