#pragma once

#include <leadhub/sdk/transport.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api_provider.hpp"
#include "dkim.hpp"
#include "mail.hpp"
#include "mail_queue.hpp"
#include "settings.hpp"

namespace leadhub::email {

/// One way out for mails: one file each, transport_<name>.cpp.
class MailTransport {
 public:
  MailTransport() = default;
  MailTransport(const MailTransport&) = delete;
  MailTransport& operator=(const MailTransport&) = delete;
  virtual ~MailTransport() = default;
  /// Takes mails from the queue, claims and settles each. One call at a time.
  virtual void deliver(MailQueue& queue) = 0;
};

/// One that hands over one mail after the other.
class OneByOneTransport : public MailTransport {
 public:
  void deliver(MailQueue& queue) final;
  /// The mail is claimed. Throws sdk::ChannelError where nothing was sent.
  virtual sdk::Outcome deliver(const Mail& mail) = 0;
};

/// What an error says about the mail that it stopped, of which nothing was sent.
sdk::Outcome failure_of(const sdk::ChannelError& error);

/// Each mail is a file <message id>.eml in settings.directory, which is made where it is missing; only its
/// owner can read them. A file is there as a whole or not at all, and on disk when deliver() returns. The
/// same message id is the same file. Throws sdk::ChannelError where the folder can neither be found nor made.
std::unique_ptr<OneByOneTransport> make_maildir_transport(const Settings& settings);

/// Over several connections to settings.smtp.url at once, which stay open for the next call. A connection
/// that dies costs the one mail that it carried.
std::unique_ptr<MailTransport> make_smtp_transport(const Settings& settings, std::string password,
                                                   std::vector<DkimKey> keys);

/// By a provider's API, over the host's HTTP client. Each request is sent once; again at once only where the
/// outcome is unknown and the provider documents that this is safe. `host` is the channel's.
std::unique_ptr<MailTransport> make_api_transport(const sdk::Host& host, const Settings& settings,
                                                  std::unique_ptr<ApiProvider> provider);

/// The file name's part before ".eml": safe whatever the id holds, never hidden, another one for each id, and
/// short enough for every file system.
std::string file_stem(std::string_view message_id);

}  // namespace leadhub::email
