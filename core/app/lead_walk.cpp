#include "app/lead_walk.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "lead/lead_json.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

std::string words(const nlohmann::ordered_json& summary, const char* field) {
  const auto value = summary.find(field);
  if (value == summary.end() || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : value->dump();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}

}  // namespace

Result<LeadWalk::Readers> LeadWalk::open(const ScratchHub& hub) {
  auto leads = hub.lead_reader();
  if (!leads) return std::unexpected(leads.error());
  auto ledgers = store::LeadLedgers::open(hub.files().leads, hub.leads_workspace());
  if (!ledgers) return std::unexpected(ledgers.error());
  return Readers{*std::move(leads), *std::move(ledgers)};
}

Result<std::unique_ptr<LeadWalk>> LeadWalk::begin(const ScratchHub& hub, TimePoint now) {
  std::unique_ptr<LeadWalk> walk{new LeadWalk{now}};
  for (auto* readers : {&walk->asked_, &walk->walked_}) {
    auto opened = open(hub);
    if (!opened) return std::unexpected(opened.error());
    *readers = *std::move(opened);
  }
  walk->next_ = std::async(std::launch::async, [&self = *walk] { return self.read_page({}); });
  if (auto read = walk->turn_page(); !read) return std::unexpected(read.error());
  return walk;
}

LeadOutline LeadWalk::outline_of(const lead::Lead& lead, const store::LedgerLines& lines) const {
  const auto summary = lead::lead_summary(lead, now_);
  LeadOutline outline;
  outline.id = lead.id;
  outline.who = words(summary, "email");
  if (outline.who.empty()) outline.who = words(summary, "phone");
  if (outline.who.empty()) outline.who = lead.id;
  for (const auto* field : {"temperature", "stage", "score", "owner"})
    outline.values.emplace_back(field, words(summary, field));
  outline.values.emplace_back("mails", joined(lines.messages));
  outline.values.emplace_back("consents", joined(lines.consents));
  return outline;
}

Result<LeadWalk::Page> LeadWalk::read_page(const std::string& after) {
  store::LeadFilter filter;
  filter.after = after;
  filter.limit = static_cast<std::int64_t>(limits::plan_page_leads);
  const auto leads = walked_.leads->list(filter, now_);
  if (!leads) return std::unexpected(leads.error());
  Page page;
  if (leads->empty()) return page;
  auto lines = walked_.ledgers->between(after, leads->back().id);
  if (!lines) return std::unexpected(lines.error());
  for (const auto& lead : *leads) page.push_back(outline_of(lead, (*lines)[lead.id]));
  return page;
}

Result<void> LeadWalk::turn_page() {
  auto page = next_.get();
  if (!page) return std::unexpected(page.error());
  page_ = *std::move(page);
  place_ = 0;
  if (!page_.empty())
    next_ = std::async(std::launch::async, [this, after = page_.back().id] { return read_page(after); });
  return {};
}

Result<void> LeadWalk::advance() {
  if (++place_ < page_.size() || page_.empty()) return {};
  return turn_page();
}

Result<std::string> LeadWalk::known_as(const std::string& who) {
  const bool is_phone = who.starts_with('+');
  const auto kind = is_phone ? lead::ContactKind::phone : lead::ContactKind::email;
  const auto ids =
      asked_.leads->find({kind, who, is_phone ? store::Sharing::by_many : store::Sharing::by_few});
  if (!ids) return std::unexpected(ids.error());
  return ids->empty() ? std::string{} : ids->front();
}

Result<bool> LeadWalk::has(const std::string& id) {
  const auto record = asked_.leads->get(id);
  if (record) return record->lead.id == id;
  if (record.error().code == ErrorCode::not_found) return false;
  return std::unexpected(record.error());
}

Result<LeadOutline> LeadWalk::outline(const std::string& id) {
  const auto record = asked_.leads->get(id);
  if (!record) return std::unexpected(record.error());
  // The greatest id before this one is not known, but no id is shorter.
  auto before = record->lead.id;
  before.back() = static_cast<char>(before.back() - 1);
  auto lines = asked_.ledgers->between(before, record->lead.id);
  if (!lines) return std::unexpected(lines.error());
  return outline_of(record->lead, (*lines)[record->lead.id]);
}

}  // namespace leadhub::app
