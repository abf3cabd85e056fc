#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"
#include "transfer/event_draft.hpp"

namespace leadhub::transfer {

/// How a cell becomes an attribute.
enum class CellType { text = 1, integer, number, boolean, list };

/// Where a column of a file goes.
struct Target {
  enum class Kind {
    none = 1,  ///< it is left out
    member,
    person,
    external_id,
    attribution,
    attribute,
  };
  Kind kind = Kind::none;
  std::string name{};  ///< within its kind
  CellType type = CellType::text;
};

/// What to do with columns that nobody mapped.
enum class Unmapped { leave_out = 1, to_attributes };

/// What the whole file is told by the command line.
struct ImportOptions {
  std::vector<std::string> maps;  ///< "COLUMN=TARGET", the column as the file writes it
  Unmapped unmapped = Unmapped::leave_out;
  std::string type = "x.leadhub.imported";          ///< of rows that name no other
  std::optional<lead::ConsentStatement> consent{};  ///< given by everybody in the file
};

/// Which column goes where, and how a row becomes an event document.
///
/// TARGET is a name of the lead model: email, phone, name, first_name, last_name, company, job_title,
/// country, city, language, timezone; external_ids.SYSTEM; attributes.NAME, with a type behind it where it is
/// no text (attributes.size:integer; number, boolean, list, text); a name of the attribution such as
/// utm_source; or type, key, occurred_at, anonymous_id, currency, message of the event; or "-" to leave the
/// column out. Columns that have such a name already map by themselves, whatever their case, spaces, hyphens
/// and underscores; not type, key, currency and message, whose names mean other things elsewhere.
class Mapping {
 public:
  /// Error: `invalid`, naming the map that cannot be read or has no such target.
  [[nodiscard]] static Result<Mapping> make(ImportOptions options);

  /// Takes the header of a table. Error: `invalid` where two columns have one target, a map names no column,
  /// or no column says who somebody is.
  [[nodiscard]] Result<void> set_header(const std::vector<std::string>& header);

  /// The event document of a row of that table. A cell that begins with an apostrophe and a sign that
  /// spreadsheets take for a formula loses the apostrophe: see csv_text.hpp. Error: `invalid`: the row has
  /// more cells than the header, a cell is not of its column's type, or something is no UTF-8.
  [[nodiscard]] Result<std::string> document(const std::vector<std::string>& cells) const;

  /// The event document of one flat JSON object, its members taken for columns; those of `attributes`,
  /// `external_ids` and `attribution` for columns with that name before a dot. Numbers, booleans and lists of
  /// texts that become attributes keep their type. Error: `invalid`, naming the member.
  [[nodiscard]] Result<std::string> object_document(const nlohmann::ordered_json& object);

  /// The columns seen so far that go nowhere, at most limits::import_columns_named of them.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  explicit Mapping(ImportOptions options) : options_(std::move(options)) {}
  [[nodiscard]] Target target_of(const std::string& column);
  [[nodiscard]] Result<void> add(EventDraft& draft, const std::string& column,
                                 const nlohmann::ordered_json& value);
  [[nodiscard]] Result<std::string> finish(EventDraft draft) const;

  ImportOptions options_;
  std::map<std::string, Target, std::less<>> by_column_;  ///< explicit ones, and those looked up before
  std::vector<std::string> explicit_;
  std::vector<std::string> header_;
  std::vector<Target> targets_;  ///< of the header
  std::vector<std::string> left_out_;
};

}  // namespace leadhub::transfer
