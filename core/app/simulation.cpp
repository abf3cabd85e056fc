#include "app/simulation.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "app/composition.hpp"
#include "app/journey_mails.hpp"
#include "app/mail_templates.hpp"
#include "app/output.hpp"
#include "app/rehearsal.hpp"
#include "app/simulation_watch.hpp"
#include "capture/event_check.hpp"
#include "control/lead_reference.hpp"
#include "deliver/journey_courier.hpp"
#include "lead/action.hpp"
#include "ops/limits.hpp"
#include "store/lead_copy.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;
using lead::MessageKind;

std::string in_words(const std::vector<lead::Pause>& pauses) {
  std::string words;
  for (const auto& pause : pauses) words += (words.empty() ? "" : ", ") + to_string(pause.scope);
  return words.empty() ? words : "sending is paused (" + words + ")";
}

class Simulator {
 public:
  Simulator(const LoadedConfig& loaded, const HubFiles& files, const SimulationRequest& request,
            const Clock& clock)
      : loaded_(loaded),
        config_(*loaded.config),
        files_(files),
        request_(request),
        begin_(clock.now()),
        end_(begin_ + request.until),
        events_(request.events) {
    std::ranges::stable_sort(events_, {}, &SimulatedEvent::after);
  }

  Result<Simulation> run() {
    for (const auto step :
         {&Simulator::check, &Simulator::find, &Simulator::copy, &Simulator::make_senders, &Simulator::go_on})
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    simulation_.then = watch_->standing();
    return std::move(simulation_);
  }

 private:
  Result<void> check() {
    const auto too_late = [](const char* what) {
      return fail(ErrorCode::invalid, std::string{what} + " lies too far ahead; give at most " +
                                          std::to_string(limits::simulation_ahead_max.count()) + "d");
    };
    if (request_.until > limits::simulation_ahead_max) return too_late("the end");
    for (const auto& event : events_)
      if (event.after > request_.until)
        return fail(ErrorCode::invalid, "an event comes after the end; give a longer --until");
    return {};
  }

  /// Whom, and how they stand.
  Result<void> find() {
    auto copier = store::LeadCopier::open(files_.leads, config_.workspace);
    if (!copier) return std::unexpected(copier.error());
    copier_ = *std::move(copier);
    auto leads = store::LeadReader::open(files_.leads, copier_->workspace());
    if (!leads) return std::unexpected(leads.error());
    real_leads_ = *std::move(leads);
    const auto id =
        control::lead_id_of(*real_leads_, request_.lead, config_.default_country.value_or(std::string{}));
    if (!id) return std::unexpected(id.error());
    const auto lead = real_leads_->lead(*id);
    if (!lead) return std::unexpected(lead.error());
    simulation_.lead_id = lead->id;
    return {};
  }

  Result<void> copy() {
    std::vector<std::string> team;
    team.reserve(config_.routes.team.size());
    for (const auto& member : config_.routes.team) team.push_back(member.name);
    const ManualClock clock{begin_};
    auto rehearsal = Rehearsal::begin(loaded_, begin_, [&](const HubFiles& files) {
      return copier_->copy(simulation_.lead_id, team, {files.leads, files.inbox, ScratchHub::log_id}, clock);
    });
    if (!rehearsal) return std::unexpected(rehearsal.error());
    rehearsal_ = *std::move(rehearsal);
    auto record = rehearsal_->leads().get(simulation_.lead_id);
    if (!record) return std::unexpected(record.error());
    if (auto suppressed = suppress(record->lead); !suppressed) return suppressed;
    if (auto woken = wake_enrolled(config_, rehearsal_->hub().leads(), begin_); !woken) return woken;
    return begin_watch(*std::move(record));
  }

