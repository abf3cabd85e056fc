#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "value_template.hpp"

namespace leadhub::webhook {

/// A request as a preset describes it; all texts are templates (value_template.hpp).
struct RequestShape {
  std::string method;
  std::string path;             ///< behind the base, values percent-encoded
  nlohmann::ordered_json body;  ///< null: none
  std::string id;  ///< JSON pointer to the record's id in a good answer; empty: the answer says nothing
};

/// How a record is looked for.
struct FindShape {
  RequestShape request;
  std::string list;  ///< JSON pointer to the list of what was found
  std::string id;    ///< JSON pointer from one of them to its id
};

/// What makes a lead one for this service.
struct Need {
  std::string value;  ///< template
  std::string words;  ///< "an e-mail address"
};

enum class Repetition { harmless = 1, twice };

/// A service that takes leads, read from presets/NAME.yaml, which says all about it.
struct Preset {
  std::string name;     ///< "hubspot"
  std::string service;  ///< for people: "HubSpot"
  std::string base;     ///< where it is; empty: `url` of the channel says
  bool takes_token = false;
  bool takes_fields = false;
  Escape escape = Escape::none;
  Repetition repetition = Repetition::harmless;  ///< twice: what comes twice is there twice
  std::vector<Need> needs;
  nlohmann::ordered_json headers = nlohmann::ordered_json::object();
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();  ///< the service's name -> template
  std::vector<std::string> words;  ///< JSON pointers to what the service says of a refusal
  std::optional<FindShape> find;   ///< with it: update, where something is found, else send
  RequestShape send;
  std::optional<RequestShape> update;
};

/// The preset of that name; null where there is none. Throws ChannelError for one that cannot be read, which
/// only a broken build has.
[[nodiscard]] const Preset* find_preset(std::string_view name);

/// Reads a preset. Throws ChannelError.
[[nodiscard]] Preset read_preset(std::string_view name, std::string_view yaml);

}  // namespace leadhub::webhook
