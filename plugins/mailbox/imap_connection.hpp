#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "imap_session.hpp"
#include "settings.hpp"

namespace leadhub::mailbox {

/// Connects to the server by libcurl, secures the connection as the settings say, logs in, and gives the
/// connection. Certificates and names are checked always. Proxies of the environment are not used.
///
/// All of the connection's life ends `budget_ms` from now. Throws sdk::ChannelError: auth where the server
/// refuses the login, transient for anything of the network; the messages name neither user nor password.
[[nodiscard]] std::unique_ptr<ByteStream> connect(const Settings& settings, const std::string& password,
                                                  std::int64_t budget_ms);

}  // namespace leadhub::mailbox
