#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "deliver/delivery_result.hpp"
#include "deliver/handover.hpp"
#include "plugin/channel_instance.hpp"

namespace leadhub::plugin {

/// One thing for a plugin to deliver.
struct DeliveryItem {
  std::string key;       ///< the same at every repetition
  std::string document;  ///< JSON of a published schema, checked by whoever made it
};

/// The deliver extension of a channel whose plugin runs inside the host. What comes back is checked. A plugin
/// that breaks the rules of abi.h about an item, or about the whole call, may have sent that item all the
/// same, so it is `unknown` and never a reason to send it again. Only what it has not claimed in a call in
/// which it claims is `untried`: it cannot have left.
///
/// It shares the host's fate: a plugin that never returns holds the sender. Of calls from several threads one
/// waits for the other, as the plugin is promised.
class InProcessDelivery {
 public:
  /// Takes an instance that was checked, activates it and finds its extension. nullopt: the channel does not
  /// deliver. Error: activating failed, or the extension breaks the rules.
  [[nodiscard]] static Result<std::optional<InProcessDelivery>> make(
      std::unique_ptr<ChannelInstance> instance);

  /// All in one call of the plugin. Every item is settled before it returns.
  void hand_over(std::span<const DeliveryItem> items, deliver::Handover& handover);
  /// One that may leave in any case.
  [[nodiscard]] deliver::DeliveryResult hand_over(const std::string& key, const std::string& document);

  /// Whom to name in messages.
  [[nodiscard]] const std::string& who() const { return instance_->who(); }
  [[nodiscard]] const std::string& channel() const { return instance_->context().channel(); }

 private:
  InProcessDelivery(std::unique_ptr<ChannelInstance> instance, const leadhub_deliver& table)
      : instance_(std::move(instance)), table_(&table) {}

  std::unique_ptr<ChannelInstance> instance_;
  const leadhub_deliver* table_;
  std::unique_ptr<std::mutex> one_at_a_time_ = std::make_unique<std::mutex>();
};

/// The result for one recipient of many, of replies: that one of them is gone is the rejection of what goes
/// to that one.
[[nodiscard]] deliver::DeliveryResult one_of_many(deliver::DeliveryResult result);

}  // namespace leadhub::plugin
