#pragma once

#include <string>
#include <vector>

namespace leadhub::webform {

/// The secrets in one value of the host: itself, or each of a JSON list of them (abi.h: a secret that is no
/// string is given as its JSON text). Throws ChannelError for a broken list.
std::vector<std::string> secrets_in(const std::string& value);

}  // namespace leadhub::webform
