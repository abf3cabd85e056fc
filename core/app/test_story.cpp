#include "app/test_story.hpp"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/composition.hpp"
#include "app/journey_mails.hpp"
#include "app/mail_templates.hpp"
#include "app/post_request.hpp"
#include "config/units.hpp"
#include "deliver/journey_courier.hpp"
#include "lead/lead_json.hpp"
#include "normalise/email.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

std::string canonical_of(const std::string& email) {
  return normalise::read_email(email).canonical;
}

}  // namespace

Story::~Story() = default;

Result<std::unique_ptr<Story>> Story::begin(const LoadedConfig& loaded, TimePoint at) {
  auto rehearsal = Rehearsal::begin(loaded, at);
  if (!rehearsal) return std::unexpected(rehearsal.error());
  std::unique_ptr<Story> story{new Story{loaded, *std::move(rehearsal)}};
  if (auto opened = story->open(); !opened) return std::unexpected(opened.error());
  return story;
}

Result<void> Story::open() {
  auto asked = rehearsal_->hub().lead_reader();
  if (!asked) return std::unexpected(asked.error());
  opt_in_pages_ =
      std::make_unique<capture::OptInPages>(*std::move(asked), rehearsal_->hub().inbox(), rehearsal_->keys(),
                                            loaded_.config->workspace, rehearsal_->clock());
  return make_senders();
}

/// Whatever channel a mail is for, there is one way for it here.
Result<void> Story::make_senders() {
  using lead::MessageKind;
  auto asked = rehearsal_->hub().lead_reader();
  if (!asked) return std::unexpected(asked.error());
  auto& transport = rehearsal_->transport("test");
  const auto via = first_mail_channel(loaded_);
  const auto& keys = rehearsal_->keys();
  auto opt_in = std::make_unique<deliver::OptInCourier>(
      deliver::OptInCourier::Ports{
          *std::move(asked),
          [this, &keys](const lead::Message& message) { return opt_in_link(*loaded_.config, keys, message); },
          opt_in_words(loaded_, via)},
      transport);
  if (auto added = rehearsal_->add({std::move(opt_in), {MessageKind::opt_in}}); !added) return added;
  // Where the folder of templates is missing as a whole, `validate` notices.
  std::error_code ignored;
  if (!std::filesystem::is_directory(template_folder(*loaded_.config), ignored))
    return rehearsal_->add({Rehearsal::wordless(MessageKind::journey), {MessageKind::journey}});
  auto ports = journey_ports(loaded_, keys, MessageKind::journey, via,
                             [this] { return rehearsal_->hub().lead_reader(); });
  if (!ports) return std::unexpected(ports.error());
  auto journeys = std::make_unique<deliver::JourneyCourier>(MessageKind::journey, *std::move(ports),
                                                            transport, rehearsal_->clock());
  return rehearsal_->add({std::move(journeys), {MessageKind::journey}});
}

Result<void> Story::tell(const Json& line) {
  if (line.contains("after")) {
    const auto after = config::parse_duration(line.at("after").get<std::string>());
    if (!after) return std::unexpected(after.error());
    if (auto waited = go_on_until(rehearsal_->clock().now() + *after); !waited) return waited;
  }
  constexpr std::pair<const char*, Result<void> (Story::*)(const Json&)> kinds[]{
      {"post", &Story::post}, {"event", &Story::event}, {"confirm", &Story::confirm}};
  for (const auto& [kind, tell_kind] : kinds) {
    if (!line.contains(kind)) continue;
    if (auto told = (this->*tell_kind)(line); !told) return told;
    return rehearsal_->settle();
  }
  return fail(ErrorCode::invalid, "the line says nothing that a test can do");
}

Result<void> Story::act(const lead::Action& action) {
  if (auto logged = rehearsal_->hub().act(action); !logged) return logged;
  return rehearsal_->settle();
}

Result<void> Story::post(const Json& line) {
  const auto name = line.at("channel").get<std::string>();
  const auto channel = rehearsal_->hub().channel(name);
  if (!channel)
    return fail(ErrorCode::invalid,
                "nothing can be posted: the channel \"" + name + "\" " + rehearsal_->hub().why_not(name));
  auto read = read_post(*channel, line.at("post"), rehearsal_->clock().now());
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
  draft.received_at = rehearsal_->clock().now();
  for (const auto& event : events) {
    auto checked = capture::check_event(draft.channel, event, draft.received_at, rehearsal_->hub().rules());
    if (!checked) return std::unexpected(checked.error());
    draft.events.push_back(std::move(checked->draft));
  }
  const auto appended = rehearsal_->hub().inbox().append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  return {};
}

Result<void> Story::confirm(const Json& line) {
  const auto canonical = canonical_of(line.at("confirm").get<std::string>());
  const auto asked =
      std::find_if(rehearsal_->mails().rbegin(), rehearsal_->mails().rend(), [&](const RecordedMail& mail) {
        return mail.message.kind == lead::MessageKind::opt_in && mail.message.canonical == canonical;
      });
  if (asked == rehearsal_->mails().rend())
    return fail(ErrorCode::invalid,
                "there is nothing to confirm: no mail that asks for it has gone to this address");
  const auto link = opt_in_link(*loaded_.config, rehearsal_->keys(), asked->message).first;
  capture::HttpRequest request;
  request.method = "POST";
  request.path = link.substr(link.rfind("/c/"));
  request.received_at = rehearsal_->clock().now();
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

Result<void> Story::go_on_until(TimePoint time) {
  while (true) {
    if (auto settled = rehearsal_->settle(); !settled) return settled;
    const auto due = rehearsal_->next_due();
    if (!due) return std::unexpected(due.error());
    if (!*due || **due > time) break;
    if (**due <= rehearsal_->clock().now())
      return fail(ErrorCode::internal, "what was due at " + format_rfc3339(**due) + " does not get done");
    rehearsal_->set_clock(**due);
  }
  if (time > rehearsal_->clock().now()) rehearsal_->set_clock(time);
  return rehearsal_->settle();
}

Result<std::optional<Json>> Story::lead(const std::string& email) {
  std::vector<std::string> ids;
  if (const auto canonical = canonical_of(email); !canonical.empty()) {
    auto found = rehearsal_->leads().find({lead::ContactKind::email, canonical, store::Sharing::by_few});
    if (!found) return std::unexpected(found.error());
    ids = *std::move(found);
  }
  if (ids.empty()) {
    store::LeadFilter first;
    first.after = "";
    first.limit = 1;
    const auto listed = rehearsal_->leads().list(first, rehearsal_->clock().now());
    if (!listed) return std::unexpected(listed.error());
    if (listed->empty()) return std::nullopt;
    ids.push_back(listed->front().id);
  }
  const auto record = rehearsal_->leads().get(ids.front());
  if (!record) return std::unexpected(record.error());
  return lead::lead_document(*record, rehearsal_->clock().now());
}

std::vector<RecordedMail> Story::mails_to(const Json& lead) const {
  std::vector<RecordedMail> mails;
  for (const auto& mail : rehearsal_->mails())
    if (lead.at("id") == mail.message.lead_id ||
        std::ranges::find(lead.at("aliases"), Json(mail.message.lead_id)) != lead.at("aliases").end())
      mails.push_back(mail);
  return mails;
}

}  // namespace leadhub::app
