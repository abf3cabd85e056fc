#pragma once

#include <leadhub/sdk/event.hpp>

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// From what a provider reports to lead events that the host takes.
namespace leadhub::webform {

/// A key for what its provider has no id for: the same for the same content, so that a repetition is known.
/// 32 characters of the SHA-256 of it.
std::string key_of_content(std::string_view content);

/// Keeps a plain value, or a list of texts, as an attribute of that name, in letters that hub.yaml can name.
/// What is empty or nested is left out, and so is what goes beyond limits::kept_attributes_max: it stays in
/// the raw request.
void keep_attribute(sdk::LeadEvent& event, std::string_view name, const nlohmann::json& value);

/// The same with each member of an object, as "<prefix><name>", but for those in `told`: what the event says
/// already, and other people's addresses.
void keep_attributes(sdk::LeadEvent& event, const nlohmann::json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told);

/// Keeps a text as an attribute of exactly that name, where there is one.
void keep_text(sdk::LeadEvent& event, std::string_view name, std::string_view text);

/// Makes the event's key and texts fit the schema: control characters go, what is too long is cut. A key that
/// does not fit is hashed, because a key is compared and one that is cut might be another's. Attributes fit
/// by the above.
void fit(sdk::LeadEvent& event);

/// The events of one request.
class Events {
 public:
  /// What follows from an event that fits; adds to it what fits as well.
  using Finish = void (*)(sdk::LeadEvent& event);

  explicit Events(Finish finish = nullptr) : finish_(finish) {}

  /// Adds one, made to fit and finished. Throws ChannelError beyond limits::events_max.
  void add(sdk::LeadEvent event);

  /// Adds one for each of several persons: `emails` in their order; the second and later ones have the key
  /// with ":2", ":3", ... None: the event without a person, which the host sets aside.
  void add_for_each(const sdk::LeadEvent& event, const std::vector<std::string>& emails);

  /// The events as JSON, in the order they were added.
  [[nodiscard]] std::vector<std::string> take() { return std::move(documents_); }

 private:
  Finish finish_;
  std::vector<std::string> documents_;
};

}  // namespace leadhub::webform
