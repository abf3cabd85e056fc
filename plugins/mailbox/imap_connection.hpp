#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "imap_session.hpp"
#include "settings.hpp"

namespace leadhub::mailbox {

/// Whether the hub is about to end.
using IsStopping = std::function<bool()>;

/// Connects to the server by libcurl, secures the connection as the settings say, logs in, and gives the
/// connection. Certificates and names are checked always. Proxies of the environment are not used.
///
/// All of the connection's life ends `budget_ms` from now, or within a second of is_stopping() saying so.
/// Throws sdk::ChannelError: auth where the server refuses the login, transient for anything of the network;
/// the messages name neither user nor password.
[[nodiscard]] std::unique_ptr<ByteStream> connect(const Settings& settings, const std::string& password,
                                                  std::int64_t budget_ms, IsStopping is_stopping);

}  // namespace leadhub::mailbox
