#include <unistd.h>

#include <algorithm>
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/hub_options.hpp"
#include "app/lead_export.hpp"
#include "app/lead_import.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string file;
  std::string format;
  std::string output;
  std::string reference;
  std::string delimiter;
  std::vector<std::string> maps;
  std::string unmapped = "leave-out";
  std::string type = "x.leadhub.imported";
  std::string consent;
  std::string consent_text;
  std::string consent_channel = "email";
  std::string rejects;
  std::int64_t from_row = 0;
  bool dry_run = false;
};
Options options;

int say(const Error& error) {
  const auto code = report(error);
  return error.code == ErrorCode::io ? exit_cannot_open : code;
}

ShowProgress progress_wanted() {
  return !options.as_json && ::isatty(STDERR_FILENO) == 1 ? ShowProgress::yes : ShowProgress::no;
}

Result<char> delimiter() {
  const auto& given = options.delimiter;
  if (given.empty()) return '\0';
  if (given == "tab" || given == "\\t") return '\t';
  if (given.size() == 1 && std::string_view{",;\t|:"}.find(given.front()) != std::string_view::npos)
    return given.front();
  return fail(ErrorCode::invalid,
              "--delimiter must be one of , ; | : and tab; without it the first line decides");
}

Result<ImportOrder> import_order() {
  ImportOrder order;
  order.file = options.file;
  const auto format = format_of(options.format, options.file);
  if (!format) return std::unexpected(format.error());
  if (!*format)
    return fail(ErrorCode::invalid,
                "--format csv or --format jsonl must say what this is: its name does not");
  order.format = **format;
  const auto sign = delimiter();
  if (!sign) return std::unexpected(sign.error());
  order.delimiter = *sign;
  order.mapping.maps = options.maps;
  if (options.unmapped == "attributes")
    order.mapping.unmapped = transfer::Unmapped::to_attributes;
  else if (options.unmapped != "leave-out")
    return fail(ErrorCode::invalid, "--unmapped must be leave-out or attributes");
  if (!lead::is_event_type(options.type))
    return fail(ErrorCode::invalid,
                "--type \"" + options.type +
                    "\" is no event type; take a shared one such as newsletter.subscribed, "
                    "or your own, x.<vendor>.<name>");
  order.mapping.type = options.type;
  if (options.consent.empty() != options.consent_text.empty())
    return fail(
        ErrorCode::invalid,
        "--consent PURPOSE and --consent-text TEXT belong together: what the people in the file agreed "
        "to, word for word");
  if (!options.consent.empty())
    order.mapping.consent = lead::ConsentStatement{options.consent, options.consent_channel,
                                                   lead::ConsentState::granted, options.consent_text};
  order.mode = options.dry_run ? capture::ImportMode::check : capture::ImportMode::commit;
  order.rejects = options.rejects;
  order.from_row = options.from_row;
  order.progress = progress_wanted();
  return order;
}

ordered_json document_of(const ImportSummary& summary) {
  ordered_json document{
      {"rows", summary.rows},           {"accepted", summary.accepted}, {"duplicates", summary.duplicates},
      {"conflicts", summary.conflicts}, {"refused", summary.refused},   {"errors", ordered_json::array()},
      {"unmapped", summary.left_out},   {"dry_run", options.dry_run},   {"stopped", nullptr},
      {"seconds", summary.seconds}};
  for (const auto& error : summary.errors)
    document["errors"].push_back({{"row", error.row}, {"reason", error.reason}});
  if (summary.stopped) document["stopped"] = summary.stopped->message;
  if (options.dry_run) document["example"] = ordered_json::parse(summary.example, nullptr, false);
  return document;
}

void print_notices(const ImportSummary& summary) {
  for (const auto& error : summary.errors)
    std::cerr << printable(options.file) << ":row " << error.row << ": " << printable(error.reason) << '\n';
  if (summary.refused > static_cast<std::int64_t>(summary.errors.size()))
    std::cerr << "... and " << with_commas(summary.refused - static_cast<std::int64_t>(summary.errors.size()))
              << " more; --rejects FILE gets them all\n";
  if (summary.left_out.empty()) return;
  std::string list;
  for (const auto& column : summary.left_out)
    list += (list.empty() ? "\"" : ", \"") + printable(column) + "\"";
  std::cerr << "not imported, since nobody says where to: " << list
            << " (--map \"COLUMN=TARGET\", or --unmapped attributes)\n";
}

void print_summary(const ImportSummary& summary) {
  std::cout << with_commas(summary.rows) << " rows: " << with_commas(summary.accepted)
            << (options.dry_run ? " sound" : " imported");
  if (!options.dry_run) std::cout << ", " << with_commas(summary.duplicates) << " known already";
  if (summary.conflicts > 0)
    std::cout << ", " << with_commas(summary.conflicts) << " set aside (leadhub inbox list --quarantined)";
  std::cout << ", " << with_commas(summary.refused) << " refused\n";
  if (options.dry_run && !summary.example.empty())
    std::cout << "the first one becomes " << printable(summary.example) << '\n';
  if (options.dry_run) std::cout << "nothing was written; without --dry-run it is\n";
}

