#pragma once

#include <chrono>
#include <string>

namespace leadhub::deliver {

/// What became of a mail, a chat reply or a lead. Exactly one of these after each call.
enum class Delivery {
  sent = 1,  ///< the other side has it and answers for it
  retry,     ///< it does not have it, and may take it later
  rejected,  ///< it does not have it, and will never take this one
  unknown,   ///< it may have it or not, and nobody can tell: repeating it may send it twice
  gone,      ///< it does not have it, and nothing shall go there again. Of a lead: the destination asks for
             ///< that (410). Of a mail: the recipient's mailbox or domain does not exist (a hard bounce)
  untried,   ///< nothing was sent and nothing is wrong with it: no time was left, or its turn comes later. No
             ///< attempt
};

struct DeliveryResult {
  Delivery outcome = Delivery::unknown;
  std::string
      detail;  ///< why, and how to mend it: for logs and screens, without personal data; empty if sent
  std::chrono::milliseconds retry_after{
      0};  ///< for retry and untried: not earlier than this from now; 0: as you see fit
};

}  // namespace leadhub::deliver
