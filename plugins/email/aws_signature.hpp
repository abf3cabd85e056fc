#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace leadhub::email {

struct AwsCredentials {
  std::string key_id;
  std::string secret;
  std::string region;   ///< "eu-central-1"
  std::string service;  ///< "ses"
};

struct AwsRequest {
  std::string method;
  std::string host;
  std::string path;   ///< nothing in it that must be escaped
  std::string query;  ///< sorted and escaped
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< lower-case names, sorted; host and x-amz-date
  std::string body;
};

/// The value of Authorization for a request, by AWS Signature Version 4. `date`: 20150830T123600Z, the same
/// as in x-amz-date.
[[nodiscard]] std::string aws_authorization(const AwsCredentials& credentials, const AwsRequest& request,
                                            const std::string& date);
/// A time as it stands there.
[[nodiscard]] std::string aws_date(std::int64_t now_ms);

}  // namespace leadhub::email
