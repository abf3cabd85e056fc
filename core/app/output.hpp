#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::app {

/// Prints the sentence of an error to standard error; the exit code that fits it.
int report(const Error& error);

/// Text for a terminal: what a lead typed must not move the cursor or change colours, so control characters
/// become U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

/// Prints JSON, indented.
void print_json(const nlohmann::ordered_json& document);

/// Prints rows under headings, in columns as wide as their content.
void print_table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows);

/// A member as text for people: "-" for null or missing, strings without quotes.
[[nodiscard]] std::string cell(const nlohmann::ordered_json& object, const std::string& member);

}  // namespace leadhub::app
