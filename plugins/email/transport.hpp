#pragma once

#include <leadhub/sdk/transport.hpp>

#include <memory>

#include "mail.hpp"
#include "settings.hpp"

namespace leadhub::email {

/// One way out for mails: one file each, transport_<name>.cpp.
class MailTransport {
 public:
  MailTransport() = default;
  MailTransport(const MailTransport&) = delete;
  MailTransport& operator=(const MailTransport&) = delete;
  virtual ~MailTransport() = default;
  /// One call at a time. Throws sdk::ChannelError where nothing was sent.
  virtual sdk::Outcome deliver(const Mail& mail) = 0;
};

/// Each mail is a file <message id>.eml in settings.directory, which is made where it is missing; only its
/// owner can read them. A file is there as a whole or not at all, and on disk when deliver() returns. The
/// same message id is the same file. Throws sdk::ChannelError where the folder can neither be found nor made.
std::unique_ptr<MailTransport> make_maildir_transport(const Settings& settings);

/// The file name's part before ".eml": safe whatever the id holds, never hidden, another one for each id, and
/// short enough for every file system.
std::string file_stem(std::string_view message_id);

}  // namespace leadhub::email
