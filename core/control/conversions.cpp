#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "control/queries.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 7> click_ids{"gclid",   "gbraid", "wbraid",   "fbclid",
                                                    "msclkid", "ttclid", "li_fat_id"};

ordered_json clicks_of(const store::SoldLead& sale) {
  auto clicks = ordered_json::object();
  for (const auto* touch : {&sale.first_touch, &sale.last_touch}) {
    if (!*touch) continue;
    for (const auto name : click_ids)
      if (const auto id = lead::attribution_of(**touch, name, limits::event_field_bytes_max); !id.empty())
        clicks[std::string{name}] = {{"id", id}, {"at", format_rfc3339((*touch)->at)}};
  }
  return clicks;
}

ordered_json sale_document(const store::SoldLead& sale) {
  return {{"id", lead::to_string(sale.reference)},
          {"lead", sale.lead_id},
          {"at", format_rfc3339(sale.at)},
          {"value", sale.value ? ordered_json(*sale.value) : ordered_json(nullptr)},
          {"currency", sale.currency.empty() ? ordered_json(nullptr) : ordered_json(sale.currency)},
          {"clicks", clicks_of(sale)}};
}

/// "milliseconds.seq.index"
std::string to_text(const store::SoldLead& sale) {
  return std::to_string(to_milliseconds(sale.at)) + "." + lead::to_string(sale.reference);
}

Result<store::SaleCursor> cursor_from(std::string_view text) {
  store::SaleCursor cursor;
  for (auto* number : {&cursor.at, &cursor.seq, &cursor.index}) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool is_last = number == &cursor.index;
    if (error != std::errc{} || (is_last ? !text.empty() : !text.starts_with('.')))
      return fail(ErrorCode::invalid, "the parameter cursor must be `next` of the page before");
    if (!is_last) text.remove_prefix(1);
  }
  return cursor;
}

}  // namespace

Result<ordered_json> Queries::conversions(std::chrono::milliseconds since, const std::string& cursor) {
  const auto begin = cursor.empty() ? Result<store::SaleCursor>{{to_milliseconds(clock_.now() - since), 0, 0}}
                                    : cursor_from(cursor);
  if (!begin) return std::unexpected(begin.error());
  const std::scoped_lock lock{mutex_};
  const auto sales = conversions_->after(*begin, limits::page_size_max);
  if (!sales) return std::unexpected(sales.error());
  ordered_json page{{"items", ordered_json::array()}, {"next", nullptr}};
  for (const auto& sale : *sales) page["items"].push_back(sale_document(sale));
  if (static_cast<std::int64_t>(sales->size()) == limits::page_size_max)
    page["next"] = to_text(sales->back());
  return page;
}

}  // namespace leadhub::control
