#pragma once

#include <string_view>

namespace leadhub::ops {

/// A place at which the crash tests kill the process: the environment variable LEADHUB_FAILPOINT=NAME:COUNT
/// lets the COUNT-th passage of that name end it with SIGKILL, as a power cut would. Without the variable it
/// costs one load.
void failpoint(std::string_view name);

}  // namespace leadhub::ops
