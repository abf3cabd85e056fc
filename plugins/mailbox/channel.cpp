#include <leadhub/sdk/poll.hpp>

#include <algorithm>

#include "cursor.hpp"
#include "imap_connection.hpp"
#include "limits.hpp"
#include "mail_events.hpp"
#include "settings.hpp"

namespace leadhub::mailbox {

/// One mailbox of hub.yaml. A connection lives for one poll.
class MailboxChannel final : public sdk::ConfiguredChannel, public sdk::Poller {
 public:
  MailboxChannel(sdk::Host host, const std::string& /*name*/) : host_(host) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override {
    for (const SettingsProblem& problem : read_settings(config).problems)
      diagnostics.report(problem.pointer, problem.message);
  }

  /// Throws ChannelError for a configuration that check() would complain about, and without the password.
  void activate(std::string_view config) override {
    SettingsReading reading = read_settings(config);
    if (!reading.problems.empty())
      throw sdk::ChannelError(reading.problems.front().pointer + ": " + reading.problems.front().message);
    settings_ = std::move(reading.settings);
    password_ = host_.secret(settings_.password_pointer).value_or("");
    if (password_.empty()) throw sdk::ChannelError("/password: is empty; write ${env:NAME} or ${file:PATH}");
  }

  sdk::PollResult poll(std::string_view cursor_text, std::int64_t deadline_ms) override {
    const std::int64_t budget_ms = deadline_ms - host_.now_ms();
    if (budget_ms < limits::least_time_ms) return {};
    const auto stream = connect(settings_, password_, budget_ms, [this] { return host_.is_stopping(); });
    ImapSession session{*stream};
    Cursor cursor = read_cursor(cursor_text);
    const std::uint32_t uid_validity = session.examine(settings_.folder);
    if (uid_validity != cursor.uid_validity) {
      if (cursor.uid_validity != 0)
        host_.log(sdk::LogLevel::warning,
                  "the folder was made anew on the mail server (its UIDVALIDITY changed); it is read from "
                  "its start");
      cursor = {uid_validity, 0};
    }
    return read_messages(session, cursor, session.uids_above(cursor.last_uid), deadline_ms);
  }

 private:
  /// What was read before the connection broke counts: the next poll goes on behind it.
  sdk::PollResult read_messages(ImapSession& session, Cursor cursor, const std::vector<std::uint32_t>& uids,
                                std::int64_t deadline_ms) {
    sdk::PollResult result;
    std::size_t read = 0;
    try {
      for (; read < std::min(uids.size(), limits::messages_a_poll_max); ++read) {
        if (result.events.size() + limits::recipients_max > limits::events_a_poll_max) break;
        if (host_.now_ms() >= deadline_ms || host_.is_stopping()) break;
        take(session.fetch(uids[read], limits::message_bytes_max), result);
        cursor.last_uid = uids[read];
      }
      session.log_out();
    } catch (const sdk::ChannelError& error) {
      if (read == 0 && !uids.empty()) throw;
      host_.log(sdk::LogLevel::warning, error.what());
    }
    result.cursor = to_text(cursor);
    result.wait_ms = read > 0 && read < uids.size() ? 0 : -1;
    return result;
  }

  void take(const std::optional<std::string>& message, sdk::PollResult& result) {
    if (!message) {
      host_.count("messages_not_given");
      host_.log(sdk::LogLevel::warning,
                "the mail server did not give a message that it had listed; it is skipped");
      return;
    }
    const MailReading reading = read_mail(*message, host_.now_ms());
    for (const sdk::LeadEvent& event : reading.events) result.events.push_back(event.to_json());
    host_.count("messages");
    host_.count(counter_of(reading.kind));
  }

  static std::string_view counter_of(MailKind kind) {
    switch (kind) {
      case MailKind::bounce:
        return "bounces";
      case MailKind::delay:
        return "delays";
      case MailKind::complaint:
        return "complaints";
      case MailKind::reply:
        return "replies";
      case MailKind::automatic_answer:
        return "automatic_answers";
      case MailKind::other:
        break;
    }
    return "other_messages";
  }

  sdk::Host host_;
  Settings settings_;
  std::string password_;
};

}  // namespace leadhub::mailbox

LEADHUB_EXPORT_CHANNEL(leadhub::mailbox::MailboxChannel);
