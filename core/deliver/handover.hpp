#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "deliver/delivery_result.hpp"

namespace leadhub::deliver {

/// What the sender does while a batch is handed over. Called on the thread that hands over, during that call,
/// for its mails by their index. Neither call throws.
class Handover {
 public:
  Handover() = default;
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  virtual ~Handover() = default;

  /// The mail is about to leave; from here on nobody can take it back. False: it must not leave any more, and
  /// settles as untried. Called before the mail is settled, not at all for one that never gets so far, and
  /// more than once where the first try ended before a byte of the mail had left.
  [[nodiscard]] virtual bool claim(std::size_t index) = 0;
  /// What became of the mail, exactly once for each.
  virtual void settle(std::size_t index, DeliveryResult result) = 0;
};

/// Of those of a batch that go further, under the indices of the whole.
class HandoverOfSome final : public Handover {
 public:
  /// `whole` outlives it.
  explicit HandoverOfSome(Handover& whole) : whole_(whole) {}

  /// The next one is the one of that index.
  void add(std::size_t index) { indices_.push_back(index); }

  bool claim(std::size_t index) override { return whole_.claim(indices_[index]); }
  void settle(std::size_t index, DeliveryResult result) override {
    whole_.settle(indices_[index], std::move(result));
  }

 private:
  Handover& whole_;
  std::vector<std::size_t> indices_;
};

/// For one thing that may leave in any case.
class OneHandover final : public Handover {
 public:
  bool claim(std::size_t /*index*/) override { return true; }
  void settle(std::size_t /*index*/, DeliveryResult result) override { result_ = std::move(result); }
  [[nodiscard]] DeliveryResult result() && { return std::move(result_); }

 private:
  DeliveryResult result_;
};

}  // namespace leadhub::deliver