  /// Addresses that are suppressed are so under the keys of the rehearsal, too.
  Result<void> suppress(const lead::Lead& lead) {
    std::error_code ignored;
    if (!std::filesystem::exists(files_.keys, ignored))
      return fail(ErrorCode::not_found,
                  files_.keys.string() + ": the keys of the hub are missing; they lie beside its store");
    const auto keys = ops::KeyRing::open(files_.keys);
    if (!keys) return std::unexpected(keys.error());
    const auto cursor = rehearsal_->hub().leads().cursor();
    if (!cursor) return std::unexpected(cursor.error());
    store::LeadChanges changes;
    changes.cursor = *cursor;
    for (const auto& point : lead.contact_points) {
      if (point.kind != lead::ContactKind::email) continue;
      auto found = real_leads_->suppression(capture::address_hash(*keys, point.canonical));
      if (!found) return std::unexpected(found.error());
      if (!*found) continue;
      (*found)->address_hash = capture::address_hash(rehearsal_->keys(), point.canonical);
      changes.suppressions.push_back(**std::move(found));
    }
    return changes.suppressions.empty() ? Result<void>{} : rehearsal_->hub().leads().save(changes);
  }

  Result<void> begin_watch(lead::LeadRecord record) {
    const auto& lead = record.lead;
    simulation_.time_zone = nurture::time_zone_of(config_.nurture, lead);
    const auto* mailbox = lead.primary(lead::ContactKind::email);
    simulation_.who = lead.field(lead::Field::name);
    if (mailbox != nullptr)
      simulation_.who += simulation_.who.empty() ? mailbox->canonical : " <" + mailbox->canonical + ">";
    if (simulation_.who.empty()) simulation_.who = lead.id;
    const auto pauses = rehearsal_->leads().pauses();
    if (!pauses) return std::unexpected(pauses.error());
    const auto held = in_words(*pauses);
    if (!held.empty()) simulation_.steps.push_back({begin_, "pause", held});
    watch_ = std::make_unique<LeadWatch>(std::move(record), begin_, simulation_.time_zone, held);
    simulation_.now = watch_->standing();
    return {};
  }

  [[nodiscard]] bool delivers(const config::Channel& channel, std::string_view what) const {
    const auto* file = loaded_.registry->find(channel.plugin);
    return file != nullptr &&
           std::ranges::find(file->descriptor->delivers, what) != file->descriptor->delivers.end();
  }

  Result<void> add(std::unique_ptr<deliver::Courier> courier, store::MessagesOf messages) {
    return rehearsal_->add({std::move(courier), std::move(messages), quiet_hours_of(config_)});
  }

  Result<void> make_senders() {
    if (auto made = make_hub_senders(); !made) return made;
    for (const auto* channel : loaded_.active) {
      if (delivers(*channel, "mail"))
        for (const auto kind : {MessageKind::journey, MessageKind::notice, MessageKind::broadcast})
          if (auto made = make_journey_sender(channel->name, kind); !made) return made;
      if (!delivers(*channel, "lead")) continue;
      auto call = Rehearsal::wordless(MessageKind::delivery);
      if (auto added = add(std::move(call), {MessageKind::delivery, channel->name, channel->name}); !added)
        return added;
    }
    return add(Rehearsal::wordless(MessageKind::chat_reply), {MessageKind::chat_reply});
  }

  /// For what the hub itself has to say: to who is to confirm, and to the team.
  Result<void> make_hub_senders() {
    const auto& keys = rehearsal_->keys();
    if (const auto via = first_mail_channel(loaded_); !via.empty()) {
      auto leads = rehearsal_->hub().lead_reader();
      if (!leads) return std::unexpected(leads.error());
      auto opt_in = std::make_unique<deliver::OptInCourier>(
          deliver::OptInCourier::Ports{
              *std::move(leads),
              [this, &keys](const lead::Message& message) { return opt_in_link(config_, keys, message); },
              opt_in_words(loaded_, via)},
          rehearsal_->transport(via));
      if (auto added = add(std::move(opt_in), {MessageKind::opt_in, {}, {}, via}); !added) return added;
    }
    const auto& via = config_.routes.notify_via;
    const auto channel = std::ranges::find(loaded_.active, via, &config::Channel::name);
    if (channel == loaded_.active.end()) return {};
    if (!delivers(**channel, "mail"))
      return add(Rehearsal::wordless(MessageKind::hand_off), {MessageKind::hand_off, {}, via});
    auto leads = rehearsal_->hub().lead_reader();
    if (!leads) return std::unexpected(leads.error());
    auto hand_off = std::make_unique<deliver::HandOffCourier>(
        deliver::HandOffCourier::Ports{
            *std::move(leads),
            [this, &keys](const lead::Message& message) { return hand_off_link(config_, keys, message); },
            hand_off_words(loaded_, via)},
        rehearsal_->transport(via));
    return add(std::move(hand_off), {MessageKind::hand_off, {}, {}, via});
  }

