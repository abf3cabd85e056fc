#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/scratch_hub.hpp"
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

/// A scratch hub with senders whose messages reach nobody, and a clock that stands still until it is moved:
/// what tests and simulations are told in. It has keys of its own, so that no link in its mails works
/// anywhere else.
class Rehearsal {
 public:
  /// Puts files into the folder before the hub opens them. Empty: it begins with nothing.
  using Prepare = std::function<Result<void>(const HubFiles& files)>;
  /// Begins at that time. `loaded` outlives it. Error: why no hub can be made of it.
  [[nodiscard]] static Result<std::unique_ptr<Rehearsal>> begin(const LoadedConfig& loaded, TimePoint at,
                                                                const Prepare& prepare = {});
  ~Rehearsal();

  /// A way by which mails leave, for couriers: it takes every mail. It goes with the rehearsal.
  [[nodiscard]] deliver::MailTransport& transport(const std::string& name);
  /// Who takes which messages.
  struct Route {
    std::unique_ptr<deliver::Courier> courier;
    store::MessagesOf messages{};
    /// As of Sender::Ports.
    std::function<TimePoint(const lead::Message&, TimePoint now)> may_leave_at{};
  };
  [[nodiscard]] Result<void> add(Route route);
  /// Takes messages of which nobody reads the words.
  [[nodiscard]] static std::unique_ptr<deliver::Courier> wordless(lead::MessageKind kind);

  /// Does all that is to be done now.
  [[nodiscard]] Result<void> settle();
  /// Goes on until then, at once.
  void set_clock(TimePoint time) { clock_.set(time); }

  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const ops::KeyRing& keys() const { return keys_; }
  [[nodiscard]] ScratchHub& hub() { return *hub_; }
  [[nodiscard]] const ScratchHub& hub() const { return *hub_; }
  [[nodiscard]] store::LeadReader& leads() { return *leads_; }
  /// When a message of one of the routes, or a lead, is due by itself.
  [[nodiscard]] Result<std::optional<TimePoint>> next_due();
  /// What has gone, in order.
  [[nodiscard]] const std::vector<RecordedMail>& mails() const { return mails_; }

 private:
  Rehearsal(const LoadedConfig& loaded, ScratchFolder folder, ops::KeyRing keys, TimePoint at);
  [[nodiscard]] Result<void> open(const Prepare& prepare);
  void record(const lead::Message& message);
  /// Says that the domains of new addresses take mail.
  [[nodiscard]] Result<void> vouch_for_domains();

  const LoadedConfig& loaded_;
  ScratchFolder folder_;  ///< goes last
  ops::KeyRing keys_;
  ManualClock clock_;
  std::vector<RecordedMail> mails_;
  std::unique_ptr<ScratchHub> hub_;
  std::unique_ptr<store::LeadReader> leads_;
  class EveryMail;
  std::vector<std::unique_ptr<EveryMail>> transports_;
  /// What one kind of message is sent by.
  struct SendingRoute {
    std::unique_ptr<deliver::Courier> courier;
    std::unique_ptr<deliver::Courier> recorder;
    std::unique_ptr<deliver::Sender> sender;
  };
  std::vector<SendingRoute> routes_;
};

}  // namespace leadhub::app
