#include "app/journey_mails.hpp"

#include <utility>

#include "app/broadcast_facts.hpp"
#include "app/mail_templates.hpp"
#include "capture/preference_token.hpp"
#include "capture/public_paths.hpp"
#include "capture/tracking_token.hpp"
#include "mail/tracked_html.hpp"
#include "nurture/sending_hours.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

/// Where the reader of a marketing mail unsubscribes, and chooses what else to get.
deliver::MarketingLinks links_of(const config::Config& config, const ops::KeyRing& keys,
                                 const lead::Message& message) {
  const auto& site = config.public_url;
  return {site + "/u/" + capture::unsubscribe_token(message.lead_id, message.purpose, keys, config.workspace),
          site + "/p/" + capture::preference_token(message.lead_id, keys, config.workspace)};
}

lead::Tracking tracking_of(const config::Config& config, const lead::Message& message) {
  const auto* journey = config.nurture.find(message.journey);
  return journey == nullptr ? lead::Tracking{} : journey->track;
}

/// The HTML of a mail with the links by which it is tracked, where it is to be and does not grow too large by
/// it.
std::string tracked_html(const config::Config& config, const ops::KeyRing& keys, const lead::Message& message,
                         const lead::Tracking& tracking, std::string html) {
  if (!tracking.clicks && !tracking.opens) return html;
  mail::TrackedLinks links;
  if (tracking.clicks)
    links.click = [&](std::string_view url) -> std::string {
      const auto& site = config.public_url;
      const bool is_own =
          url.starts_with(site) && capture::PublicPaths::is_page_of_mails(url.substr(site.size()));
      if (is_own || !capture::can_be_tracked(url)) return {};
      return site + "/r/" + capture::click_token({message.id, std::string{url}}, keys, config.workspace);
    };
  if (tracking.opens)
    links.open = config.public_url + "/o/" + capture::open_token(message.id, keys, config.workspace);
  auto tracked = mail::tracked_html(html, links);
  return tracked.size() > limits::mail_html_bytes_max ? html : tracked;
}

}  // namespace

Result<deliver::JourneyCourier::Ports> journey_ports(const LoadedConfig& loaded, const ops::KeyRing& keys,
                                                     lead::MessageKind kind, const std::string& channel,
                                                     const OpenLeads& open) {
  auto leads = open();
  if (!leads) return std::unexpected(leads.error());
  const auto& config = *loaded.config;
  deliver::JourneyCourier::Ports ports{
      *std::move(leads), journey_words(loaded, channel),
      [&](const lead::Message& message) { return links_of(config, keys, message); }, config.workspace};
  if (kind == lead::MessageKind::journey)
    ports.tracked = [&](const lead::Message& message, std::string html) {
      return tracked_html(config, keys, message, tracking_of(config, message), std::move(html));
    };
  if (kind != lead::MessageKind::broadcast) return ports;
  auto read = open();
  if (!read) return std::unexpected(read.error());
  const auto facts = std::make_shared<BroadcastFacts>(*std::move(read));
  ports.subject = [facts](const lead::Message& message) { return facts->subject(message); };
  ports.tracked = [&, facts](const lead::Message& message, std::string html) {
    const auto tracking = facts->tracking(message).value_or(lead::Tracking{});
    return tracked_html(config, keys, message, tracking, std::move(html));
  };
  return ports;
}

std::function<TimePoint(const lead::Message&, TimePoint)> quiet_hours_of(const config::Config& config) {
  return [&config](const lead::Message& message, TimePoint now) {
    const auto& quiet = config.nurture.quiet_hours;
    const bool is_bound = quiet && !message.time_zone.empty();
    return is_bound ? nurture::after_quiet(*quiet, now, message.time_zone) : now;
  };
}

}  // namespace leadhub::app
