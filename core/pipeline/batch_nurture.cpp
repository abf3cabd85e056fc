#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "lead/consent.hpp"
#include "lead/deed.hpp"
#include "lead/lead_json.hpp"
#include "ops/crypto.hpp"
#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

/// How many digits of a hash tell the events by which a lead begins a journey apart.
constexpr std::size_t occurrence_digits = 16;

/// The same for the same event, however often it arrives.
std::string occurrence_of(const lead::Subject& subject, lead::EventReference source) {
  const auto* event = subject.event;
  if (event == nullptr || event->event.key.empty()) return lead::to_string(source);
  return ops::sha256_hex(event->channel + "\n" + event->event.key).substr(0, occurrence_digits);
}

lead::Message message_of(const lead::Lead& lead, const lead::Enrolment& enrolment, const std::string& step,
                         TimePoint at, lead::EventReference source) {
  lead::Message message;
  message.occurrence =
      lead::journey_occurrence(lead.id, enrolment.journey) + step + "/" + enrolment.occurrence;
  message.lead_id = lead.id;
  message.journey = enrolment.journey;
  message.step = step;
  message.source = source;
  message.created_at = at;
  message.due_at = at;
  return message;
}

void withhold_if(lead::Message& message, const std::string& why) {
  if (why.empty()) return;
  message.state = lead::MessageState::withheld;
  message.detail = why;
}

void address(lead::Message& message, const nurture::Send& send, const lead::Lead& lead) {
  message.kind = lead::MessageKind::journey;
  message.channel = send.via;
  message.template_name = send.template_name;
  const auto* mailbox = lead.primary(lead::ContactKind::email);
  if (mailbox == nullptr) return;
  message.address = mailbox->as_given;
  message.canonical = mailbox->canonical;
  message.home = mailbox->home;
}

/// `owner`: null where nobody has the lead.
void address(lead::Message& message, const nurture::Notify& notify, const route::Member* owner) {
  message.kind = lead::MessageKind::notice;
  message.channel = notify.via;
  message.template_name = notify.template_name;
  if (owner == nullptr) return withhold_if(message, "nobody of the team has the lead");
  message.address = owner->email;
  message.canonical = owner->email;
}

void address(lead::Message& message, const nurture::Call& call) {
  message.kind = lead::MessageKind::delivery;
  message.channel = call.via;
  message.text = message.journey + "/" + message.step;
}

/// What journeys do to a lead, as lead events.
std::string document_of(const nurture::Tag& step) {
  return nlohmann::json{{"type", lead::deed::tagged}, {"attributes", {{"add", {step.tag}}}}}.dump();
}
std::string document_of(const nurture::Set& step) {
  auto attributes = nlohmann::json::object();
  for (const auto& [name, value] : step.attributes)
    std::visit([&](const auto& given) { attributes[name] = given; }, value);
  return nlohmann::json{{"type", lead::deed::set}, {"attributes", attributes}}.dump();
}

}  // namespace

Result<void> Batch::read_pauses() {
  if (options_.nurture.journeys.empty()) return {};
  const auto pauses = store_.pauses().list();
  if (!pauses) return std::unexpected(pauses.error());
  for (const auto& pause : *pauses)
    if (pause.scope.of == lead::PauseScope::Of::journey) paused_.insert(pause.scope.name);
  return {};
}

Result<void> Batch::develop(lead::Lead& lead, const lead::Subject& subject, lead::EventReference source) {
  if (is_developing_ || (options_.nurture.journeys.empty() && lead.development.enrolments.empty())) return {};
  struct Developing {
    explicit Developing(bool& flag) : flag_(flag) { flag_ = true; }
    ~Developing() { flag_ = false; }
    bool& flag_;
  } const developing{is_developing_};
  posted_ = 0;
  const auto before = lead.development.enrolments;
  looked_at_[lead.id] = subject.now;
  end_and_enter(lead, subject, source);
  auto stepped = take_steps(lead, subject.now, source);
  // What one journey does may begin or end another. Each is begun once at most, so this ends.
  for (std::size_t round = 0; stepped && *stepped && round < options_.nurture.journeys.size(); ++round) {
    end_and_enter(lead, {lead, nullptr, subject.now}, source);
    stepped = take_steps(lead, subject.now, source);
  }
  if (lead.development.enrolments != before) developed_.insert(&lead);
  if (!stepped) return std::unexpected(stepped.error());
  return {};
}

