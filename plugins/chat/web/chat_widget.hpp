#pragma once

#include <leadhub/sdk/channel.hpp>

#include <string>
#include <string_view>

#include "web/web_chat_settings.hpp"

namespace leadhub::chat {

/// widget.js and widget.css, put into the plugin when it is built.
extern const std::string_view widget_script;
extern const std::string_view widget_style;

/// What browsers get of a web chat: the widget that another website embeds, and a page with it alone. Both
/// say the same to everybody, so a cache may keep the script. Immutable, so thread-safe.
class ChatWidget {
 public:
  ChatWidget(const WebChatSettings& settings, std::string channel);

  /// /f/<channel>.js. Needs no `unsafe-inline`: its styles are adopted by a shadow root of its own.
  [[nodiscard]] sdk::HttpResponse script(std::string_view public_url) const;

  /// /f/<channel>.
  [[nodiscard]] sdk::HttpResponse page(std::string_view public_url) const;

 private:
  std::string channel_;
  std::string title_, language_;
  std::string fields_;           ///< JSON of what the script needs besides its addresses
  std::string frame_ancestors_;  ///< origins that may frame the page
};

}  // namespace leadhub::chat
