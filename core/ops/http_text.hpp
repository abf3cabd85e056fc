#pragma once

#include <string>
#include <string_view>

namespace leadhub::ops {

/// A method or the name of a header: RFC 9110 section 5.6.2.
[[nodiscard]] bool is_token(std::string_view text);

/// The value of a header, so that none can end its line: RFC 9110 section 5.5.
[[nodiscard]] bool is_field_value(std::string_view text);

/// "localhost" of "http://localhost:8080/x".
[[nodiscard]] std::string host_of_url(std::string_view url);

[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace leadhub::ops
