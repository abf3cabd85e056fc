#include "store/conversion_reader.hpp"

#include <soci/soci.h>

#include <utility>

#include "lead/lead_json.hpp"
#include "store/database.hpp"
#include "store/lead_rows.hpp"

namespace leadhub::store {
namespace {

struct SaleRow {
  std::string lead_id, currency, first_touch, last_touch;
  long long seq = 0, index = 0, at = 0;
  double value = 0;
  soci::indicator has_value = soci::i_null;

  void bind(soci::statement& statement) {
    statement.exchange(soci::into(lead_id));
    for (auto* number : {&seq, &index, &at}) statement.exchange(soci::into(*number));
    statement.exchange(soci::into(value, has_value));
    for (auto* text : {&currency, &first_touch, &last_touch}) statement.exchange(soci::into(*text));
  }

  [[nodiscard]] SoldLead sold() const {
    return {lead_id,
            {seq, static_cast<std::int32_t>(index)},
            has_value == soci::i_ok ? std::optional{value} : std::nullopt,
            currency,
            from_milliseconds(at),
            lead::touch_from_json(first_touch),
            lead::touch_from_json(last_touch)};
  }
};

}  // namespace

struct ConversionReader::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;
};

ConversionReader::ConversionReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ConversionReader::~ConversionReader() = default;

Result<std::unique_ptr<ConversionReader>> ConversionReader::open(const std::filesystem::path& file,
                                                                 std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = *std::move(database);
  implementation->workspace = workspace;
  return std::unique_ptr<ConversionReader>{new ConversionReader{std::move(implementation)}};
}

Result<std::vector<SoldLead>> ConversionReader::after(const SaleCursor& cursor, std::int64_t limit) {
  std::vector<SoldLead> sales;
  const auto read = implementation_->database->guarded([&]() -> Result<void> {
    const long long at = cursor.at;
    const long long seq = cursor.seq;
    const long long index = cursor.index;
    const long long count = limit;
    SaleRow row;
    soci::statement statement{implementation_->database->session()};
    row.bind(statement);
    statement.exchange(soci::use(implementation_->workspace));
    statement.exchange(soci::use(at));
    statement.exchange(soci::use(seq));
    statement.exchange(soci::use(index));
    statement.exchange(soci::use(count));
    statement.alloc();
    statement.prepare(
        "SELECT c.lead_id, c.seq, c.idx, c.occurred_at, c.value, c.currency, l.first_touch, l.last_touch "
        "FROM "
        "conversions c JOIN leads l ON l.workspace_id = c.workspace_id AND l.id = c.lead_id WHERE "
        "c.workspace_id = :w AND (c.occurred_at, c.seq, c.idx) > (:t, :s, :i) AND l.merged_into = '' ORDER "
        "BY "
        "c.occurred_at, c.seq, c.idx LIMIT :n");
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) sales.push_back(row.sold());
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return sales;
}

}  // namespace leadhub::store