  Result<void> make_journey_sender(const std::string& via, MessageKind kind) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(template_folder(config_), ignored))
      return add(Rehearsal::wordless(kind), {kind, via});
    auto ports = journey_ports(loaded_, rehearsal_->keys(), kind, via,
                               [this] { return rehearsal_->hub().lead_reader(); });
    if (!ports) return std::unexpected(ports.error());
    return add(std::make_unique<deliver::JourneyCourier>(kind, *std::move(ports), rehearsal_->transport(via),
                                                         rehearsal_->clock()),
               {kind, via});
  }

  Result<void> go_on() {
    for (std::size_t moments = 0; moments < limits::simulation_moments_max; ++moments) {
      if (auto settled = rehearsal_->settle(); !settled) return settled;
      if (auto looked = look(); !looked) return looked;
      const auto next = next_moment();
      if (!next) return std::unexpected(next.error());
      if (*next > end_) {
        rehearsal_->set_clock(end_);
        return look();
      }
      rehearsal_->set_clock(*next);
      if (auto happened = let_events_happen(); !happened) return happened;
    }
    return fail(ErrorCode::invalid, "more than " + std::to_string(limits::simulation_moments_max) +
                                        " moments come until then at which something happens; give a "
                                        "shorter --until");
  }

  Result<void> look() {
    auto record = rehearsal_->leads().get(simulation_.lead_id);
    if (!record) return std::unexpected(record.error());
    auto steps = watch_->look(*std::move(record), rehearsal_->clock().now(), rehearsal_->mails());
    std::ranges::move(steps, std::back_inserter(simulation_.steps));
    return {};
  }

  /// The next moment at which something may happen. What is due and stays so is held, and wakes nobody.
  Result<TimePoint> next_moment() {
    const auto now = rehearsal_->clock().now();
    auto next = TimePoint::max();
    const auto consider = [&](TimePoint time) {
      if (time > now) next = std::min(next, time);
    };
    const auto due = rehearsal_->leads().next_due();
    if (!due) return std::unexpected(due.error());
    if (*due) consider(**due);
    for (const auto& message : watch_->record().messages)
      if (message.state == lead::MessageState::queued) consider(message.due_at);
    if (next_event_ < events_.size())
      next = std::min(next, begin_ + std::max(events_[next_event_].after, std::chrono::milliseconds{1}));
    return next;
  }

  Result<void> let_events_happen() {
    const auto now = rehearsal_->clock().now();
    for (; next_event_ < events_.size() &&
           begin_ + std::max(events_[next_event_].after, std::chrono::milliseconds{1}) <= now;
         ++next_event_)
      if (auto happened = let_happen(events_[next_event_].document); !happened) return happened;
    return {};
  }

  Result<void> let_happen(const std::string& text) {
    auto document = Json::parse(text, nullptr, false);
    if (!document.is_object())
      return fail(ErrorCode::invalid,
                  "the event is no JSON object: " + text + "; write one like {\"type\": \"demo.requested\"}");
    const auto& lead = watch_->record().lead;
    std::string channel = lead.channel;
    if (const auto given = document.find("channel"); given != document.end() && given->is_string()) {
      channel = given->get<std::string>();
      document.erase("channel");
    }
    const auto* mailbox = lead.primary(lead::ContactKind::email);
    if (!document.contains("person") && mailbox != nullptr)
      document["person"] = {{"email", mailbox->as_given}};
    const auto now = rehearsal_->clock().now();
    auto checked = capture::check_event(channel, document.dump(), now, rehearsal_->hub().rules());
    if (!checked) return std::unexpected(checked.error());
    simulation_.steps.push_back(
        {now, "event", checked->event.type, {}, {{"type", checked->event.type}, {"channel", channel}}});
    return rehearsal_->hub().act(
        lead::RecordSignal{simulation_.lead_id, channel, std::move(checked->draft.json)});
  }

  const LoadedConfig& loaded_;
  const config::Config& config_;
  const HubFiles& files_;
  const SimulationRequest& request_;
  TimePoint begin_;
  TimePoint end_;
  std::vector<SimulatedEvent> events_;
  std::size_t next_event_ = 0;
  std::unique_ptr<store::LeadCopier> copier_;
  std::unique_ptr<store::LeadReader> real_leads_;
  std::unique_ptr<Rehearsal> rehearsal_;
  std::unique_ptr<LeadWatch> watch_;
  Simulation simulation_;
};

