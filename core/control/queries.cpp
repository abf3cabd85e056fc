#include "control/queries.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "control/inbox_documents.hpp"
#include "control/lead_reference.hpp"
#include "normalise/email.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {

using nlohmann::ordered_json;

Result<std::unique_ptr<Queries>> Queries::open(const std::filesystem::path& leads,
                                               std::int64_t leads_workspace,
                                               const std::filesystem::path& inbox,
                                               std::int64_t inbox_workspace, const Clock& clock) {
  auto lead_reader = store::LeadReader::open(leads, leads_workspace);
  if (!lead_reader) return std::unexpected(lead_reader.error());
  auto inbox_reader = store::InboxReader::open(inbox, inbox_workspace);
  if (!inbox_reader) return std::unexpected(inbox_reader.error());
  auto conversions = store::ConversionReader::open(leads, leads_workspace);
  if (!conversions) return std::unexpected(conversions.error());
  return std::unique_ptr<Queries>{
      new Queries{std::move(*lead_reader), std::move(*inbox_reader), std::move(*conversions), clock}};
}

void Queries::set_default_country(std::string country) {
  const std::scoped_lock lock{mutex_};
  default_country_ = std::move(country);
}

void Queries::set_hash_address(std::function<std::string(std::string_view)> hash) {
  hash_address_ = std::move(hash);
}

Result<ordered_json> Queries::leads(const LeadPage& page) {
  const std::scoped_lock lock{mutex_};
  const auto now = clock_.now();
  const auto found = leads_->list(
      {.stage = page.stage, .temperature = page.temperature, .before = page.cursor, .limit = page.limit},
      now);
  if (!found) return std::unexpected(found.error());
  ordered_json out{{"items", ordered_json::array()}, {"next", nullptr}};
  for (const auto& lead : *found) out["items"].push_back(lead::lead_summary(lead, now));
  if (static_cast<std::int64_t>(found->size()) == page.limit) out["next"] = found->back().id;
  return out;
}

Result<std::vector<store::InboxReader::FollowUpCount>> Queries::follow_ups() {
  const std::scoped_lock lock{mutex_};
  return inbox_->follow_up_counts();
}

Result<ordered_json> Queries::sending() {
  const std::scoped_lock lock{mutex_};
  const auto pauses = leads_->pauses();
  if (!pauses) return std::unexpected(pauses.error());
  ordered_json document{{"state", "on"}};
  if (!pauses->empty() && pauses->front().scope == lead::PauseScope{})
    document = {{"state", "paused"},
                {"reason", pauses->front().reason},
                {"since", format_rfc3339(pauses->front().since)}};
  document["pauses"] = ordered_json::array();
  for (const auto& pause : *pauses)
    document["pauses"].push_back({{"scope", to_string(pause.scope)},
                                  {"reason", pause.reason},
                                  {"since", format_rfc3339(pause.since)}});
  return document;
}

namespace {

/// About as many as its document will have.
std::size_t bytes_of(const lead::LeadRecord& record) {
  std::size_t bytes = limits::kibibyte;
  for (const auto& line : record.timeline) bytes += line.document.size();
  for (const auto& consent : record.consents) bytes += consent.statement.text.size();
  return bytes;
}

}  // namespace

Result<ordered_json> Queries::exported(const ExportPage& page) {
  const std::scoped_lock lock{mutex_};
  const auto now = clock_.now();
  const auto found = leads_->list({.after = page.after, .limit = limits::export_page_leads}, now);
  if (!found) return std::unexpected(found.error());
  ordered_json out{{"items", ordered_json::array()}, {"next", nullptr}};
  std::size_t bytes = 0;
  for (const auto& lead : *found) {
    out["next"] = lead.id;
    if (page.shape == LeadShape::flat) {
      out["items"].push_back(lead::lead_summary(lead, now));
      continue;
    }
    auto record = leads_->get(lead.id);
    if (!record) return std::unexpected(record.error());
    // It became part of another a moment ago, which stands in a page of its own.
    bytes += bytes_of(*record);
    if (record->lead.id == lead.id) {
      auto document = document_of(std::move(*record));
      if (!document) return document;
      out["items"].push_back(std::move(*document));
    }
    if (bytes > limits::export_page_bytes) return out;
  }
  if (static_cast<std::int64_t>(found->size()) < limits::export_page_leads) out["next"] = nullptr;
  return out;
}

Result<std::string> Queries::resolve(std::string_view reference) {
  return lead_id_of(*leads_, reference, default_country_);
}

Result<ordered_json> Queries::lead(std::string_view reference) {
  const std::scoped_lock lock{mutex_};
  const auto id = resolve(reference);
  if (!id) return std::unexpected(id.error());
  auto record = leads_->get(*id);
  if (!record) return std::unexpected(record.error());
  return document_of(std::move(*record));
}

