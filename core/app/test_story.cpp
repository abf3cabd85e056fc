#include "app/test_story.hpp"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "app/composition.hpp"
#include "app/mail_templates.hpp"
#include "app/post_request.hpp"
#include "config/units.hpp"
#include "deliver/journey_courier.hpp"
#include "lead/lead_json.hpp"
#include "normalise/email.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

/// Lets another courier make what goes out, whatever channel it is for, and notes what went.
class Recorder final : public deliver::Courier {
 public:
  Recorder(deliver::Courier& courier, std::function<void(const lead::Message&)> on_sent)
      : courier_(courier), on_sent_(std::move(on_sent)) {}

  store::MessagesOf messages() const override { return {courier_.messages().kind}; }
  deliver::DeliveryResult deliver(const lead::Message& message) override {
    auto result = courier_.deliver(message);
    if (result.outcome == deliver::Delivery::sent) on_sent_(message);
    return result;
  }

 private:
  deliver::Courier& courier_;
  std::function<void(const lead::Message&)> on_sent_;
};

/// Sends what there are no words for: where the folder of templates is missing as a whole, which `validate`
/// notices.
class Wordless final : public deliver::Courier {
 public:
  store::MessagesOf messages() const override { return {lead::MessageKind::journey}; }
  deliver::DeliveryResult deliver(const lead::Message& /*message*/) override {
    return {deliver::Delivery::sent, {}, {}};
  }
};

std::string canonical_of(const std::string& email) {
  return normalise::read_email(email).canonical;
}

}  // namespace

/// Takes every mail, and keeps the last one.
class Story::EveryMail final : public deliver::MailTransport {
 public:
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
  [[nodiscard]] deliver::OutgoingMail take_last() { return std::exchange(last_, {}); }

 private:
  std::string name_ = "test";
  deliver::OutgoingMail last_;
};

Story::Story(const LoadedConfig& loaded, ScratchFolder folder, ops::KeyRing keys, TimePoint at)
    : loaded_(loaded), folder_(std::move(folder)), keys_(std::move(keys)), clock_(at) {}

Story::~Story() = default;

Result<std::unique_ptr<Story>> Story::begin(const LoadedConfig& loaded, TimePoint at) {
  auto folder = ScratchFolder::make(ScratchFolder::Place::memory);
  if (!folder) return std::unexpected(folder.error());
  auto keys = ops::KeyRing::open(folder->path() / "keys");
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<Story> story{new Story{loaded, *std::move(folder), *std::move(keys), at}};
  if (auto opened = story->open(); !opened) return std::unexpected(opened.error());
  return story;
}

Result<void> Story::open() {
  auto hub = ScratchHub::open(loaded_, folder_.path(), keys_, clock_);
  if (!hub) return std::unexpected(hub.error());
  hub_ = *std::move(hub);
  auto leads = hub_->lead_reader();
  if (!leads) return std::unexpected(leads.error());
  leads_ = *std::move(leads);
  auto asked = hub_->lead_reader();
  if (!asked) return std::unexpected(asked.error());
  opt_in_pages_ = std::make_unique<capture::OptInPages>(*std::move(asked), hub_->inbox(), keys_,
                                                        loaded_.config->workspace, clock_);
  return make_senders();
}

Result<void> Story::make_senders() {
  auto asked = hub_->lead_reader();
  if (!asked) return std::unexpected(asked.error());
  transport_ = std::make_unique<EveryMail>();
  const auto via = first_mail_channel(loaded_);
  auto opt_in = std::make_unique<deliver::OptInCourier>(
      deliver::OptInCourier::Ports{
          *std::move(asked),
          [this](const lead::Message& message) { return opt_in_link(*loaded_.config, keys_, message); },
          opt_in_words(loaded_, via)},
      *transport_);
  if (auto added = add_sender(std::move(opt_in)); !added) return added;
  std::error_code ignored;
  if (!std::filesystem::is_directory(template_folder(*loaded_.config), ignored))
    return add_sender(std::make_unique<Wordless>());
  auto developed = hub_->lead_reader();
  if (!developed) return std::unexpected(developed.error());
  return add_sender(std::make_unique<deliver::JourneyCourier>(
      lead::MessageKind::journey,
      deliver::JourneyCourier::Ports{
          *std::move(developed), journey_words(loaded_, via),
          [this](const lead::Message& message) { return marketing_links(*loaded_.config, keys_, message); },
          loaded_.config->workspace},
      *transport_, clock_));
}

Result<void> Story::add_sender(std::unique_ptr<deliver::Courier> courier) {
  auto leads = hub_->lead_reader();
  if (!leads) return std::unexpected(leads.error());
  auto inbox = hub_->inbox_reader();
  if (!inbox) return std::unexpected(inbox.error());
  auto recorder = std::make_unique<Recorder>(*courier, [this](const lead::Message& message) {
    const bool asks = message.kind == lead::MessageKind::opt_in;
    auto mail = transport_->take_last();
    mails_.push_back({asks ? opt_in_template(*loaded_.config, message.channel) : message.template_name,
                      message, std::move(mail.subject), std::move(mail.text)});
  });
  auto sender = std::make_unique<deliver::Sender>(
      deliver::Sender::Ports{
          [this](const deliver::Sender::StoreTask& task) { return task(hub_->leads()); }, *std::move(leads),
          *std::move(inbox),
          [this](std::string_view canonical) { return capture::address_hash(keys_, canonical); }},
      *recorder, clock_);
  routes_.push_back({std::move(courier), std::move(recorder), std::move(sender)});
  return {};
}

