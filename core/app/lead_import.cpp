#include "app/lead_import.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "ops/limits.hpp"
#include "transfer/csv_reader.hpp"
#include "transfer/csv_text.hpp"
#include "transfer/lead_lines.hpp"
#include "transfer/line_reader.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

/// Events on their way to the hub: each with the row that it came from, and that row's text where rejects are
/// kept.
struct Batch {
  std::string lines;
  std::vector<std::int64_t> rows;
  std::vector<std::string> sources;
};

/// The rows that were refused, as the file had them and in its format, so that they can be mended and
/// imported.
class Rejects {
 public:
  [[nodiscard]] Result<void> open(const std::string& file) {
    if (file.empty()) return {};
    std::error_code error;
    if (std::filesystem::exists(file, error))
      return fail(ErrorCode::io, file + ": is there already; remove it, or name another file for --rejects");
    out_.open(file, std::ios::binary);
    if (!out_) return fail(ErrorCode::io, file + ": cannot be written; check the folder and its owner");
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    return {};
  }
  [[nodiscard]] bool wanted() const { return out_.is_open(); }
  void write(const std::string& text) { out_ << text; }
  [[nodiscard]] Result<void> close(const std::string& file) {
    if (!wanted()) return {};
    out_.close();
    if (!out_) return fail(ErrorCode::io, file + ": the rejects could not all be written; is the disk full?");
    return {};
  }

 private:
  std::ofstream out_;
};

std::string table_row(const std::vector<std::string>& cells) {
  std::vector<std::string> texts;
  texts.reserve(cells.size());
  for (const auto& cell : cells) texts.emplace_back(transfer::unguarded(cell));
  std::string row;
  transfer::append_csv_row(row, texts);
  return row;
}

class Import {
 public:
  Import(control::Client& client, const ImportOrder& order, transfer::Mapping mapping, std::istream& input,
         std::int64_t input_bytes)
      : client_(client),
        order_(order),
        mapping_(std::move(mapping)),
        input_(input),
        progress_(order.progress, "rows", input_bytes) {}

  [[nodiscard]] Result<ImportSummary> run() {
    if (auto opened = rejects_.open(order_.rejects); !opened) return std::unexpected(opened.error());
    const auto begun = std::chrono::steady_clock::now();
    auto read = order_.format == FileFormat::csv ? read_table() : read_lines();
    if (!read && summary_.rows == 0 && order_.from_row == 0) return std::unexpected(read.error());
    if (!read && !summary_.stopped) summary_.stopped = read.error();
    // What was read before the mistake is as good as ever.
    if (may_send_) send();
    settle();
    if (auto closed = rejects_.close(order_.rejects); !closed && !summary_.stopped)
      summary_.stopped = closed.error();
    summary_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    summary_.left_out = mapping_.left_out();
    std::sort(summary_.errors.begin(), summary_.errors.end(),
              [](const RowError& left, const RowError& right) { return left.row < right.row; });
    return std::move(summary_);
  }

 private:
  using Source = std::function<std::string()>;

  [[nodiscard]] Result<void> read_table() {
    transfer::CsvReader reader{input_, order_.delimiter};
    const auto header = reader.next();
    if (!header) return std::unexpected(header.error());
    if (!*header) return fail(ErrorCode::invalid, "the file is empty; its first row names the columns");
    if (auto set = mapping_.set_header((*header)->cells); !set) return set;
    if (rejects_.wanted()) rejects_.write(table_row((*header)->cells));
    while (may_send_) {
      const auto row = reader.next();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      if ((*row)->number < order_.from_row) continue;
      ++summary_.rows;
      progress_.report(summary_.rows, reader.bytes_read());
      const auto source = [&] { return table_row((*row)->cells); };
      const auto document = mapping_.document((*row)->cells);
      if (document)
        add((*row)->number, *document, source);
      else
        refuse((*row)->number, document.error().message, source);
    }
    return {};
  }

  [[nodiscard]] Result<void> read_lines() {
    transfer::LineReader reader{input_};
    while (may_send_) {
      const auto line = reader.next();
      if (!line) return std::unexpected(line.error());
      if (!*line) break;
      if ((*line)->number < order_.from_row) continue;
      ++summary_.rows;
      progress_.report(summary_.rows, reader.bytes_read());
      take_line(**line);
    }
    return {};
  }

  void take_line(const transfer::Line& line) {
    const auto source = [&] { return line.text + "\n"; };
    if (line.too_long)
      return refuse(line.number,
                    "it is longer than " + std::to_string(limits::import_line_bytes_max) +
                        " bytes; is this JSON with one object a line?",
                    source);
    const auto events = events_of(line.text);
    if (!events) return refuse(line.number, events.error().message, source);
    for (const auto& event : *events) add(line.number, event, source);
  }