Result<lead::Lead> Queries::stored_lead(std::string_view reference) {
  const std::scoped_lock lock{mutex_};
  const auto id = resolve(reference);
  if (!id) return std::unexpected(id.error());
  auto record = leads_->get(*id);
  if (!record) return std::unexpected(record.error());
  return std::move(record->lead);
}

Result<ordered_json> Queries::conversation(std::string_view reference) {
  const std::scoped_lock lock{mutex_};
  const auto id = resolve(reference);
  if (!id) return std::unexpected(id.error());
  const auto record = leads_->get(*id);
  if (!record) return std::unexpected(record.error());
  return conversation_document(*record);
}

Result<std::string> Queries::root_of(std::string_view reference) {
  const std::scoped_lock lock{mutex_};
  const auto id = resolve(reference);
  if (!id) return std::unexpected(id.error());
  const auto record = leads_->get(*id);
  if (!record) return std::unexpected(record.error());
  return record->lead.id;
}

Result<ReplyAddress> Queries::reply_address(const std::string& lead_id,
                                            const std::vector<std::string>& channels,
                                            const std::optional<std::string>& channel) {
  const std::scoped_lock lock{mutex_};
  const auto record = leads_->get(lead_id);
  if (!record) return std::unexpected(record.error());
  return control::reply_address(*record, channels, channel);
}

Result<lead::Message> Queries::reply(std::string_view key) {
  const std::scoped_lock lock{mutex_};
  return leads_->message(lead::reply_occurrence(key));
}

Result<ordered_json> Queries::document_of(lead::LeadRecord record) {
  for (const auto& point : record.lead.contact_points) {
    if (point.kind != lead::ContactKind::email || !hash_address_) continue;
    auto found = leads_->suppression(hash_address_(point.canonical));
    if (!found) return std::unexpected(found.error());
    if (!*found) continue;
    (*found)->address = point.canonical;
    record.suppressions.push_back(std::move(**found));
  }
  return lead::lead_document(record, clock_.now());
}

Result<lead::SuppressAddress> Queries::address(std::string_view given) const {
  auto canonical = normalise::canonical_email(given);
  if (!canonical) return std::unexpected(canonical.error());
  auto hash = hash_address_(*canonical);
  return lead::SuppressAddress{std::move(*canonical), std::move(hash)};
}

Result<std::vector<std::string>> Queries::address_hashes(const std::string& lead_id) {
  const std::scoped_lock lock{mutex_};
  std::vector<std::string> hashes;
  const auto record = leads_->get(lead_id);
  if (!record && record.error().code == ErrorCode::not_found) return hashes;
  if (!record) return std::unexpected(record.error());
  for (const auto& point : record->lead.contact_points)
    if (point.kind == lead::ContactKind::email || point.kind == lead::ContactKind::external)
      hashes.push_back(hash_address_(point.canonical));
  return hashes;
}

Result<ordered_json> Queries::suppressions(const std::string& after, std::int64_t limit) {
  const std::scoped_lock lock{mutex_};
  const auto found = leads_->suppressions(after, limit);
  if (!found) return std::unexpected(found.error());
  ordered_json out{{"items", ordered_json::array()}, {"next", nullptr}};
  for (const auto& suppression : *found) out["items"].push_back(lead::suppression_document(suppression));
  if (static_cast<std::int64_t>(found->size()) == limit) out["next"] = found->back().address_hash;
  return out;
}

Result<ordered_json> Queries::suppression(const lead::SuppressAddress& address) {
  const std::scoped_lock lock{mutex_};
  const auto found = leads_->suppression(address.address_hash);
  if (!found) return std::unexpected(found.error());
  return ordered_json{{"address", address.canonical},
                      {"suppressed", *found ? lead::suppression_document(**found) : ordered_json(nullptr)}};
}

Result<std::string> Queries::lead_id(std::string_view reference) {
  const std::scoped_lock lock{mutex_};
  auto id = resolve(reference);
  if (!id) return id;
  if (const auto record = leads_->get(*id); !record) return std::unexpected(record.error());
  return id;
}

Result<ordered_json> Queries::proposals(std::int64_t limit) {
  const std::scoped_lock lock{mutex_};
  const auto found = leads_->proposals(limit);
  if (!found) return std::unexpected(found.error());
  const auto now = clock_.now();
  ordered_json out{{"items", ordered_json::array()}};
  for (const auto& proposal : *found) {
    ordered_json item;
    for (const auto& [side, id] :
         {std::pair{"first", proposal.first}, std::pair{"second", proposal.second}}) {
      const auto record = leads_->get(id);
      if (!record) return std::unexpected(record.error());
      item[side] = lead::lead_summary(record->lead, now);
    }
    item["reason"] = proposal.reason;
    item["source"] = lead::to_string(proposal.source);
    item["proposed_at"] = format_rfc3339(proposal.at);
    out["items"].push_back(std::move(item));
  }
  return out;
}