Result<void> Story::tell(const Json& line) {
  if (line.contains("after")) {
    const auto after = config::parse_duration(line.at("after").get<std::string>());
    if (!after) return std::unexpected(after.error());
    if (auto waited = go_on_until(clock_.now() + *after); !waited) return waited;
  }
  constexpr std::pair<const char*, Result<void> (Story::*)(const Json&)> kinds[]{
      {"post", &Story::post}, {"event", &Story::event}, {"confirm", &Story::confirm}};
  for (const auto& [kind, tell_kind] : kinds) {
    if (!line.contains(kind)) continue;
    if (auto told = (this->*tell_kind)(line); !told) return told;
    return settle();
  }
  return fail(ErrorCode::invalid, "the line says nothing that a test can do");
}

Result<void> Story::act(const lead::Action& action) {
  if (auto logged = hub_->act(action); !logged) return logged;
  return settle();
}

Result<void> Story::post(const Json& line) {
  const auto name = line.at("channel").get<std::string>();
  const auto channel = hub_->channel(name);
  if (!channel)
    return fail(ErrorCode::invalid,
                "nothing can be posted: the channel \"" + name + "\" " + hub_->why_not(name));
  auto read = read_post(*channel, line.at("post"), clock_.now());
  if (!read) return std::unexpected(read.error());
  store::DraftEntry draft;
  draft.channel = name;
  draft.request = {read->request.method, read->request.path,          {}, {},
                   read->request.body,   read->request.client_address};
  return log(std::move(draft), read->events);
}

Result<void> Story::event(const Json& line) {
  store::DraftEntry draft;
  draft.channel = line.at("channel").get<std::string>();
  return log(std::move(draft), {line.at("event").dump()});
}

Result<void> Story::log(store::DraftEntry draft, const std::vector<std::string>& events) {
  draft.received_at = clock_.now();
  for (const auto& event : events) {
    auto checked = capture::check_event(draft.channel, event, draft.received_at, hub_->rules());
    if (!checked) return std::unexpected(checked.error());
    draft.events.push_back(std::move(checked->draft));
  }
  const auto appended = hub_->inbox().append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  return {};
}

Result<void> Story::confirm(const Json& line) {
  const auto canonical = canonical_of(line.at("confirm").get<std::string>());
  const auto asked = std::find_if(mails_.rbegin(), mails_.rend(), [&](const RecordedMail& mail) {
    return mail.message.kind == lead::MessageKind::opt_in && mail.message.canonical == canonical;
  });
  if (asked == mails_.rend())
    return fail(ErrorCode::invalid,
                "there is nothing to confirm: no mail that asks for it has gone to this address");
  const auto link = opt_in_link(*loaded_.config, keys_, asked->message).first;
  capture::HttpRequest request;
  request.method = "POST";
  request.path = link.substr(link.rfind("/c/"));
  request.received_at = clock_.now();
  request.client_address = "192.0.2.1";
  std::promise<capture::HttpResponse> answered;
  opt_in_pages_->handle(std::move(request),
                        [&](capture::HttpResponse response) { answered.set_value(std::move(response)); });
  const auto response = answered.get_future().get();
  if (response.status == 410)
    return fail(ErrorCode::invalid, "the link in the mail that asks to confirm has expired by then");
  if (response.status != 200)
    return fail(ErrorCode::internal, "the page of the link answers " + std::to_string(response.status));
  return {};
}

Result<void> Story::vouch_for_domains() {
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

Result<void> Story::settle() {
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

Result<std::optional<TimePoint>> Story::next_due() {
  auto first = leads_->next_due();
  for (const auto& route : routes_) {
    if (!first) return first;
    const auto mail = hub_->leads().outbox().next_due(route.recorder->messages().kind);
    if (!mail) return mail;
    if (*mail && (!*first || **mail < **first)) first = mail;
  }
  return first;
}

Result<void> Story::go_on_until(TimePoint time) {
  while (true) {
    if (auto settled = settle(); !settled) return settled;
    const auto due = next_due();
    if (!due) return std::unexpected(due.error());
    if (!*due || **due > time) break;
    if (**due <= clock_.now())
      return fail(ErrorCode::internal, "what was due at " + format_rfc3339(**due) + " does not get done");
    clock_.set(**due);
  }
  if (time > clock_.now()) clock_.set(time);
  return settle();
}

Result<std::optional<Json>> Story::lead(const std::string& email) {
  std::vector<std::string> ids;
  if (const auto canonical = canonical_of(email); !canonical.empty()) {
    auto found = leads_->find({lead::ContactKind::email, canonical, store::Sharing::by_few});
    if (!found) return std::unexpected(found.error());
    ids = *std::move(found);
  }
  if (ids.empty()) {
    store::LeadFilter first;
    first.after = "";
    first.limit = 1;
    const auto listed = leads_->list(first, clock_.now());
    if (!listed) return std::unexpected(listed.error());
    if (listed->empty()) return std::nullopt;
    ids.push_back(listed->front().id);
  }
  const auto record = leads_->get(ids.front());
  if (!record) return std::unexpected(record.error());
  return lead::lead_document(*record, clock_.now());
}

std::vector<RecordedMail> Story::mails_to(const Json& lead) const {
  std::vector<RecordedMail> mails;
  for (const auto& mail : mails_)
    if (lead.at("id") == mail.message.lead_id ||
        std::ranges::find(lead.at("aliases"), Json(mail.message.lead_id)) != lead.at("aliases").end())
      mails.push_back(mail);
  return mails;
}

}  // namespace leadhub::app
