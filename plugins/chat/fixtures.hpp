#pragma once

#include <leadhub/abi.h>

namespace leadhub::chat {

/// The files of fixtures/, put into the plugin when it is built.
extern const leadhub_fixtures fixtures;

}  // namespace leadhub::chat