Result<std::string> Queries::set_aside_reason(std::int64_t seq) {
  const std::scoped_lock lock{mutex_};
  const auto fates = leads_->fates(seq, seq);
  if (!fates) return std::unexpected(fates.error());
  for (const auto& fate : *fates)
    if (fate.lead_id.empty()) return fate.reason;
  return std::string{};
}

Result<std::pair<std::string, std::string>> Queries::attachment(std::string_view reference,
                                                                const std::string& sha256) {
  const std::scoped_lock lock{mutex_};
  const auto id = resolve(reference);
  if (!id) return std::unexpected(id.error());
  return leads_->attachment(*id, sha256);
}

Result<ordered_json> Queries::summary(const store::InboxEntry& entry, std::int64_t cursor) {
  const auto fates = leads_->fates(entry.seq, entry.seq);
  if (!fates) return std::unexpected(fates.error());
  const auto redrives = inbox_->redrives_of(entry.seq);
  if (!redrives) return std::unexpected(redrives.error());
  return entry_summary(entry, cursor, !redrives->empty(), *fates);
}

Result<std::vector<store::InboxEntry>> Queries::entries(const InboxPage& page) {
  store::InboxFilter filter;
  filter.channel = page.channel;
  filter.limit = page.limit;
  if (page.after)
    filter.after = *page.after;
  else
    filter.before = page.before.value_or(INT64_MAX);
  return inbox_->list(filter);
}

/// Adds up to a page of them.
Result<void> Queries::add_quarantined_by_pipeline(const InboxPage& page,
                                                  std::vector<store::InboxEntry>& entries) {
  auto after = page.after.value_or(0);
  const auto enough = static_cast<std::int64_t>(entries.size()) + page.limit;
  while (static_cast<std::int64_t>(entries.size()) < enough) {
    const auto seqs = leads_->quarantined_entries(after, page.limit);
    if (!seqs) return std::unexpected(seqs.error());
    for (const auto seq : *seqs) {
      after = seq;
      auto detail = inbox_->get(seq);
      if (!detail && detail.error().code == ErrorCode::not_found) continue;
      if (!detail) return std::unexpected(detail.error());
      // What was set aside at the door is among the entries already.
      const bool is_set_aside = detail->entry.state != store::EntryState::accepted;
      if (!is_set_aside && (!page.channel || detail->entry.channel == *page.channel))
        entries.push_back(std::move(detail->entry));
    }
    if (static_cast<std::int64_t>(seqs->size()) < page.limit) return {};
  }
  return {};
}

/// Both kinds: what was set aside at the door, and what the pipeline could not process; oldest first, without
/// what was redriven since.
Result<std::vector<store::InboxEntry>> Queries::quarantined(const InboxPage& page) {
  store::InboxFilter filter;
  filter.channel = page.channel;
  filter.set_aside_only = true;
  filter.after = page.after.value_or(0);
  filter.limit = page.limit;
  auto found = inbox_->list(filter);
  if (!found) return found;
  if (auto added = add_quarantined_by_pipeline(page, *found); !added) return std::unexpected(added.error());
  std::sort(found->begin(), found->end(),
            [](const auto& left, const auto& right) { return left.seq < right.seq; });
  if (static_cast<std::int64_t>(found->size()) > page.limit)
    found->erase(found->begin() + static_cast<std::ptrdiff_t>(page.limit), found->end());
  return found;
}

Result<ordered_json> Queries::inbox(const InboxPage& page) {
  const std::scoped_lock lock{mutex_};
  const auto cursor = leads_->cursor();
  if (!cursor) return std::unexpected(cursor.error());
  const auto found = page.quarantined_only ? quarantined(page) : entries(page);
  if (!found) return std::unexpected(found.error());
  ordered_json out{{"items", ordered_json::array()}, {"next", nullptr}};
  for (const auto& entry : *found) {
    auto document = summary(entry, cursor->seq);
    if (!document) return std::unexpected(document.error());
    if (page.quarantined_only && (*document)["status"] == to_string(EntryStatus::redriven)) continue;
    out["items"].push_back(std::move(*document));
  }
  if (static_cast<std::int64_t>(found->size()) == page.limit) out["next"] = found->back().seq;
  return out;
}

Result<store::InboxEntryDetail> Queries::stored_entry(std::int64_t seq) {
  const std::scoped_lock lock{mutex_};
  return inbox_->get(seq);
}

Result<ordered_json> Queries::inbox_entry(std::int64_t seq) {
  const std::scoped_lock lock{mutex_};
  const auto cursor = leads_->cursor();
  if (!cursor) return std::unexpected(cursor.error());
  const auto detail = inbox_->get(seq);
  if (!detail) return std::unexpected(detail.error());
  const auto fates = leads_->fates(seq, seq);
  if (!fates) return std::unexpected(fates.error());
  return entry_document(*detail, cursor->seq, *fates);
}

Result<std::int64_t> Queries::lead_count() {
  const std::scoped_lock lock{mutex_};
  return leads_->count();
}

}  // namespace leadhub::control
