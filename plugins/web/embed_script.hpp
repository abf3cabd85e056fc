#pragma once

#include <string_view>

namespace leadhub::webform {

/// embed.js and embed.css, put into the plugin when it is built.
extern const std::string_view embed_script;
extern const std::string_view embed_style;

}  // namespace leadhub::webform
