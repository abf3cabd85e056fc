#pragma once

#include <map>
#include <memory>
#include <string>

#include "lead/broadcast.hpp"
#include "lead/message.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::app {

/// What a sender asks about the broadcasts whose mails it sends, each read once. Used by one thread.
class BroadcastFacts {
 public:
  explicit BroadcastFacts(std::unique_ptr<store::LeadReader> leads) : leads_(std::move(leads)) {}

  /// The subject line of its mail; empty: the template's. Error: `invalid` where the best of several is not
  /// known yet.
  [[nodiscard]] Result<std::string> subject(const lead::Message& message);
  [[nodiscard]] Result<lead::Tracking> tracking(const lead::Message& message);

 private:
  [[nodiscard]] Result<const lead::StoredBroadcast*> find(const std::string& name);

  std::unique_ptr<store::LeadReader> leads_;
  std::map<std::string, lead::StoredBroadcast> known_;
};

}  // namespace leadhub::app
