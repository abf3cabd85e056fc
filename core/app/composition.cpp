#include "app/composition.hpp"

#include "capture/hand_off_pages.hpp"
#include "capture/opt_in_token.hpp"
#include "lead/condition.hpp"
#include "lead/deed.hpp"
#include "normalise/email.hpp"

namespace leadhub::app {
namespace {

verify::ListPolicy policy_of(config::ListPolicy policy) {
  switch (policy) {
    case config::ListPolicy::off:
      return verify::ListPolicy::off;
    case config::ListPolicy::flag:
      return verify::ListPolicy::flag;
    case config::ListPolicy::reject:
      return verify::ListPolicy::reject;
  }
  return verify::ListPolicy::flag;
}

}  // namespace

Result<std::shared_ptr<const verify::EmailLists>> load_lists(const config::Config& config) {
  const auto& verify = config.verify;
  auto lists = verify::EmailLists::load({verify.disposable_list, verify.free_list, verify.role_list});
  if (!lists) return std::unexpected(lists.error());
  return std::make_shared<const verify::EmailLists>(*std::move(lists));
}

pipeline::StageOptions stage_options(const LoadedConfig& loaded,
                                     std::shared_ptr<const verify::EmailLists> lists,
                                     std::function<std::string(std::string_view canonical)> hash_address) {
  const auto& config = *loaded.config;
  pipeline::StageOptions options;
  options.normalise.default_country = config.default_country.value_or("");
  for (const auto& channel : config.channels)
    if (!channel.country.empty()) options.normalise.channel_country.emplace(channel.name, channel.country);
  options.rules = config.qualify;
  options.routes = config.routes;
  options.deliver = config.deliver;
  options.nurture = config.nurture;
  for (const auto* channel : loaded.active)
    if (channel->double_opt_in)
      options.opt_in_resend_after.emplace(channel->name, channel->double_opt_in->resend_after);
  const auto& verify = config.verify;
  options.policy = {policy_of(verify.disposable), policy_of(verify.role), policy_of(verify.free),
                    verify.possible_phone ? verify::PhonePolicy::possible : verify::PhonePolicy::off};
  options.lists = std::move(lists);
  options.ask_dns = verify.mx;
  options.role_addresses = config.role_addresses == config::RoleAddresses::one_person
                               ? identify::RoleAddresses::one_person
                               : identify::RoleAddresses::by_name;
  options.hash_address = std::move(hash_address);
  return options;
}

Result<void> wake_enrolled(const config::Config& config, store::LeadStore& leads, TimePoint now) {
  const auto nurture = config.sections.find("nurture");
  const auto mark = lead::mark_of(nurture == config.sections.end() ? std::string{} : nurture->second);
  const std::string self{lead::hub_channel};
  const auto known = leads.channel_notes().get(self, "nurture", now);
  if (!known) return std::unexpected(known.error());
  if (*known == mark) return {};
  if (auto done = leads.wake_enrolled(now); !done) return done;
  return leads.channel_notes().put(self, "nurture", mark, std::nullopt, now);
}

capture::EventRules event_rules(const ops::KeyRing& keys) {
  return {keys, [](std::string_view given) { return normalise::read_email(given).canonical; }};
}

std::pair<std::string, TimePoint> opt_in_link(const config::Config& config, const ops::KeyRing& keys,
                                              const lead::Message& message) {
  config::DoubleOptIn opt_in;
  for (const auto& channel : config.channels)
    if (channel.name == message.channel && channel.double_opt_in) opt_in = *channel.double_opt_in;
  const auto expires = message.created_at + opt_in.expires;
  const auto token = capture::to_token({message.source, expires}, keys, config.workspace);
  return {config.public_url + "/c/" + token, expires};
}

std::string hand_off_link(const config::Config& config, const ops::KeyRing& keys,
                          const lead::Message& message) {
  return config.public_url + "/h/" + capture::hand_off_token(message.id, keys, config.workspace);
}

Result<std::vector<outbound::Origin>> egress_of(const config::Config& config) {
  std::vector<outbound::Origin> egress;
  for (const auto& text : config.plugins.egress) {
    auto origin = outbound::origin_of(text);
    if (!origin) return fail(ErrorCode::invalid, "plugins.egress: " + origin.error().message);
    egress.push_back(*std::move(origin));
  }
  return egress;
}

}  // namespace leadhub::app
