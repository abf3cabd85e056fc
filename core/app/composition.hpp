#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/loaded_config.hpp"
#include "capture/event_check.hpp"
#include "lead/message.hpp"
#include "ops/error.hpp"
#include "ops/key_ring.hpp"
#include "outbound/egress_rules.hpp"
#include "pipeline/batch.hpp"
#include "store/lead_store.hpp"
#include "verify/email_lists.hpp"

namespace leadhub::app {

// What the parts of a hub are made of, out of its configuration: the same for a hub that serves and for one
// that only tries a configuration out. Pure, except for the lists that are read from files.

/// The built-in lists of mailboxes with the operator's own. Error: a list cannot be read.
[[nodiscard]] Result<std::shared_ptr<const verify::EmailLists>> load_lists(const config::Config& config);

/// What the pipeline does with events. `hash_address` outlives the pipeline.
[[nodiscard]] pipeline::StageOptions stage_options(
    const LoadedConfig& loaded, std::shared_ptr<const verify::EmailLists> lists,
    std::function<std::string(std::string_view canonical)> hash_address);

/// Has whoever is on a journey looked at again now, where the journeys are others than those by which this
/// store's leads were looked at last.
[[nodiscard]] Result<void> wake_enrolled(const config::Config& config, store::LeadStore& leads,
                                         TimePoint now);

/// How events are made ready for the log. `keys` outlives whoever has the rules.
[[nodiscard]] capture::EventRules event_rules(const ops::KeyRing& keys);

/// Where the mail that asks to confirm leads, and until when that works.
[[nodiscard]] std::pair<std::string, TimePoint> opt_in_link(const config::Config& config,
                                                            const ops::KeyRing& keys,
                                                            const lead::Message& message);

/// Where the link in a hand-off leads, at which its owner takes the lead up.
[[nodiscard]] std::string hand_off_link(const config::Config& config, const ops::KeyRing& keys,
                                        const lead::Message& message);

/// Whom channels may ask besides the services they name themselves. Error: `plugins.egress` names no origin.
[[nodiscard]] Result<std::vector<outbound::Origin>> egress_of(const config::Config& config);

}  // namespace leadhub::app
