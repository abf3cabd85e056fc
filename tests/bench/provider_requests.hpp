#pragma once

#include <leadhub/sdk/testing/channel_driver.hpp>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

/// Requests as the providers send them, for measuring: the plugins' fixtures, made as long as one likes and
/// signed again.
namespace leadhub::bench {

using Json = nlohmann::ordered_json;
using sdk::testing::Request;

/// The fixtures of one plugin that are taken; `folder`: its own, as plugins/chat. Exits with a message where
/// there are none.
std::vector<Json> accepted_fixtures(const std::string& folder);

/// Makes the body at least as long as that, where its format has room: fields that nobody asked for in an
/// object, the same elements again in a list, one field more in a form. The signature is wrong then.
void pad(Request& request, std::size_t bytes);

/// Signs the request as the provider would at that time, milliseconds since 1970, with the secret in
/// `config`. SendGrid has no secret: `config` gets the public key of a pair made here. Requests that carry a
/// token, or of whose body nothing is signed, stay as they are, and so does Amazon's, whose certificate
/// nobody else can have.
void sign(Request& request, Json& config, std::int64_t now_ms);

/// Whether sign() signs the bodies of that provider again, or nobody signs them.
bool may_change(const std::string& provider);

}  // namespace leadhub::bench
