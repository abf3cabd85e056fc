#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/queries.hpp"
#include "ops/error.hpp"
#include "store/message_reader.hpp"

namespace httplib {
struct Request;
}

/// What requests to the control API say, read and checked. Error of each: `invalid`, naming what is wrong.
namespace leadhub::control {

[[nodiscard]] Result<std::optional<std::int64_t>> number_parameter(const httplib::Request& request,
                                                                   const std::string& name,
                                                                   std::int64_t lowest, std::int64_t highest);
[[nodiscard]] Result<std::optional<std::string>> text_parameter(const httplib::Request& request,
                                                                const std::string& name);
/// Parameters that nobody reads are mistakes that somebody should hear of.
[[nodiscard]] Result<void> check_parameters(const httplib::Request& request,
                                            const std::vector<std::string_view>& known);
[[nodiscard]] Result<Queries::LeadPage> lead_page(const httplib::Request& request);
[[nodiscard]] Result<Queries::ExportPage> export_page(const httplib::Request& request);
[[nodiscard]] Result<Queries::InboxPage> inbox_page(const httplib::Request& request);
[[nodiscard]] Result<store::MessageFilter> message_filter(const httplib::Request& request);
/// The members of a JSON body, all of them texts and all of them asked for.
[[nodiscard]] Result<std::vector<std::string>> body_texts(const httplib::Request& request,
                                                          const std::vector<std::string_view>& names);
/// nullopt: none was sent. Error: `invalid`.
[[nodiscard]] Result<std::optional<std::string>> idempotency_key(const httplib::Request& request);

}  // namespace leadhub::control
