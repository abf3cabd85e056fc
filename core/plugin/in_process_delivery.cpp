#include "plugin/in_process_delivery.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/limits.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::DeliveryResult;

/// What a plugin has said about one item. Of the rules that it broke about it, the first counts.
struct Account {
  bool is_claimed = false;
  std::optional<leadhub_delivery_state> state;
  leadhub_error error = empty_error();
  bool has_error = false;
  std::string_view complaint;
};

/// Takes what a plugin says during one call.
class Ledger {
 public:
  Ledger(std::size_t count, deliver::Handover& handover) : accounts_(count), handover_(handover) {
    sink_.size = sizeof sink_;
    sink_.context = this;
    sink_.result = [](const leadhub_delivery_sink* sink, std::uint32_t index, leadhub_delivery_state state,
                      leadhub_string /*provider_id*/, const leadhub_error* error) noexcept {
      static_cast<Ledger*>(sink->context)->take(index, state, error);
    };
    sink_.claim = [](const leadhub_delivery_sink* sink, std::uint32_t index) noexcept -> std::int32_t {
      return static_cast<Ledger*>(sink->context)->claim(index) ? 1 : 0;
    };
  }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  [[nodiscard]] const leadhub_delivery_sink* sink() const { return &sink_; }
  [[nodiscard]] const std::vector<Account>& accounts() const { return accounts_; }
  /// The first rule broken that concerns every item; empty: none.
  [[nodiscard]] std::string_view complaint() const { return complaint_; }
  [[nodiscard]] bool has_claims() const { return std::ranges::any_of(accounts_, &Account::is_claimed); }

 private:
  void take(std::uint32_t index, leadhub_delivery_state state, const leadhub_error* error) noexcept {
    if (index >= accounts_.size())
      return complain(complaint_, "gave the result of an item that there is not");
    Account& account = accounts_[index];
    const bool needs_error = state == LEADHUB_DELIVERY_FAILED || state == LEADHUB_DELIVERY_UNKNOWN;
    const bool may_have_error = needs_error || (state == LEADHUB_DELIVERY_UNTRIED && error != nullptr);
    if (account.state)
      complain(account.complaint, "gave two results for one delivery");
    else if (state < LEADHUB_DELIVERY_DONE || state > LEADHUB_DELIVERY_UNTRIED)
      complain(account.complaint, "gave a result whose state abi.h does not know");
    else if (may_have_error && (error == nullptr || error->size != sizeof(leadhub_error)))
      complain(account.complaint, "gave a failure whose error is a null pointer or of a wrong size");
    else if (may_have_error)
      account.error = *error;
    account.has_error = may_have_error;
    account.state = state;
  }

  /// From the first broken rule on nothing leaves any more.
  bool claim(std::uint32_t index) noexcept {
    if (index >= accounts_.size()) {
      complain(complaint_, "claimed an item that there is not");
      return false;
    }
    Account& account = accounts_[index];
    if (account.state) complain(account.complaint, "claimed a delivery after its result");
    if (!account.complaint.empty() || !complaint_.empty()) return false;
    const bool may_leave = handover_.claim(index);
    account.is_claimed = account.is_claimed || may_leave;
    return may_leave;
  }

  static void complain(std::string_view& place, std::string_view what) {
    if (place.empty()) place = what;
  }

  leadhub_delivery_sink sink_{};
  std::vector<Account> accounts_;
  std::string_view complaint_;
  deliver::Handover& handover_;
};

Delivery outcome_of(leadhub_retry_class retry_class) {
  if (may_be_tried_later(retry_class)) return Delivery::retry;
  switch (retry_class) {
    case LEADHUB_RETRY_NONE:
    case LEADHUB_RETRY_PERMANENT:
      return Delivery::rejected;
    default:
      return Delivery::unknown;
  }
}

std::chrono::milliseconds wait_of(const leadhub_error& error) {
  return std::clamp(std::chrono::milliseconds{error.retry_after_ms}, std::chrono::milliseconds{0},
                    limits::delivery_retry_after_max);
}

/// A failure in the plugin's own words.
DeliveryResult failure(const ChannelInstance& instance, const leadhub_error& error) {
  DeliveryResult result{
      outcome_of(error.retry_class), instance.who() + ": " + instance.reported(error).message, {}};
  const bool is_gone = error.retry_class == LEADHUB_RETRY_PERMANENT && error.code == LEADHUB_ERROR_NOT_FOUND;
  if (is_gone) result.outcome = Delivery::gone;
  if (result.outcome == Delivery::unknown)
    result.detail = misbehaviour(instance.who(), "gave the unknown retry class " +
                                                     std::to_string(error.retry_class) + " with a failure")
                        .message;
  if (result.outcome == Delivery::retry) result.retry_after = wait_of(error);
  return result;
}

