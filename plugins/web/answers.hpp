#pragma once

#include <leadhub/sdk/channel.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What the plugin says to who sends: in HTML to people, in JSON to programs.
namespace leadhub::webform {

enum class Format { html = 1, json };

/// What an Accept header (RFC 9110 section 12.5.1) prefers of the two. JSON where it has the higher quality,
/// or the same one by a more specific range; HTML else, so also without a header.
Format preferred_format(std::string_view accept);

/// Something wrong with what was sent. `field`: its name in the configuration, empty for the whole.
struct Problem {
  std::string field;
  std::string label;    ///< what people call the field
  std::string message;  ///< goes on after the label: "is required"
};

/// {"errors":[{"field":"...","message":"..."}]}
sdk::HttpResponse json_problems(int status, const std::vector<Problem>& problems);

/// {"status":"accepted"}, 200.
sdk::HttpResponse json_accepted();

/// A page of one heading and one sentence; both are text.
sdk::HttpResponse html_message(int status, std::string_view language, std::string_view title,
                               std::string_view message);

/// The above in the format asked for, for something wrong with the whole request.
sdk::HttpResponse refusal(Format format, int status, std::string_view title, std::string message);

}  // namespace leadhub::webform
