#include "app/lead_export.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "transfer/lead_table.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;
using EachLead = std::function<Result<void>(const ordered_json& lead)>;

/// Standard output, or a file that gets its name when it is whole.
class Output {
 public:
  [[nodiscard]] Result<void> open(const std::string& file) {
    file_ = file;
    if (file_.empty()) return {};
    unfinished_ = file_ + ".part";
    out_.open(unfinished_, std::ios::binary | std::ios::trunc);
    std::error_code error;
    if (out_)
      std::filesystem::permissions(
          unfinished_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    return out_ && !error ? Result<void>{} : failure();
  }
  [[nodiscard]] Result<void> write(const std::string& text) {
    auto& out = file_.empty() ? std::cout : static_cast<std::ostream&>(out_);
    return out << text ? Result<void>{} : failure();
  }
  [[nodiscard]] Result<void> finish() {
    if (file_.empty()) return std::cout.flush() ? Result<void>{} : failure();
    out_.close();
    std::error_code error;
    if (out_) std::filesystem::rename(unfinished_, file_, error);
    return out_ && !error ? Result<void>{} : failure();
  }

 private:
  [[nodiscard]] std::unexpected<Error> failure() const {
    return fail(ErrorCode::io,
                (file_.empty() ? "standard output" : file_) +
                    ": cannot be written; check the folder, its owner and the room on the disk");
  }
  std::string file_;
  std::string unfinished_;
  std::ofstream out_;
};

[[nodiscard]] Result<void> each_lead(control::Client& client, const ExportOrder& order,
                                     const EachLead& each) {
  if (!order.reference.empty()) {
    const auto lead = client.get("/api/v1/leads/" + control::percent_encoded(order.reference));
    return lead ? each(*lead) : std::unexpected(lead.error());
  }
  const std::string path =
      std::string{"/api/v1/export?shape="} + (order.format == FileFormat::csv ? "flat" : "whole");
  std::string cursor;  // with its name, as it stands in the query
  while (true) {
    const auto page = client.get(path + cursor);
    if (!page) return std::unexpected(page.error());
    for (const auto& lead : (*page)["items"])
      if (auto done = each(lead); !done) return done;
    if (!(*page)["next"].is_string()) return {};
    cursor.assign("&cursor=").append((*page)["next"].get_ref<const std::string&>());
  }
}

}  // namespace

Result<ExportSummary> export_leads(control::Client& client, const ExportOrder& order) {
  ExportSummary summary;
  Output output;
  Progress progress{order.progress, "leads", 0};
  transfer::LeadTable table;
  if (order.format == FileFormat::csv) {
    const auto looked = each_lead(client, order, [&](const ordered_json& lead) -> Result<void> {
      table.look_at(lead);
      return {};
    });
    if (!looked) return std::unexpected(looked.error());
  }
  bool opened = false;
  const auto open = [&]() -> Result<void> {
    if (std::exchange(opened, true)) return {};
    if (auto result = output.open(order.file); !result) return result;
    return order.format == FileFormat::csv ? output.write(table.header()) : Result<void>{};
  };
  const auto written = each_lead(client, order, [&](const ordered_json& lead) -> Result<void> {
    if (auto result = open(); !result) return result;
    progress.report(++summary.leads, 0);
    return output.write(order.format == FileFormat::csv
                            ? table.row(lead)
                            : lead.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  });
  if (!written) return std::unexpected(written.error());
  if (auto result = open(); !result) return std::unexpected(result.error());
  if (auto finished = output.finish(); !finished) return std::unexpected(finished.error());
  summary.left_out = table.left_out();
  return summary;
}

}  // namespace leadhub::app
