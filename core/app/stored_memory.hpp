#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "ops/clock.hpp"
#include "pipeline/pipeline.hpp"
#include "plugin/channel_memory.hpp"

namespace leadhub::app {

/// What channels remember, in the lead store.
class StoredMemory final : public plugin::ChannelMemory {
 public:
  /// `with_store` runs a task on the thread that may write the lead store. `clock` outlives it.
  StoredMemory(std::function<Result<void>(pipeline::Pipeline::StoreTask)> with_store, const Clock& clock)
      : with_store_(std::move(with_store)), clock_(clock) {}
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& channel,
                                                       const std::string& key) override;
  [[nodiscard]] Result<void> put(const std::string& channel, const std::string& key, const std::string& value,
                                 std::optional<TimePoint> expires) override;
  [[nodiscard]] Result<void> erase(const std::string& channel, const std::string& key) override;

 private:
  std::function<Result<void>(pipeline::Pipeline::StoreTask)> with_store_;
  const Clock& clock_;
};

}  // namespace leadhub::app
