#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What this plugin needs of IMAP4rev1 (RFC 3501), behind a connection that is logged in. Reads only: EXAMINE
/// and BODY.PEEK change no flag of any message.
///
/// Why not libcurl's own fetching: it selects the mailbox for writing, marks what it fetches as read, and
/// hands a message over line by line together with the protocol's lines, so that a message could pretend to
/// be an answer of the server. Here a literal is read by its size, whatever is in it.
namespace leadhub::mailbox {

/// A connection as bytes. Both calls block until there is progress and throw sdk::ChannelError (transient)
/// where the connection ends or the deadline passes.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;
  /// Some bytes, at least one.
  virtual std::string read_some() = 0;
  virtual void write(std::string_view bytes) = 0;
};

class ImapSession {
 public:
  explicit ImapSession(ByteStream& stream) : stream_(stream) {}

  /// Opens a folder for reading; its UIDVALIDITY. Throws sdk::ChannelError: not found, where the server
  /// refuses.
  std::uint32_t examine(std::string_view folder);

  /// The UIDs above `last`, ascending.
  std::vector<std::uint32_t> uids_above(std::uint32_t last);

  /// The first `bytes_max` bytes of that message; nullopt: it is gone, or the server will not give it.
  std::optional<std::string> fetch(std::uint32_t uid, std::size_t bytes_max);

  /// Says good-bye and does not wait for an answer.
  void log_out();

 private:
  /// A response with its literals (RFC 3501 section 4.3) taken out of the text.
  struct Response {
    std::string text;
    std::vector<std::string> literals;
  };
  struct Answer {
    std::vector<Response> untagged;
    bool ok = false;
    std::string text;  ///< of the tagged response
  };

  Answer command(const std::string& text);
  Response read_response();
  std::string read_line();
  std::string read_bytes(std::size_t count);

  ByteStream& stream_;
  std::string buffer_;
  std::size_t consumed_ = 0;  ///< of buffer_
  int commands_ = 0;
};

}  // namespace leadhub::mailbox
