#include "capture/edge_tls.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

#include "ops/log.hpp"

namespace leadhub::capture {
namespace {

using SslContext = boost::asio::ssl::context;

Result<std::shared_ptr<SslContext>> read_pair(const EdgeTls& options) {
  boost::system::error_code error;
  auto context = std::make_shared<SslContext>(SslContext::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections then cost half

  context->use_certificate_chain_file(options.certificate_file, error);
  if (error)
    return fail(ErrorCode::invalid, "the certificate file '" + options.certificate_file +
                                        "' cannot be used: " + error.message() +
                                        "; it must be a readable PEM file");
  context->use_private_key_file(options.key_file, SslContext::pem, error);
  if (error)
    return fail(ErrorCode::invalid, "the key file '" + options.key_file +
                                        "' cannot be used: " + error.message() +
                                        "; it must be a readable PEM file, not encrypted, and the key of '" +
                                        options.certificate_file + "'");
  if (SSL_CTX_check_private_key(native) != 1)
    return fail(ErrorCode::invalid,
                "the key in '" + options.key_file + "' is not the key of '" + options.certificate_file + "'");
  return context;
}

}  // namespace

TlsCertificate::~TlsCertificate() = default;

Result<std::unique_ptr<TlsCertificate>> TlsCertificate::load(EdgeTls options) {
  std::unique_ptr<TlsCertificate> certificate{new TlsCertificate{std::move(options)}};
  certificate->loaded_ = certificate->stamp();
  auto context = read_pair(certificate->options_);
  if (!context) return std::unexpected(std::move(context.error()));
  certificate->current_ = std::move(*context);
  return certificate;
}

std::shared_ptr<SslContext> TlsCertificate::current() const {
  const std::scoped_lock lock{mutex_};
  return current_;
}

TlsCertificate::Stamp TlsCertificate::stamp() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(options_.certificate_file, ignored),
          std::filesystem::last_write_time(options_.key_file, ignored)};
}

void TlsCertificate::refresh(std::chrono::steady_clock::time_point now) {
  const std::unique_lock one_at_a_time{refresh_mutex_, std::try_to_lock};
  if (!one_at_a_time || now - looked_ < options_.poll) return;
  looked_ = now;
  const auto found = stamp();
  if (found == loaded_) return;
  loaded_ = found;
  auto context = read_pair(options_);
  if (!context) {
    log::error("edge", context.error().message + "; the certificate read before stays in use");
    return;
  }
  log::info("edge", "the TLS certificate was read again");
  const std::scoped_lock lock{mutex_};
  current_ = std::move(*context);
}

}  // namespace leadhub::capture
