#pragma once

#include <span>
#include <string_view>

namespace leadhub::webhook {

/// presets/NAME.yaml, as it travels inside the plugin.
struct PresetText {
  std::string_view name, yaml;
};

[[nodiscard]] std::span<const PresetText> preset_texts();

}  // namespace leadhub::webhook
