#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::plugin {

/// A channel's configuration as its plugin gets it.
struct PluginConfig {
  std::string document;  ///< JSON, defaults filled in, paths absolute, {"$secret": "/pointer"} in place of
                         ///< each secret
  std::map<std::string, std::string, std::less<>> secrets;  ///< JSON pointer -> value
  std::vector<std::string> egress;                          ///< addresses that the operator wrote here
};

/// Fills in the schema's defaults, makes paths absolute and takes the secrets out.
///
/// Defaults come from `properties`, through local `$ref`, `allOf`, the chosen side of if/then/else, and the
/// one branch of oneOf or anyOf whose `const` and `enum` properties fit. A secret is what any branch marks
/// with
/// `"x-secret": true`, whether it is the chosen one or not: better a reference too many than a value in a
/// log. A secret that is no string is given as its JSON text; null stays null. A text that any branch marks
/// with `"x-path": true` is the path of a file or folder, and starts at `folder` where it is relative. One
/// that any marks with `"x-egress": true` is an address that the channel sends requests to.
///
/// `config`: JSON, already valid by the schema. Error invalid: it or the schema is no JSON object, or the
/// schema refers to itself without end.
[[nodiscard]] Result<PluginConfig> prepare_config(std::string_view schema, std::string_view config,
                                                  const std::filesystem::path& folder);

}  // namespace leadhub::plugin
