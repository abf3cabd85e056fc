#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/hub_parts.hpp"
#include "app/loaded_config.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// Something that would happen to a lead.
struct SimulatedStep {
  TimePoint at{};
  std::string kind;   ///< event, stage, temperature, score, owner, tag, attribute, journey, wait, mail,
                      ///< notice, call, reply, or no_mail and the like for a message that does not go
  std::string words;  ///< for people, with times on the lead's clock
  std::string why{};  ///< likewise; empty: there is no more to say
  std::vector<std::pair<std::string, std::string>> facts{};  ///< the same for programs, by name
  std::string text{};                                        ///< of a mail: its text part
};

/// How the lead stands at a time.
struct Standing {
  TimePoint at{};
  std::string stage;
  std::string temperature;
  std::int64_t score = 0;
  std::string owner;                  ///< empty: nobody
  std::vector<std::string> journeys;  ///< those that it is on, in words
};

struct Simulation {
  std::string lead_id;
  std::string who;        ///< name and address
  std::string time_zone;  ///< the lead's own, else the hub's
  Standing now;
  Standing then;
  std::vector<SimulatedStep> steps;  ///< in order
};

/// Something that would come from outside.
struct SimulatedEvent {
  std::chrono::milliseconds after{};
  std::string document;  ///< a lead event; one that names nobody is the lead's. "channel": by which it comes
};

struct SimulationRequest {
  std::string lead;  ///< id, e-mail address or phone number
  std::chrono::milliseconds until{};
  std::vector<SimulatedEvent> events{};
};

/// What would happen to a lead of that hub's stores, which may be in use meanwhile, from now on with that
/// configuration: the lead is copied into a scratch hub (store::LeadCopier says why), whose clock then runs
/// ahead at once. Nothing is sent, and the hub's own stores are only read.
///
/// It goes on as after a reload: where the journeys are others, whoever is on one is looked at again.
/// Everybody else stands still meanwhile: how busy the team is counts as it is now, nobody answers, opens or
/// clicks, and broadcasts that are not written yet do not come.
///
/// `loaded` must have its config. Errors: `not_found` where there is no such store or lead; `conflict` where
/// several leads have that phone number; `invalid` for a time beyond limits::simulation_ahead_max, an event
/// that is none, or where more happens than limits::simulation_moments_max.
[[nodiscard]] Result<Simulation> simulate(const LoadedConfig& loaded, const HubFiles& files,
                                          const SimulationRequest& request, const Clock& clock);

/// "Thu 2026-01-08 13:00", there.
[[nodiscard]] std::string local_words(TimePoint time, const std::string& time_zone);

enum class SimulationText { steps = 1, with_mails };
/// Prints it for people, to standard output.
void print_simulation(const Simulation& simulation, SimulationText text);
[[nodiscard]] nlohmann::ordered_json simulation_as_json(const Simulation& simulation);

}  // namespace leadhub::app
