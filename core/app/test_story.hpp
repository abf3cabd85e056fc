#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/rehearsal.hpp"
#include "capture/opt_in_pages.hpp"
#include "ops/clock.hpp"

namespace leadhub::app {

/// One test's own world: a hub whose clock stands still until the story goes on. What becomes due meanwhile
/// happens at its own time.
class Story {
 public:
  /// Begins at that time, with an empty hub. `loaded` outlives it. Error: why no hub can be made of it.
  [[nodiscard]] static Result<std::unique_ptr<Story>> begin(const LoadedConfig& loaded, TimePoint at);
  ~Story();

  /// One line of `given`: waits for `after`, then does what it says. Error: why that cannot be done, for
  /// whoever wrote the line.
  [[nodiscard]] Result<void> tell(const nlohmann::ordered_json& line);

  /// Somebody of the team does something. Error: it could not be logged.
  [[nodiscard]] Result<void> act(const lead::Action& action);

  /// Lets time pass, and whatever becomes due happen, until then; nothing where that is past.
  [[nodiscard]] Result<void> go_on_until(TimePoint time);

  [[nodiscard]] TimePoint now() const { return rehearsal_->clock().now(); }

  /// The lead document, as it is now: of whoever has this address, else of the first lead. nullopt: there is
  /// none.
  [[nodiscard]] Result<std::optional<nlohmann::ordered_json>> lead(const std::string& email);
  /// Where all this happens, for whoever wants to look at its stores.
  [[nodiscard]] const ScratchHub& hub() const { return rehearsal_->hub(); }
  [[nodiscard]] const Clock& clock() const { return rehearsal_->clock(); }
  /// The mails that went to the lead of that document, in order.
  [[nodiscard]] std::vector<RecordedMail> mails_to(const nlohmann::ordered_json& lead) const;

 private:
  Story(const LoadedConfig& loaded, std::unique_ptr<Rehearsal> rehearsal)
      : loaded_(loaded), rehearsal_(std::move(rehearsal)) {}
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> make_senders();
  // One for each kind of line.
  [[nodiscard]] Result<void> post(const nlohmann::ordered_json& line);
  [[nodiscard]] Result<void> event(const nlohmann::ordered_json& line);
  [[nodiscard]] Result<void> confirm(const nlohmann::ordered_json& line);

  [[nodiscard]] Result<void> log(store::DraftEntry draft, const std::vector<std::string>& events);

  const LoadedConfig& loaded_;
  std::unique_ptr<Rehearsal> rehearsal_;  ///< goes last
  std::unique_ptr<capture::OptInPages> opt_in_pages_;
};

}  // namespace leadhub::app