  [[nodiscard]] Result<std::vector<std::string>> events_of(const std::string& line) {
    auto object = transfer::parse_object(line);
    if (!object) return std::unexpected(object.error());
    if (transfer::is_lead_document(*object)) return transfer::events_of_lead(*object);
    if (transfer::is_event_document(*object)) return std::vector{transfer::keyed_event(std::move(*object))};
    auto document = mapping_.object_document(*object);
    if (!document) return std::unexpected(document.error());
    return std::vector{std::move(*document)};
  }

  void add(std::int64_t row, const std::string& document, const Source& source) {
    if (document.size() >= limits::event_bytes_max)
      return refuse(
          row, "it is larger than " + std::to_string(limits::event_bytes_max) + " bytes as an event", source);
    if (batch_.rows.size() == limits::import_batch_events_max ||
        batch_.lines.size() + document.size() + 1 > limits::import_batch_bytes_max)
      send();
    if (summary_.example.empty()) summary_.example = document;
    (batch_.lines += document) += '\n';
    batch_.rows.push_back(row);
    if (rejects_.wanted()) batch_.sources.push_back(source());
  }

  void refuse(std::int64_t row, const std::string& reason, const Source& source) {
    ++summary_.refused;
    if (summary_.errors.size() < limits::import_errors_shown) summary_.errors.push_back({row, reason});
    if (!rejects_.wanted() || last_rejected_ == row) return;
    last_rejected_ = row;
    rejects_.write(source());
  }

  /// Waits for the batch before, then puts this one on its way.
  void send() {
    settle();
    if (batch_.rows.empty() || !may_send_) return;
    under_way_ = std::exchange(batch_, {});
    answer_ = std::async(std::launch::async, [this] { return post(under_way_.lines); });
  }

  [[nodiscard]] Result<ordered_json> post(const std::string& lines) {
    const auto* path =
        order_.mode == capture::ImportMode::check ? "/api/v1/import?check_only=true" : "/api/v1/import";
    for (int tries = 1;; ++tries) {
      auto answer = client_.post_lines(path, lines);
      if (answer || answer.error().code != ErrorCode::unavailable || tries == limits::import_tries_max)
        return answer;
      std::this_thread::sleep_for(limits::import_retry_wait);
    }
  }

  /// Takes the answer to the batch under way.
  void settle() {
    if (!answer_.valid()) return;
    const auto answer = answer_.get();
    if (!answer) {
      may_send_ = false;
      summary_.stopped = answer.error();
      summary_.stopped->message += "; what is in stays in: give the same command again to go on, with " +
                                   ("--from-row " + std::to_string(under_way_.rows.front())) +
                                   " to pass over it quickly";
      return;
    }
    summary_.accepted += answer->value("accepted", std::int64_t{0});
    summary_.duplicates += answer->value("duplicates", std::int64_t{0});
    summary_.conflicts += answer->value("conflicts", std::int64_t{0});
    const auto refused = answer->find("refused");
    if (refused == answer->end()) return;
    for (const auto& one : *refused) {
      const auto line = one.value("line", std::size_t{0});
      if (line == 0 || line > under_way_.rows.size()) continue;
      refuse(under_way_.rows[line - 1], one.value("reason", ""),
             [&] { return under_way_.sources[line - 1]; });
    }
  }

  control::Client& client_;
  const ImportOrder& order_;
  transfer::Mapping mapping_;
  std::istream& input_;
  Progress progress_;
  Rejects rejects_;
  ImportSummary summary_;
  Batch batch_;
  Batch under_way_;
  std::future<Result<ordered_json>> answer_;
  std::int64_t last_rejected_ = 0;
  bool may_send_ = true;
};

}  // namespace

Result<ImportSummary> import_leads(control::Client& client, const ImportOrder& order) {
  auto mapping = transfer::Mapping::make(order.mapping);
  if (!mapping) return std::unexpected(mapping.error());
  // A hub that is not there is told before a file is read; later on it is waited for.
  if (const auto status = client.get("/api/v1/status"); !status) return std::unexpected(status.error());
  if (order.file == "-") return Import{client, order, std::move(*mapping), std::cin, 0}.run();
  std::error_code error;
  std::ifstream input{order.file, std::ios::binary};
  if (!input || std::filesystem::is_directory(order.file, error))
    return fail(ErrorCode::io, order.file + ": cannot be read; check the path and its owner");
  const auto bytes = std::filesystem::file_size(order.file, error);
  return Import{client, order, std::move(*mapping), input,
                error ? std::int64_t{0} : static_cast<std::int64_t>(bytes)}
      .run();
}

}  // namespace leadhub::app
