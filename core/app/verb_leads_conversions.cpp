#include <chrono>
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/transfer_file.hpp"
#include "app/verbs.hpp"
#include "transfer/offline_conversions.hpp"

namespace leadhub::app {
namespace {

struct Options : HubOptions {
  std::string service;
  std::string since;
  std::string name;
};
Options options;

/// Writes what one service takes, as it comes.
class Writer {
 public:
  Writer(const std::string& service, std::string name)
      : is_google_(service == "google_ads"), name_(std::move(name)) {
    if (is_google_) std::cout << transfer::google_ads_header();
  }
  [[nodiscard]] const char* click_id() const { return is_google_ ? "gclid" : "fbclid"; }

  void add(transfer::OfflineConversion conversion) {
    ++written_;
    if (is_google_) {
      std::cout << transfer::google_ads_row(conversion, name_);
      return;
    }
    waiting_.push_back(std::move(conversion));
    if (waiting_.size() == transfer::meta_events_max) flush();
  }
  void flush() {
    if (!waiting_.empty()) std::cout << transfer::meta_request(waiting_, name_) << '\n';
    waiting_.clear();
  }
  [[nodiscard]] std::int64_t written() const { return written_; }

 private:
  bool is_google_;
  std::string name_;
  std::vector<transfer::OfflineConversion> waiting_;
  std::int64_t written_ = 0;
};

transfer::OfflineConversion conversion_of(const nlohmann::ordered_json& sale,
                                          const nlohmann::ordered_json& click) {
  transfer::OfflineConversion conversion;
  conversion.id = sale.at("id").get<std::string>();
  conversion.click_id = click.at("id").get<std::string>();
  conversion.clicked_at = parse_rfc3339(click.at("at").get<std::string>()).value_or(TimePoint{});
  conversion.at = parse_rfc3339(sale.at("at").get<std::string>()).value_or(TimePoint{});
  if (!sale.at("value").is_null()) conversion.value = sale.at("value").get<double>();
  if (!sale.at("currency").is_null()) conversion.currency = sale.at("currency").get<std::string>();
  return conversion;
}

int conversions() {
  const bool is_google = options.service == "google_ads";
  // Google takes 90 days after the click; Meta refuses a request with one event of more than seven days.
  const auto since = options.since.empty() ? (is_google ? "90d" : "7d") : options.since;
  auto client = connect(options.config);
  if (!client) return report(client.error());
  std::optional<Writer> writer;
  std::int64_t left_out = 0;
  std::string cursor;
  do {
    const auto page = client->get("/api/v1/conversions?since=" + control::percent_encoded(since) +
                                  (cursor.empty() ? "" : "&cursor=" + control::percent_encoded(cursor)));
    if (!page) return report(page.error());
    if (!writer && !options.as_json) writer.emplace(options.service, options.name);
    for (const auto& sale : (*page)["items"]) {
      if (options.as_json) {
        std::cout << sale.dump() << '\n';
        continue;
      }
      const auto click = sale["clicks"].find(writer->click_id());
      if (click == sale["clicks"].end())
        ++left_out;
      else
        writer->add(conversion_of(sale, *click));
    }
    cursor = (*page)["next"].is_null() ? "" : (*page)["next"].get<std::string>();
  } while (!cursor.empty());
  if (!writer) return exit_success;
  writer->flush();
  std::cerr << with_commas(writer->written()) << " sales; " << with_commas(left_out)
            << " left out, because nobody had come by a click with a " << writer->click_id() << '\n';
  return exit_success;
}

}  // namespace

void add_leads_conversions(CLI::App& leads, Action& action) {
  auto* verb = leads.add_subcommand("conversions", "Sales, for the service that sold the click");
  add_hub_options(*verb, options);
  verb->add_option("--for", options.service, "Who is to get them")
      ->default_val("google_ads")
      ->check(CLI::IsMember({"google_ads", "meta"}));
  verb->add_option("--since", options.since,
                   "Sales at most so long ago; 90d for google_ads, 7d for meta, unless given");
  verb->add_option("--name", options.name,
                   "google_ads: the name of the conversion action; meta: of the event")
      ->default_val("Purchase");
  verb->footer(
      "\ngoogle_ads writes the CSV file that Google Ads takes under Conversions, Uploads; meta one request "
      "body of\n"
      "the Conversions API a line. Nothing personal is in either but the click. --json writes every sale, "
      "one a line,\n"
      "with all its clicks.\n"
      "Example:\n  leadhub leads conversions --for google_ads --name \"Offline sale\" > conversions.csv");
  verb->callback([&action] { action = conversions; });
}

}  // namespace leadhub::app
