#pragma once

#include <string>
#include <string_view>

#include "mime_message.hpp"

/// Mails that are no reports: written by a person, or by a program on a person's behalf.
namespace leadhub::mailbox {

enum class Authorship {
  person = 1,
  automatic_answer,  ///< RFC 3834: an absence, a receipt, a ticket
  bulk,              ///< lists and newsletters: an answer to nobody
};

/// By Auto-Submitted (RFC 3834), the headers that were used before it, an empty return path, and, because
/// many absences have none of these, the words that subjects of such answers begin with.
[[nodiscard]] Authorship authorship_of(const Message& message);

/// Whether it says which mail it answers, in In-Reply-To or References (RFC 5322 section 3.6.4).
[[nodiscard]] bool is_answer(const Message& message);

/// The id of the mail that it answers, without brackets; empty: it names none.
[[nodiscard]] std::string answered_message_id(const Message& message);

/// What the writer wrote: the first plain text, else the words of the HTML, without what is quoted below it,
/// in at most limits::reply_bytes_max. Quoted is what follows the first line of the form "... wrote:" with a
/// quoted line under it, a separator such as "-----Original Message-----" or the signature's "-- ", and what
/// begins with ">". An answer that would be empty so is given whole.
[[nodiscard]] std::string reply_text(const Message& message);

}  // namespace leadhub::mailbox
