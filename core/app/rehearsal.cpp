#include "app/rehearsal.hpp"

#include <span>
#include <utility>

#include "app/composition.hpp"
#include "app/mail_templates.hpp"
#include "lead/action.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

/// Lets another courier make what goes out, and notes what went.
class Recorder final : public deliver::Courier {
 public:
  Recorder(deliver::Courier& courier, store::MessagesOf messages,
           std::function<void(const lead::Message&)> on_sent)
      : courier_(courier), messages_(std::move(messages)), on_sent_(std::move(on_sent)) {}

  store::MessagesOf messages() const override { return messages_; }
  deliver::DeliveryResult deliver(const lead::Message& message) override {
    auto result = courier_.deliver(message);
    if (result.outcome == deliver::Delivery::sent) on_sent_(message);
    return result;
  }

 private:
  deliver::Courier& courier_;
  store::MessagesOf messages_;
  std::function<void(const lead::Message&)> on_sent_;
};

class Wordless final : public deliver::Courier {
 public:
  explicit Wordless(lead::MessageKind kind) : kind_(kind) {}
  store::MessagesOf messages() const override { return {kind_}; }
  deliver::DeliveryResult deliver(const lead::Message& /*message*/) override {
    return {deliver::Delivery::sent, {}, {}};
  }

 private:
  lead::MessageKind kind_;
};

}  // namespace

/// Takes every mail, and keeps the last one.
class Rehearsal::EveryMail final : public deliver::MailTransport {
 public:
  explicit EveryMail(std::string name) : name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  void deliver(std::span<const deliver::OutgoingMail> mails, deliver::Handover& handover) override {
    for (std::size_t i = 0; i < mails.size(); ++i) {
      if (!handover.claim(i)) {
        handover.settle(i, {deliver::Delivery::untried, {}, {}});
        continue;
      }
      last_ = mails[i];
      handover.settle(i, {deliver::Delivery::sent, {}, {}});
    }
  }
  /// The last one since this was asked; empty where there is none.
  [[nodiscard]] deliver::OutgoingMail take_last() { return std::exchange(last_, {}); }

 private:
  std::string name_;
  deliver::OutgoingMail last_;
};

Rehearsal::Rehearsal(const LoadedConfig& loaded, ScratchFolder folder, ops::KeyRing keys, TimePoint at)
    : loaded_(loaded), folder_(std::move(folder)), keys_(std::move(keys)), clock_(at) {}

Rehearsal::~Rehearsal() = default;

Result<std::unique_ptr<Rehearsal>> Rehearsal::begin(const LoadedConfig& loaded, TimePoint at,
                                                    const Prepare& prepare) {
  auto folder = ScratchFolder::make(ScratchFolder::Place::memory);
  if (!folder) return std::unexpected(folder.error());
  auto keys = ops::KeyRing::open(ScratchHub::files_in(folder->path()).keys);
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<Rehearsal> rehearsal{new Rehearsal{loaded, *std::move(folder), *std::move(keys), at}};
  if (auto opened = rehearsal->open(prepare); !opened) return std::unexpected(opened.error());
  return rehearsal;
}

Result<void> Rehearsal::open(const Prepare& prepare) {
  if (prepare)
    if (auto prepared = prepare(ScratchHub::files_in(folder_.path())); !prepared) return prepared;
  auto hub = ScratchHub::open(loaded_, folder_.path(), keys_, clock_);
  if (!hub) return std::unexpected(hub.error());
  hub_ = *std::move(hub);
  auto leads = hub_->lead_reader();
  if (!leads) return std::unexpected(leads.error());
  leads_ = *std::move(leads);
  return {};
}

deliver::MailTransport& Rehearsal::transport(const std::string& name) {
  return *transports_.emplace_back(std::make_unique<EveryMail>(name));
}

std::unique_ptr<deliver::Courier> Rehearsal::wordless(lead::MessageKind kind) {
  return std::make_unique<Wordless>(kind);
}

void Rehearsal::record(const lead::Message& message) {
  const bool asks = message.kind == lead::MessageKind::opt_in;
  deliver::OutgoingMail mail;
  for (const auto& transport : transports_)
    if (auto last = transport->take_last(); !last.to.empty()) mail = std::move(last);
  mails_.push_back({asks ? opt_in_template(*loaded_.config, message.channel) : message.template_name, message,
                    std::move(mail.subject), std::move(mail.text)});
}

Result<void> Rehearsal::add(Route route) {
  auto leads = hub_->lead_reader();
  if (!leads) return std::unexpected(leads.error());
  auto inbox = hub_->inbox_reader();
  if (!inbox) return std::unexpected(inbox.error());
  auto recorder = std::make_unique<Recorder>(*route.courier, std::move(route.messages),
                                             [this](const lead::Message& message) { record(message); });
  auto sender = std::make_unique<deliver::Sender>(
      deliver::Sender::Ports{
          [this](const deliver::Sender::StoreTask& task) { return task(hub_->leads()); },
          *std::move(leads),
          *std::move(inbox),
          [this](std::string_view canonical) { return capture::address_hash(keys_, canonical); },
          {},
          std::move(route.may_leave_at)},
      *recorder, clock_);
  routes_.push_back({std::move(route.courier), std::move(recorder), std::move(sender)});
  return {};
}

Result<void> Rehearsal::vouch_for_domains() {
  const auto due = leads_->due_verifications(clock_.now(), limits::verification_round_max);
  if (!due) return std::unexpected(due.error());
  if (due->empty()) return {};
  lead::VerifyContacts found;
  for (const auto& address : *due)
    found.contacts.push_back(
        {lead::ContactKind::email, address.canonical, lead::Verdict::valid, "mx", std::nullopt});
  if (auto logged = hub_->act(std::move(found)); !logged) return logged;
  return hub_->settle();
}

Result<void> Rehearsal::settle() {
  for (bool busy = true; busy;) {
    if (auto settled = hub_->settle(); !settled) return settled;
    if (auto vouched = vouch_for_domains(); !vouched) return vouched;
    std::size_t sent = 0;
    for (const auto& route : routes_) {
      const auto gone = route.sender->step();
      if (!gone) return std::unexpected(gone.error());
      sent += *gone;
    }
    auto due = leads_->due(clock_.now(), limits::due_leads_max);
    if (!due) return std::unexpected(due.error());
    busy = sent > 0 || !due->empty();
    if (due->empty()) continue;
    if (auto logged = hub_->act(lead::LookAgain{*std::move(due)}); !logged) return logged;
  }
  return {};
}

Result<std::optional<TimePoint>> Rehearsal::next_due() {
  auto first = leads_->next_due();
  for (const auto& route : routes_) {
    if (!first) return first;
    const auto mail = hub_->leads().outbox().next_due(route.recorder->messages().kind);
    if (!mail) return mail;
    if (*mail && (!*first || **mail < **first)) first = mail;
  }
  return first;
}

}  // namespace leadhub::app
