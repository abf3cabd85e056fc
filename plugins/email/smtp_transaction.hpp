#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "smtp_reply.hpp"

namespace leadhub::email {

/// What the relay has said that it can do (RFC 5321 section 4.1.1.1).
struct SmtpAbilities {
  bool pipelining = false;            ///< RFC 2920
  bool smtputf8 = false;              ///< RFC 6531
  bool size = false;                  ///< RFC 1870
  std::size_t message_bytes_max = 0;  ///< 0: it has not said
};

/// Learns them from a line of a reply to EHLO. A 220 forgets all: what was said before STARTTLS is not to be
/// trusted.
void learn(SmtpAbilities& abilities, std::string_view line);

struct SmtpEnvelope {
  std::string sender;     ///< without angle brackets; so is the recipient
  std::string recipient;  ///< the only one
};

/// An address as it stands in an envelope: its domain as A-labels. Empty where it cannot stand there: it
/// holds a control character, a blank or an angle bracket, is longer than RFC 5321 section 4.5.3.1.3 allows,
/// or its domain is none.
[[nodiscard]] std::string envelope_address(std::string_view address);
/// Whether the relay must know SMTPUTF8 for it.
[[nodiscard]] bool needs_smtputf8(const SmtpEnvelope& envelope);

/// The mail as DATA takes it: a dot at the start of a line doubled, the line with the one dot at the end.
/// `message`: lines end with CR LF.
[[nodiscard]] std::string as_data(std::string_view message);

/// One mail on a connection that is ready for it, from RSET or MAIL FROM to the reply to the final dot. Pure:
/// whoever has the connection writes output() and feeds what arrives.
class SmtpTransaction {
 public:
  enum class Beginning { fresh = 1, after_failure };  ///< after a failure it begins with RSET

  SmtpTransaction(const SmtpEnvelope& envelope, std::string data, const SmtpAbilities& abilities,
                  Beginning beginning);

  /// What is to be written now; empty: nothing.
  [[nodiscard]] std::string_view output() const;
  void written(std::size_t bytes);
  void received(std::string_view bytes);

  /// What became of the mail; nullopt: it goes on.
  [[nodiscard]] const std::optional<sdk::Outcome>& outcome() const { return outcome_; }
  /// What becomes of it if the connection ends here, for the reason that `why` gives.
  [[nodiscard]] sdk::Outcome outcome_if_cut(const std::string& why) const;
  /// Whether the relay has answered anything about this mail: 421 and the answer to RSET are not.
  [[nodiscard]] bool has_answer() const { return has_answer_; }
  /// Once there is an outcome: whether the connection is good for another mail, and how that one begins. It
  /// is not where the relay refuses RSET, is out of step, or has said more than it was asked.
  [[nodiscard]] bool is_connection_good() const { return is_connection_good_; }
  [[nodiscard]] Beginning next_beginning() const { return next_beginning_; }

 private:
  struct Command {
    SmtpStep step;
    std::string line;
  };
  void give_out_next();
  void take(const SmtpReply& reply);
  void take_last(const SmtpReply& reply);
  void go_on_after(SmtpStep step);
  void end(sdk::Outcome outcome) { outcome_ = std::move(outcome); }

  std::deque<Command> commands_;     ///< not yet given to output_
  std::deque<SmtpStep> unanswered_;  ///< in the order in which replies come
  std::string output_;
  std::size_t written_ = 0;
  std::string data_;
  std::size_t data_written_ = 0;
  bool is_pipelined_;
  bool sends_data_ = false;
  bool has_answer_ = false;
  bool is_connection_good_ = true;
  Beginning next_beginning_ = Beginning::fresh;
  SmtpReplyReader replies_;
  std::optional<sdk::Outcome> failure_;  ///< whose outcome waits for the replies that are still to come
  std::optional<sdk::Outcome> outcome_;
};

}  // namespace leadhub::email
