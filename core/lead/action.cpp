#include "lead/action.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::lead {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto merged_type = "lead.merged";
constexpr auto unmerged_type = "lead.unmerged";
constexpr auto dismissed_type = "proposal.dismissed";
constexpr auto verified_type = "contacts.verified";
constexpr auto erased_type = "lead.erased";
constexpr auto suppressed_type = "address.suppressed";
constexpr auto lifted_type = "suppression.lifted";
constexpr auto paused_type = "sending.paused";
constexpr auto resumed_type = "sending.resumed";
constexpr auto replied_type = "chat.replied";
constexpr auto deed_type = "lead.deed";
constexpr auto signal_type = "signal.recorded";
constexpr auto due_type = "leads.due";
constexpr auto judged_type = "signal.judged";
constexpr auto redriven_type = "deliveries.redriven";
constexpr auto settled_type = "message.settled";
constexpr auto started_type = "broadcast.started";
constexpr auto reached_type = "broadcast.reached";
constexpr auto decided_type = "broadcast.decided";
constexpr auto cancelled_type = "broadcast.cancelled";

ordered_json document(const MergeLeads& action) {
  return {{"type", merged_type}, {"into", action.into}, {"merged", action.merged}};
}
ordered_json document(const UnmergeLead& action) {
  return {{"type", unmerged_type}, {"merged", action.merged}};
}
ordered_json document(const DismissProposal& action) {
  return {{"type", dismissed_type}, {"first", action.first}, {"second", action.second}};
}
ordered_json document(const EraseLead& action) {
  ordered_json entry{{"type", erased_type}, {"id", action.id}};
  if (action.unless_heard_since) entry["unless_heard_since"] = format_rfc3339(*action.unless_heard_since);
  return entry;
}
ordered_json document(const PauseSending& action) {
  return {{"type", paused_type}, {"scope", to_string(action.scope)}, {"reason", action.reason}};
}
ordered_json document(const ResumeSending& action) {
  return {{"type", resumed_type}, {"scope", to_string(action.scope)}};
}
ordered_json document(const SuppressAddress& action) {
  return {{"type", suppressed_type}, {"canonical", action.canonical}, {"address_hash", action.address_hash}};
}
ordered_json document(const LiftSuppression& action) {
  return {{"type", lifted_type}, {"address_hash", action.address_hash}};
}
ordered_json document(const ReplyInChat& action) {
  return {{"type", replied_type},
          {"lead", action.lead_id},
          {"channel", action.channel},
          {"conversation", {{"system", action.conversation.system}, {"id", action.conversation.id}}},
          {"text", action.text},
          {"author", action.author},
          {"key", action.key}};
}
ordered_json document(const VerifyContacts& action) {
  ordered_json contacts = ordered_json::array();
  for (const auto& contact : action.contacts) {
    ordered_json entry{{"kind", to_string(contact.kind)},
                       {"canonical", contact.canonical},
                       {"verdict", to_string(contact.verdict)},
                       {"reason", contact.reason}};
    if (contact.retry_at) entry["retry_at"] = format_rfc3339(*contact.retry_at);
    contacts.push_back(std::move(entry));
  }
  return {{"type", verified_type}, {"contacts", contacts}};
}

ordered_json document(const RecordDeed& action) {
  return {{"type", deed_type}, {"lead", action.lead_id}, {"event", ordered_json::parse(action.document)}};
}
ordered_json document(const RecordSignal& action) {
  return {{"type", signal_type},
          {"lead", action.lead_id},
          {"channel", action.channel},
          {"event", ordered_json::parse(action.document)}};
}
ordered_json document(const LookAgain& action) {
  return {{"type", due_type}, {"leads", action.lead_ids}};
}
ordered_json document(const JudgeSignal& action) {
  return {{"type", judged_type}, {"event", to_string(action.event)}, {"trust", to_string(action.trust)}};
}
ordered_json document(const RedriveDeliveries& action) {
  return {{"type", redriven_type}, {"channel", action.channel}};
}

ordered_json document(const SettleMessage& action) {
  return {{"type", settled_type}, {"id", action.id}, {"to", to_string(action.to)}};
}

