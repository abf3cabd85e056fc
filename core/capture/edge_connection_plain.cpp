#include "capture/edge_connection.hpp"

namespace leadhub::capture {

void serve_plain(EdgeContext& context, AcceptedConnection accepted) {
  const auto protocol = accepted.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  const int file_descriptor = accepted.file_descriptor;
  Connection<Socket>::start(std::make_unique<Connection<Socket>>(
      context, std::move(accepted), Socket{context.io().get_executor(), protocol, file_descriptor}));
}

}  // namespace leadhub::capture
