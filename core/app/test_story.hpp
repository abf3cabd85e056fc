#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/scratch_hub.hpp"
#include "capture/opt_in_pages.hpp"
#include "deliver/courier.hpp"
#include "deliver/sender.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"

namespace leadhub::app {

/// A mail that somebody would have got.
struct RecordedMail {
  std::string
      template_name;  ///< as hub.yaml names it; "confirm" where the mail that asks to confirm has none
  lead::Message message;
  std::string subject{};  ///< as it read; empty where there are no templates to read
  std::string text{};     ///< its text part
};

/// One test's own world: a scratch hub whose clock stands still until the story goes on. What becomes due
/// meanwhile happens at its own time.
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

  [[nodiscard]] TimePoint now() const { return clock_.now(); }

  /// The lead document, as it is now: of whoever has this address, else of the first lead. nullopt: there is
  /// none.
  [[nodiscard]] Result<std::optional<nlohmann::ordered_json>> lead(const std::string& email);
  /// Where all this happens, for whoever wants to look at its stores.
  [[nodiscard]] const ScratchHub& hub() const { return *hub_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  /// The mails that went to the lead of that document, in order.
  [[nodiscard]] std::vector<RecordedMail> mails_to(const nlohmann::ordered_json& lead) const;

 private:
  Story(const LoadedConfig& loaded, ScratchFolder folder, ops::KeyRing keys, TimePoint at);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> make_senders();
  [[nodiscard]] Result<void> add_sender(std::unique_ptr<deliver::Courier> courier);
  // One for each kind of line.
  [[nodiscard]] Result<void> post(const nlohmann::ordered_json& line);
  [[nodiscard]] Result<void> event(const nlohmann::ordered_json& line);
  [[nodiscard]] Result<void> confirm(const nlohmann::ordered_json& line);

  [[nodiscard]] Result<void> log(store::DraftEntry draft, const std::vector<std::string>& events);
  /// Does all that is to be done now.
  [[nodiscard]] Result<void> settle();
  /// Says that the domains of new addresses take mail.
  [[nodiscard]] Result<void> vouch_for_domains();
  /// When something happens by itself.
  [[nodiscard]] Result<std::optional<TimePoint>> next_due();

  const LoadedConfig& loaded_;
  ScratchFolder folder_;  ///< goes last
  ops::KeyRing keys_;
  ManualClock clock_;
  std::vector<RecordedMail> mails_;
  std::unique_ptr<ScratchHub> hub_;
  std::unique_ptr<store::LeadReader> leads_;
  std::unique_ptr<capture::OptInPages> opt_in_pages_;
  class EveryMail;
  std::unique_ptr<EveryMail> transport_;
  /// What one kind of mail is sent by.
  struct Route {
    std::unique_ptr<deliver::Courier> courier;
    std::unique_ptr<deliver::Courier> recorder;
    std::unique_ptr<deliver::Sender> sender;
  };
  std::vector<Route> routes_;
};

}  // namespace leadhub::app