ordered_json document(const StartBroadcast& action) {
  return {{"type", started_type}, {"broadcast", broadcast_document(action.broadcast)}};
}
ordered_json document(const ReachLeads& action) {
  return {{"type", reached_type},  {"name", action.name},   {"leads", action.lead_ids},
          {"up_to", action.up_to}, {"asked", action.asked}, {"is_last", action.is_last}};
}
ordered_json document(const DecideBroadcast& action) {
  return {{"type", decided_type}, {"name", action.name}, {"winner", action.winner}};
}
ordered_json document(const CancelBroadcast& action) {
  return {{"type", cancelled_type}, {"name", action.name}};
}

VerifiedContact verified_contact(const json& entry) {
  VerifiedContact contact;
  contact.kind = contact_kind_from(entry.at("kind").get<std::string>()).value();
  contact.canonical = entry.at("canonical").get<std::string>();
  contact.verdict = verdict_from(entry.at("verdict").get<std::string>()).value();
  contact.reason = entry.at("reason").get<std::string>();
  if (const auto retry = entry.find("retry_at"); retry != entry.end())
    contact.retry_at = parse_rfc3339(retry->get<std::string>()).value();
  return contact;
}

ReplyInChat reply(const json& entry) {
  const auto text = [](const json& object, const char* member) {
    return object.at(member).get<std::string>();
  };
  const auto& conversation = entry.at("conversation");
  return {
      text(entry, "lead"), text(entry, "channel"), {text(conversation, "system"), text(conversation, "id")},
      text(entry, "text"), text(entry, "author"),  text(entry, "key")};
}

/// Entries of before there were scopes are of the whole hub.
PauseScope scope_of(const json& entry) {
  return pause_scope_from(entry.value("scope", to_string(PauseScope{}))).value();
}

Action action_of(const json& entry) {
  const auto text = [&](const char* member) { return entry.at(member).get<std::string>(); };
  const auto type = text("type");
  if (type == merged_type) return MergeLeads{text("into"), text("merged")};
  if (type == unmerged_type) return UnmergeLead{text("merged")};
  if (type == dismissed_type) return DismissProposal{text("first"), text("second")};
  if (type == erased_type) {
    EraseLead erase{text("id")};
    if (const auto since = entry.find("unless_heard_since"); since != entry.end())
      erase.unless_heard_since = parse_rfc3339(since->get<std::string>()).value();
    return erase;
  }
  if (type == paused_type) return PauseSending{scope_of(entry), entry.value("reason", "operator")};
  if (type == resumed_type) return ResumeSending{scope_of(entry)};
  if (type == suppressed_type) return SuppressAddress{text("canonical"), text("address_hash")};
  if (type == lifted_type) return LiftSuppression{text("address_hash")};
  if (type == replied_type) return reply(entry);
  if (type == deed_type) return RecordDeed{text("lead"), entry.at("event").dump()};
  if (type == signal_type) return RecordSignal{text("lead"), text("channel"), entry.at("event").dump()};
  if (type == due_type) return LookAgain{entry.at("leads").get<std::vector<std::string>>()};
  if (type == judged_type)
    return JudgeSignal{reference_from(text("event")).value(), signal_trust_from(text("trust")).value()};
  if (type == redriven_type) return RedriveDeliveries{text("channel")};
  if (type == started_type) return StartBroadcast{broadcast_from(entry.at("broadcast")).value()};
  if (type == reached_type)
    return ReachLeads{text("name"), entry.at("leads").get<std::vector<std::string>>(), text("up_to"),
                      entry.at("asked").get<std::int64_t>(), entry.at("is_last").get<bool>()};
  if (type == decided_type) return DecideBroadcast{text("name"), entry.at("winner").get<std::size_t>()};
  if (type == cancelled_type) return CancelBroadcast{text("name")};
  if (type == settled_type) return SettleMessage{text("id"), message_state_from(text("to")).value()};
  if (type != verified_type) throw std::invalid_argument("there is no action of this type");
  VerifyContacts verify;
  for (const auto& contact : entry.at("contacts")) verify.contacts.push_back(verified_contact(contact));
  return verify;
}

}  // namespace

std::string to_json(const Action& action) {
  return std::visit([](const auto& held) { return document(held); }, action)
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Action> parse_action(std::string_view text) {
  try {
    return action_of(json::parse(text));
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid, "the log holds an action that this program does not know");
  }
}

}  // namespace leadhub::lead
