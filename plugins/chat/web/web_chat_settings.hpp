#pragma once

#include <leadhub/sdk/channel.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "form_settings.hpp"

/// The configuration of a web chat of the hub's own, compiled.
namespace leadhub::chat {

/// What stands on the widget. People read all of it.
struct WebChatLabels {
  std::string name, email, message, send, close, you, us, check;
};

struct WebChatSettings {
  std::string title, greeting, offline_message, language;
  std::vector<std::string> pre_chat;  ///< of "name" and "email", in the order in which they are asked for
  std::vector<webform::ConsentRule> consent;
  WebChatLabels labels;
  webform::FormSettings gate;  ///< origins and per_address alone
};

/// Reads `config`: JSON, valid by the schema. What the schema cannot express goes to `diagnostics`, and is
/// left out of what is returned.
WebChatSettings read_web_chat(std::string_view config, const sdk::Diagnostics* diagnostics);

}  // namespace leadhub::chat