void Batch::end_if_due(const lead::Lead& lead, lead::Enrolment& enrolment, const lead::Subject& subject) {
  if (!nurture::end_if_due(options_.nurture.find(enrolment.journey), enrolment, subject)) return;
  changes_.ended_journeys.push_back(
      {lead.id, enrolment.journey, enrolment.occurrence,
       "the lead has " + std::string{to_string(enrolment.state)} + ": " + enrolment.why});
}

void Batch::end_and_enter(lead::Lead& lead, const lead::Subject& subject, lead::EventReference source) {
  for (auto& enrolment : lead.development.enrolments) end_if_due(lead, enrolment, subject);
  const auto occurrence = occurrence_of(subject, source);
  for (const auto& journey : options_.nurture.journeys)
    nurture::enter_if_due(journey, lead, subject, occurrence);
}

Result<bool> Batch::take_steps(lead::Lead& lead, TimePoint now, lead::EventReference source) {
  bool any = false;
  for (const auto& journey : options_.nurture.journeys) {
    if (paused_.contains(journey.name)) continue;
    auto* enrolment = lead.development.find(journey.name);
    while (enrolment != nullptr) {
      const auto task = nurture::next_task(options_.nurture, journey, *enrolment, {lead, nullptr, now});
      if (!task) break;
      if (auto done = perform(lead, journey, *task, now, source); !done) return std::unexpected(done.error());
      // What it did may be what the lead was to get to, or leaves at.
      end_if_due(lead, *enrolment, {lead, nullptr, now});
      any = true;
    }
  }
  return any;
}

Result<void> Batch::perform(lead::Lead& lead, const nurture::Journey& journey, const nurture::Task& task,
                            TimePoint now, lead::EventReference source) {
  if (const auto* tag = std::get_if<nurture::Tag>(&task.what))
    return apply_own(lead, document_of(*tag), now, source);
  if (const auto* set = std::get_if<nurture::Set>(&task.what))
    return apply_own(lead, document_of(*set), now, source);
  // Of several messages of one moment the first is to leave first, and they leave in the order of their
  // times.
  const auto at = now + std::chrono::milliseconds{posted_++};
  auto message = message_of(lead, *lead.development.find(journey.name), task.step, at, source);
  if (const auto* send = std::get_if<nurture::Send>(&task.what)) {
    const auto why = why_no_mail(lead, journey.purpose);
    if (!why) return std::unexpected(why.error());
    address(message, *send, lead);
    message.purpose = journey.purpose;
    message.time_zone = nurture::time_zone_of(options_.nurture, lead);
    withhold_if(message, *why);
    if (why->empty()) nurture::note_mail(options_.nurture, lead.development, now);
  } else if (const auto* notify = std::get_if<nurture::Notify>(&task.what)) {
    address(message, *notify, route::find_member(options_.routes, lead.owner()));
  } else if (const auto* call = std::get_if<nurture::Call>(&task.what)) {
    address(message, *call);
  }
  message.id = ops::make_uuid(at, log_id_ + "/" + message.occurrence);
  changes_.messages.push_back(std::move(message));
  return {};
}

Result<std::string> Batch::why_no_mail(const lead::Lead& lead, const std::string& purpose) {
  const auto ledger = consents_of(lead);
  if (!ledger) return std::unexpected(ledger.error());
  return lead::why_no_mail(lead, *ledger, purpose);
}

void Batch::join_journeys(lead::Lead& into, const lead::Lead& merged) {
  for (const auto& other : merged.development.enrolments) {
    auto* own = into.development.find(other.journey);
    const auto* journey = options_.nurture.find(other.journey);
    if (own == nullptr) {
      into.development.enrolments.push_back(other);
    } else if (other.state != lead::EnrolmentState::running) {
      continue;
    } else if (own->state != lead::EnrolmentState::running && journey != nullptr && journey->again) {
      *own = other;
    } else {
      changes_.ended_journeys.push_back({{},
                                         other.journey,
                                         other.occurrence,
                                         "the lead is on this journey as the one that it became part of",
                                         merged.id});
    }
  }
  auto& mails = into.development.mails;
  mails.insert(mails.end(), merged.development.mails.begin(), merged.development.mails.end());
  std::ranges::sort(mails);
  developed_.insert(&into);
}

void Batch::part_journeys(lead::Lead& from, lead::Lead& alone) {
  for (auto& own : alone.development.enrolments)
    if (const auto* shared = from.development.find(own.journey);
        shared != nullptr && shared->occurrence == own.occurrence) {
      own = *shared;
      std::erase_if(from.development.enrolments,
                    [&](const lead::Enrolment& other) { return other.journey == own.journey; });
    }
  developed_.insert(&from);
  developed_.insert(&alone);
}

}  // namespace leadhub::pipeline
