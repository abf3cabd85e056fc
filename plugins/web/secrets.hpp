#pragma once

#include <leadhub/sdk/channel.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace leadhub::webform {

/// The secrets in one value of the host: itself, or each of a JSON list of them (abi.h: a secret that is no
/// string is given as its JSON text). Throws ChannelError for a broken list.
std::vector<std::string> secrets_in(const std::string& value);

/// The value of the secret of that name, which is its pointer in the configuration. Throws ChannelError where
/// the host has none or an empty one.
std::string required_secret(const sdk::Host& host, const std::string& name);

/// "what is wrong; how to mend it" with a secret of which no more can be said than that it must be there:
/// empty where it is.
std::string empty_secret_problem(std::string_view secret);

/// Reports what is wrong with the secret of that name, or with those of a list of them, by `problem`: "what
/// is wrong; how to mend it" with one secret, empty for nothing.
void check_secret(const sdk::Host& host, const std::string& name, std::string (*problem)(std::string_view),
                  const sdk::Diagnostics& diagnostics);

}  // namespace leadhub::webform
