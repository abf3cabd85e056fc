#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace leadhub::test {

/// What callbacks brought, and a wait for it.
template <class Value>
class Collected {
 public:
  std::move_only_function<void(Value)> callback() {
    return [state = state_](Value value) {
      const std::lock_guard lock{state->mutex};
      state->values.push_back(std::move(value));
      state->changed.notify_all();
    };
  }

  std::vector<Value> wait_for(std::size_t count) {
    std::unique_lock lock{state_->mutex};
    if (!state_->changed.wait_for(lock, std::chrono::seconds{20},
                                  [&] { return state_->values.size() >= count; }))
      throw std::runtime_error("a callback did not come");
    return state_->values;
  }
  Value wait() { return wait_for(1).front(); }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{state_->mutex};
    return state_->values.size();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Value> values;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace leadhub::test