Json standing_as_json(const Standing& standing) {
  return {{"at", format_rfc3339(standing.at)},
          {"stage", standing.stage},
          {"temperature", standing.temperature},
          {"score", standing.score},
          {"owner", standing.owner.empty() ? Json(nullptr) : Json(standing.owner)},
          {"journeys", standing.journeys}};
}

std::string in_words(const Standing& standing) {
  auto words = standing.stage + ", " + standing.temperature + ", score " + std::to_string(standing.score);
  if (!standing.owner.empty()) words += ", with " + standing.owner;
  for (const auto& journey : standing.journeys) words += "; on " + journey;
  return printable(words);
}

std::string utc_words(TimePoint time) {
  auto text = format_rfc3339(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

}  // namespace

Result<Simulation> simulate(const LoadedConfig& loaded, const HubFiles& files,
                            const SimulationRequest& request, const Clock& clock) {
  return Simulator{loaded, files, request, clock}.run();
}

void print_simulation(const Simulation& simulation, SimulationText text) {
  std::cout << printable(simulation.who) << ", if nothing else comes from outside\n"
            << "now:  " << in_words(simulation.now) << "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& step : simulation.steps) {
    rows.push_back(
        {utc_words(step.at), local_words(step.at, simulation.time_zone), step.kind, printable(step.words)});
    if (!step.why.empty()) rows.back().push_back(printable(step.why));
  }
  if (rows.empty())
    std::cout << "nothing happens until " << utc_words(simulation.then.at) << "\n";
  else
    print_table({"UTC", simulation.time_zone, "WHAT", "", "WHY"}, rows);
  std::cout << "\nthen: " << in_words(simulation.then) << '\n';
  if (text != SimulationText::with_mails) return;
  for (const auto& step : simulation.steps)
    if (!step.text.empty()) {
      std::cout << "\n--- " << utc_words(step.at) << ' ' << printable(step.words) << "\n\n";
      std::istringstream lines{step.text};
      for (std::string line; std::getline(lines, line);) std::cout << printable(line) << '\n';
    }
}

Json simulation_as_json(const Simulation& simulation) {
  auto steps = Json::array();
  for (const auto& step : simulation.steps) {
    Json line{{"at", format_rfc3339(step.at)},
              {"local", local_words(step.at, simulation.time_zone)},
              {"kind", step.kind},
              {"words", step.words},
              {"why", step.why.empty() ? Json(nullptr) : Json(step.why)}};
    for (const auto& [name, value] : step.facts) line[name] = value;
    if (!step.text.empty()) line["text"] = step.text;
    steps.push_back(std::move(line));
  }
  return {{"lead", simulation.lead_id},
          {"time_zone", simulation.time_zone},
          {"now", standing_as_json(simulation.now)},
          {"steps", std::move(steps)},
          {"then", standing_as_json(simulation.then)}};
}

}  // namespace leadhub::app
