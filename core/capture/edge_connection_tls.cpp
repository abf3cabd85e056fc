#include <utility>

#include <boost/asio/ssl/stream.hpp>

#include "capture/edge_connection.hpp"

namespace leadhub::capture {

void serve_tls(EdgeContext& context, AcceptedConnection accepted) {
  using TlsStream = asio::ssl::stream<Socket>;
  const auto protocol = accepted.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  const int file_descriptor = accepted.file_descriptor;
  const auto certificate = context.shared().tls->current();  // OpenSSL counts the references to it
  Connection<TlsStream>::start(std::make_unique<Connection<TlsStream>>(
      context, std::move(accepted), Socket{context.io().get_executor(), protocol, file_descriptor},
      *certificate));
}

}  // namespace leadhub::capture