/// What a result with a state means.
DeliveryResult stated(const ChannelInstance& instance, const Account& account) {
  const std::string& who = instance.who();
  switch (*account.state) {
    case LEADHUB_DELIVERY_DONE:
      return {Delivery::sent, {}, {}};
    case LEADHUB_DELIVERY_FAILED:
      return failure(instance, account.error);
    case LEADHUB_DELIVERY_UNTRIED:
      if (!account.has_error) return {Delivery::untried, who + ": it was not tried before the deadline", {}};
      return {Delivery::untried, who + ": " + instance.reported(account.error).message,
              wait_of(account.error)};
    default:
      return {Delivery::unknown, who + ": " + instance.reported(account.error).message, {}};
  }
}

/// How the call of a batch ended.
struct Ending {
  std::string broken;                   ///< the rule that it broke for all items, in words; empty: none
  std::optional<leadhub_error> failed;  ///< LEADHUB_STATUS_ERROR
};

DeliveryResult judge(const ChannelInstance& instance, const Ledger& ledger, const Account& account,
                     const Ending& ending) {
  const auto lost = [&](std::string detail) -> DeliveryResult {
    const bool may_have_left = account.is_claimed || account.state || !ledger.has_claims();
    return {may_have_left ? Delivery::unknown : Delivery::untried, std::move(detail), {}};
  };
  const auto broke = [&](std::string_view rule) { return misbehaviour(instance.who(), rule).message; };
  if (!ending.broken.empty()) return lost(ending.broken);
  if (!ledger.complaint().empty()) return lost(broke(ledger.complaint()));
  if (!account.complaint.empty()) return lost(broke(account.complaint));
  if (account.state) return stated(instance, account);
  if (!ending.failed) return lost(broke("gave no result for a delivery"));
  if (account.is_claimed) return lost(broke("claimed a delivery and failed without a result for it"));
  return failure(instance, *ending.failed);
}

}  // namespace

Result<std::optional<InProcessDelivery>> InProcessDelivery::make(std::unique_ptr<ChannelInstance> instance) {
  if (auto active = instance->activate(); !active) return std::unexpected(active.error());
  const auto table = instance->deliver();
  if (!table) return std::unexpected(table.error());
  if (*table == nullptr) return std::nullopt;
  return InProcessDelivery{std::move(instance), **table};
}

void InProcessDelivery::hand_over(std::span<const DeliveryItem> items, deliver::Handover& handover) {
  const std::scoped_lock lock{*one_at_a_time_};
  const std::string& who = instance_->who();
  std::vector<leadhub_delivery> deliveries;
  deliveries.reserve(items.size());
  for (const auto& [key, document] : items)
    deliveries.push_back(
        {sizeof(leadhub_delivery), 0, {key.data(), key.size()}, {document.data(), document.size()}, {}});

  const TimePoint deadline = instance_->context().services().clock.now() + limits::delivery_deadline;
  Ledger ledger{items.size(), handover};
  auto error = empty_error();
  const WorkerCall worker;
  const auto status = call_plugin(who, "deliver", [&] {
    return table_->deliver(instance_->channel(), deliveries.data(),
                           static_cast<std::uint32_t>(deliveries.size()), to_milliseconds(deadline),
                           ledger.sink(), &error);
  });
  Ending ending;
  if (!status)
    ending.broken = status.error().message;
  else if (*status == LEADHUB_STATUS_ERROR)
    ending.failed = error;
  else if (*status != LEADHUB_STATUS_OK)
    ending.broken =
        misbehaviour(who, "returned the unknown status " + std::to_string(*status) + " from deliver").message;
  for (std::size_t i = 0; i < items.size(); ++i)
    handover.settle(i, judge(*instance_, ledger, ledger.accounts()[i], ending));
}

DeliveryResult InProcessDelivery::hand_over(const std::string& key, const std::string& document) {
  const DeliveryItem item{key, document};
  deliver::OneHandover handover;
  hand_over(std::span{&item, 1}, handover);
  return std::move(handover).result();
}

DeliveryResult one_of_many(DeliveryResult result) {
  if (result.outcome == Delivery::gone) result.outcome = Delivery::rejected;
  return result;
}

}  // namespace leadhub::plugin
