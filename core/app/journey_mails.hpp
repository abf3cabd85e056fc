#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/loaded_config.hpp"
#include "deliver/journey_courier.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/key_ring.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::app {

// How the mails of journeys and broadcasts are made, and when they may leave: the same in a hub that serves,
// in a test and in a simulation.

/// Gives a reader of the leads with a connection of its own.
using OpenLeads = std::function<Result<std::unique_ptr<store::LeadReader>>()>;

/// For the mails of that kind (`journey`, `notice` or `broadcast`) that leave by the channel. Whether a lead
/// is being erased the caller knows. `loaded`, which has its config, and `keys` outlive them.
[[nodiscard]] Result<deliver::JourneyCourier::Ports> journey_ports(const LoadedConfig& loaded,
                                                                   const ops::KeyRing& keys,
                                                                   lead::MessageKind kind,
                                                                   const std::string& channel,
                                                                   const OpenLeads& open);

/// The first moment from `now` on at which a message may leave, by the quiet hours of its lead. `config`
/// outlives it.
[[nodiscard]] std::function<TimePoint(const lead::Message&, TimePoint now)> quiet_hours_of(
    const config::Config& config);

}  // namespace leadhub::app
