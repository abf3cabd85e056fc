#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/rehearsal.hpp"
#include "app/simulation.hpp"
#include "lead/lead_json.hpp"

namespace leadhub::app {

/// Tells what has happened to a lead by how it was and how it is. Pure.
class LeadWatch {
 public:
  /// `held`: why messages that are due may stay, in words; empty: nothing keeps them.
  LeadWatch(lead::LeadRecord before, TimePoint now, std::string time_zone, std::string held);

  /// What is otherwise than when this was asked last. `mails`: all that have left so far.
  [[nodiscard]] std::vector<SimulatedStep> look(lead::LeadRecord record, TimePoint now,
                                                std::span<const RecordedMail> mails);

  [[nodiscard]] Standing standing() const;
  [[nodiscard]] const lead::LeadRecord& record() const { return before_; }

 private:
  void add(std::string kind, std::string words, std::string why,
           std::vector<std::pair<std::string, std::string>> facts);
  [[nodiscard]] std::string when(TimePoint time) const { return local_words(time, time_zone_); }
  void look_at_qualification(const lead::LeadRecord& record, const nlohmann::ordered_json& summary);
  void look_at_tags(const nlohmann::ordered_json& summary);
  void look_at_attributes(const nlohmann::ordered_json& summary);
  void look_at_owner(const lead::LeadRecord& record);
  void look_at_beginnings(const lead::LeadRecord& record);
  void look_at_messages(const lead::LeadRecord& record, std::span<const RecordedMail> mails);
  void look_at(const lead::Message& message, std::span<const RecordedMail> mails);
  void tell_gone(const lead::Message& message, std::span<const RecordedMail> mails);
  void tell_waiting(const lead::Message& message);
  void look_at_journeys(const lead::LeadRecord& record);
  [[nodiscard]] std::string at_step(const lead::Enrolment& enrolment) const;

  lead::LeadRecord before_;
  nlohmann::ordered_json summary_;  ///< of `before_`, as it was then
  TimePoint now_;
  std::string time_zone_;
  std::string held_;
  std::vector<SimulatedStep> steps_;
};

}  // namespace leadhub::app