int import() {
  const auto order = import_order();
  if (!order) return say(order.error());
  auto client = connect(options.config);
  if (!client) return say(client.error());
  const auto summary = import_leads(*client, *order);
  if (!summary)
    return say(summary.error().code == ErrorCode::invalid
                   ? Error{ErrorCode::invalid, options.file + ": " + summary.error().message}
                   : summary.error());
  if (options.as_json) {
    print_json(document_of(*summary));
  } else {
    print_notices(*summary);
    print_summary(*summary);
  }
  if (summary->stopped) return say({summary->stopped->code, options.file + ": " + summary->stopped->message});
  return summary->refused == 0 ? exit_success : exit_failure;
}

int export_all() {
  ExportOrder order;
  const auto format = format_of(options.format, options.output);
  if (!format) return say(format.error());
  order.reference = options.reference;
  order.file = options.output == "-" ? "" : options.output;
  order.format = format->value_or(FileFormat::jsonl);
  order.progress = order.file.empty() ? ShowProgress::no : progress_wanted();
  // A reader that has seen enough (head) ends the verb by an error of the stream, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  auto client = connect(options.config);
  if (!client) return say(client.error());
  const auto summary = export_leads(*client, order);
  if (!summary) return say(summary.error());
  if (summary->left_out > 0)
    std::cerr << "left out: " << with_commas(summary->left_out)
              << " attributes beyond the columns of a table; --format jsonl has them\n";
  if (options.as_json && !order.file.empty())
    print_json({{"leads", summary->leads}, {"file", order.file}, {"left_out", summary->left_out}});
  else if (!order.file.empty())
    std::cerr << with_commas(summary->leads) << " leads in " << printable(order.file) << '\n';
  return exit_success;
}

void add_import(CLI::App& leads, Action& action) {
  auto* verb = leads.add_subcommand("import", "Bring in leads from a table (CSV) or JSON lines");
  add_hub_options(*verb, options);
  verb->add_option("FILE", options.file, "The file; - reads standard input")->required();
  verb->add_option("--format", options.format, "csv or jsonl, where the file's name does not say it");
  verb->add_option(
          "--map", options.maps,
          "COLUMN=TARGET, e.g. \"Tel=phone\", \"Size=attributes.size:integer\", \"Id=external_ids.crm\", "
          "\"Order=key\", \"Notes=-\"; columns named as in the lead model map by themselves")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  verb->add_option("--unmapped", options.unmapped, "Other columns: leave-out, or attributes to keep them")
      ->capture_default_str();
  verb->add_option("--type", options.type, "What the rows are, as a type of event")->capture_default_str();
  verb->add_option("--consent", options.consent, "Everybody in the file agreed to this purpose ...");
  verb->add_option("--consent-text", options.consent_text, "... in these words");
  verb->add_option("--consent-channel", options.consent_channel, "... for email, phone, sms, chat or any")
      ->capture_default_str();
  verb->add_option("--delimiter", options.delimiter, "What parts the columns; else the first line decides");
  verb->add_flag("--dry-run", options.dry_run, "Check everything, show what a row becomes, write nothing");
  verb->add_option("--rejects", options.rejects, "A new file for the rows that are refused");
  verb->add_option("--from-row", options.from_row,
                   "Pass over the rows before this one (the header is row 1)");
  verb->footer(
      "\nA row that was imported is not imported again: after a failure, give the same command once more. "
      "Rows "
      "are told apart by their content, or by the column that maps to key.\n\nExample:\n"
      "  leadhub leads import people.csv --map \"Mail=email\" --map \"Size=attributes.size:integer\" "
      "--dry-run");
  verb->callback([&action] { action = import; });
}

void add_export(CLI::App& leads, Action& action) {
  auto* verb = leads.add_subcommand("export", "Write all leads, or one whole, to a file");
  add_hub_options(*verb, options);
  verb->add_option("LEAD", options.reference, "Only this one: an id, an e-mail address or a phone number");
  verb->add_option("--format", options.format,
                   "jsonl: whole, one a line (the default); csv: the flat fields and attributes");
  verb->add_option("--output", options.output, "The file; standard output unless given");
  verb->footer(
      "\nIn a table, cells that a spreadsheet would take for a formula begin with an apostrophe; import "
      "takes it "
      "away again.\n\nExamples:\n  leadhub leads export --output leads.csv\n"
      "  leadhub leads export ada.lovelace@example.com      everything that is kept of a person");
  verb->callback([&action] { action = export_all; });
}

}  // namespace

void add_leads_transfer(CLI::App& leads, Action& action) {
  add_import(leads, action);
  add_export(leads, action);
}

}  // namespace leadhub::app
