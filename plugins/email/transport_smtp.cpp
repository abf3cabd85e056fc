#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "limits.hpp"
#include "message.hpp"
#include "smtp_connection.hpp"
#include "transport.hpp"

namespace leadhub::email {
namespace {

/// A connection with the mail that it carries.
struct Lane {
  std::unique_ptr<SmtpConnection> connection;
  std::optional<std::size_t> mail;
};

class SmtpTransport final : public MailTransport {
 public:
  SmtpTransport(const Settings& settings, std::string password, std::vector<DkimKey> keys)
      : settings_(settings), password_(std::move(password)), keys_(std::move(keys)) {}

  void deliver(MailQueue& queue) override {
    try {
      deliver_all(queue);
    } catch (...) {
      lanes_.clear();  // the mails that they carry are this call's, and no other's
      throw;
    }
  }

 private:
  void deliver_all(MailQueue& queue) {
    failure_.reset();
    lanes_max_ = settings_.smtp.connections;
    while (!queue.is_empty() || is_carrying()) {
      if (queue.ms_to_return() <= 0) return give_up(queue);
      const std::int64_t wait_ms = fill_lanes(queue);
      perform();
      if (pump_lanes(queue)) continue;
      if (lanes_.empty() && failure_) queue.settle_rest(*failure_);
      if (!queue.is_empty() || is_carrying()) wait(std::min({wait_ms, queue.ms_to_return(), look_up_ms}));
    }
    std::erase_if(lanes_,
                  [](const Lane& lane) { return lane.connection->state() != SmtpConnection::State::open; });
  }

  [[nodiscard]] bool is_carrying() const {
    return std::ranges::any_of(lanes_, [](const Lane& lane) { return lane.mail.has_value(); });
  }
  [[nodiscard]] std::size_t count_opening() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        lanes_, [](const Lane& lane) { return lane.connection->state() == SmtpConnection::State::opening; }));
  }

  /// Gives a mail to each lane that is ready, and opens lanes for what is left. How long until the next mail
  /// has its turn.
  std::int64_t fill_lanes(MailQueue& queue) {
    std::int64_t wait_ms = look_up_ms;
    std::erase_if(lanes_, [&](Lane& lane) { return !lane.mail && is_spent(*lane.connection); });
    for (Lane& lane : lanes_) {
      while (!lane.mail && lane.connection->state() == SmtpConnection::State::open) {
        const MailQueue::Turn turn = queue.next();
        if (!turn.mail) return turn.wait_ms > 0 ? turn.wait_ms : wait_ms;
        begin(lane, *turn.mail, queue);
      }
    }
    // The first one alone: a wrong password is tried once, not by each of them.
    const bool is_known_good = std::ranges::any_of(
        lanes_, [](const Lane& lane) { return lane.connection->state() == SmtpConnection::State::open; });
    const std::size_t lanes_wanted = is_known_good ? lanes_max_ : std::min<std::size_t>(1, lanes_max_);
    while (lanes_.size() < lanes_wanted && count_opening() < queue.size())
      lanes_.push_back({std::make_unique<SmtpConnection>(multi_, settings_.smtp, password_), std::nullopt});
    return wait_ms;
  }

  /// Whether an idle lane is of no use any more.
  [[nodiscard]] bool is_spent(SmtpConnection& connection) const {
    if (connection.state() == SmtpConnection::State::opening) return false;
    const std::int64_t mails_max = settings_.rates.per_connection;
    return (mails_max > 0 && connection.mails() >= mails_max) || !connection.is_ready();
  }

  /// The lane is still without a mail where that one cannot go.
  void begin(Lane& lane, std::size_t index, MailQueue& queue) {
    const Mail& mail = queue.mail(index);
    const SmtpAbilities& abilities = lane.connection->abilities();
    try {
      const SmtpEnvelope envelope{settings_.smtp.envelope_from, envelope_address(mail.to)};
      if (envelope.recipient.empty())
        return queue.settle(index, sdk::Outcome::rejected("the recipient cannot stand in an envelope"));
      if (needs_smtputf8(envelope) && !abilities.smtputf8)
        return queue.settle(index,
                            sdk::Outcome::rejected("the address is not in ASCII, and the relay knows no "
                                                   "SMTPUTF8"));
      std::string data = as_data(sign(keys_, make_message(settings_.sender, mail), queue.now_ms()));
      if (abilities.message_bytes_max > 0 && data.size() > abilities.message_bytes_max)
        return queue.settle(index, sdk::Outcome::rejected("the mail is larger than the relay takes"));
      if (!queue.claim(index)) return;
      lane.connection->begin(envelope, std::move(data));
      lane.mail = index;
      // At once: nothing shall come between the claim and MAIL FROM, and the relay works while the next mail
      // is made.
      static_cast<void>(lane.connection->pump());
    } catch (const sdk::ChannelError& error) {
      queue.settle(index, failure_of(error));
    }
  }

  /// Lets libcurl go on with the connections that it is opening.
  void perform() {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto lane = std::ranges::find_if(
          lanes_, [&](const Lane& one) { return one.connection->handle() == message->easy_handle; });
      if (lane == lanes_.end()) continue;
      failure_ = lane->connection->opened(message->data.result);
      if (!failure_) continue;
      lanes_.erase(lane);
      lanes_max_ = lanes_.size();  // the relay takes no more, for this call
    }
  }

  /// Whether a lane has become free.
  bool pump_lanes(MailQueue& queue) {
    bool is_one_free = false;
    for (Lane& lane : lanes_) {
      if (!lane.mail || lane.connection->pump() != SmtpConnection::Progress::ended) continue;
      const std::size_t index = *std::exchange(lane.mail, std::nullopt);
      const sdk::Outcome outcome = lane.connection->take_outcome();
      if (lane.connection->ended_stale())
        queue.put_back(index);
      else
        queue.settle(index, outcome);
      is_one_free = true;
    }
    return is_one_free;
  }

  void wait(std::int64_t wait_ms) {
    std::vector<curl_waitfd> sockets;
    for (const Lane& lane : lanes_)
      if (lane.mail)
        sockets.push_back({lane.connection->socket(), wait_events(lane.connection->events()), 0});
    curl_multi_poll(multi_.get(), sockets.data(), static_cast<unsigned>(sockets.size()),
                    static_cast<int>(std::max<std::int64_t>(wait_ms, 1)), nullptr);
  }

  static short wait_events(short events) {
    return static_cast<short>(((events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
                              ((events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0));
  }

  /// The time is over.
  void give_up(MailQueue& queue) {
    for (Lane& lane : lanes_)
      if (lane.mail)
        queue.settle(*std::exchange(lane.mail, std::nullopt),
                     lane.connection->cut("the relay did not answer in time"));
    lanes_.clear();
    queue.settle_rest(sdk::Outcome::untried());
  }

  Settings settings_;
  std::string password_;
  std::vector<DkimKey> keys_;
  CurlMulti multi_;
  std::vector<Lane> lanes_;
  std::size_t lanes_max_ = 1;
  std::optional<sdk::Outcome> failure_;  ///< of the last attempt to open a lane in this call
};

}  // namespace

std::unique_ptr<MailTransport> make_smtp_transport(const Settings& settings, std::string password,
                                                   std::vector<DkimKey> keys) {
  return std::make_unique<SmtpTransport>(settings, std::move(password), std::move(keys));
}

}  // namespace leadhub::email
