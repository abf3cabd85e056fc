#include <array>

#include "bounce_report.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using Bounce = sdk::Signal::Bounce;

/// What subject and detail of RFC 3463 mean behind a permanent failure (class 5). The first row that fits
/// counts; Bounce::none: the code says nothing of the mailbox, so the words decide.
struct StatusMeaning {
  std::string_view code;  ///< "1.1" or a whole subject: "1."
  Bounce bounce;
};
constexpr std::array status_meanings{
    StatusMeaning{"1.7", Bounce::block},  // the sender's address is malformed
    StatusMeaning{"1.8", Bounce::block},  // the sender's system is bad
    StatusMeaning{"1.", Bounce::hard},    // address
    StatusMeaning{"2.2", Bounce::soft},   // mailbox full
    StatusMeaning{"2.3", Bounce::soft},   // message longer than the mailbox takes
    StatusMeaning{"2.4", Bounce::soft},   // mailing list expansion
    StatusMeaning{"2.0", Bounce::none},   // some trouble of the mailbox
    StatusMeaning{"2.", Bounce::hard},    // mailbox: disabled
    StatusMeaning{"3.", Bounce::none},    // mail system
    StatusMeaning{"4.1", Bounce::hard},   // no answer from host; what Exchange says of an unknown mailbox
    StatusMeaning{"4.4", Bounce::hard},   // the domain takes no mail
    StatusMeaning{"4.", Bounce::none},    // network
    StatusMeaning{"5.", Bounce::none},    // protocol
    StatusMeaning{"6.", Bounce::block},   // content
    StatusMeaning{"7.13", Bounce::hard},  // the recipient's account is disabled (RFC 5248)
    StatusMeaning{"7.", Bounce::block},   // policy
};

constexpr std::array<std::string_view, 9> words_of_full_mailboxes{
    "quota",         "mailbox is full", "mailbox full", "full mailbox",        "mailfolder is full",
    "too much mail", "box space",       "over disk",    "insufficient storage"};
constexpr std::array<std::string_view, 30> words_of_missing_mailboxes{"user unknown",
                                                                      "unknown user",
                                                                      "user not found",
                                                                      "user not known",
                                                                      "unknown or illegal user",
                                                                      "no such user",
                                                                      "no such mailbox",
                                                                      "no such recipient",
                                                                      "no mailbox here",
                                                                      "recipient unknown",
                                                                      "unknown recipient",
                                                                      "unknown local",
                                                                      "addressee unknown",
                                                                      "unknown address",
                                                                      "invalid mailbox",
                                                                      "invalid recipient",
                                                                      "not listed in",
                                                                      "does not exist",
                                                                      "doesn't exist",
                                                                      "n'existe pas",
                                                                      "unbekannt",
                                                                      "account has been disabled",
                                                                      "not a valid user",
                                                                      "doesn't have a",
                                                                      "no longer valid",
                                                                      "not recognized",
                                                                      "mailbox unavailable",
                                                                      "invalid final delivery userid",
                                                                      "unknown host",
                                                                      "user by that name"};
constexpr std::array<std::string_view, 9> words_of_refusals{
    "spam",       "blocked",       "blacklist",
    "block list", "blocklist",     "unsolicited",
    "policy",     "access denied", "not accepting mail from"};

Bounce class_of_words(std::string_view reason) {
  const std::string text = lower_case(reason);
  if (contains_any(text, words_of_full_mailboxes)) return Bounce::soft;
  if (contains_any(text, words_of_missing_mailboxes)) return Bounce::hard;
  return contains_any(text, words_of_refusals) ? Bounce::block : Bounce::soft;
}

}  // namespace

Bounce bounce_class(std::string_view status, std::string_view reason) {
  if (status.starts_with('4')) return Bounce::soft;
  if (status.starts_with("5.") && status != "5.0.0") {
    const std::string_view code = status.substr(2);
    for (const StatusMeaning& meaning : status_meanings)
      if (code == meaning.code || (meaning.code.ends_with('.') && code.starts_with(meaning.code)))
        return meaning.bounce == Bounce::none ? class_of_words(reason) : meaning.bounce;
  }
  return class_of_words(reason);
}

}  // namespace leadhub::mailbox
