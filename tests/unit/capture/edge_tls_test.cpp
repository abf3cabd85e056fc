#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "edge_client.hpp"

namespace leadhub::capture::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A folder with a certificate and its key, made by the openssl program.
class CertificateFolder {
 public:
  CertificateFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "leadhub-edge-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    folder_ = path;
    make("first");
  }
  ~CertificateFolder() { std::filesystem::remove_all(folder_); }

  /// A new pair in the place of the old.
  void make(const std::string& name) {
    const auto made = folder_ / ("key-" + name);
    const auto command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + made.string() + " -out " + made.string() + ".crt 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error{"openssl failed"};
    std::filesystem::rename(made, key());
    std::filesystem::rename(made.string() + ".crt", certificate());
  }

  [[nodiscard]] std::string certificate() const { return folder_ / "certificate.pem"; }
  [[nodiscard]] std::string key() const { return folder_ / "key.pem"; }
  [[nodiscard]] EdgeOptions options() const {
    EdgeOptions options;
    options.tls = EdgeTls{.certificate_file = certificate(), .key_file = key(), .poll = 20ms};
    return options;
  }

 private:
  std::filesystem::path folder_;
};

/// A TLS client that trusts anybody: which certificate came is what the tests look at.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int version_max = TLS1_3_VERSION)
      : client_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, version_max);
    SSL_CTX_set_security_level(context_, 0);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, client_.descriptor());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ERR_clear_error();
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] std::string certificate_name() const {
    X509* const certificate = SSL_get1_peer_certificate(ssl_);
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
  }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  /// Reads until `size` bytes are there or the peer closes.
  std::string read(std::size_t size) {
    std::string input;
    char bytes[16'384];
    while (input.size() < size) {
      const int got = SSL_read(ssl_, bytes, sizeof bytes);
      if (got <= 0) break;
      input.append(bytes, static_cast<std::size_t>(got));
    }
    ended_cleanly_ = (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
    return input;
  }
  [[nodiscard]] bool ended_cleanly() const { return ended_cleanly_; }

 private:
  Client client_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool ended_cleanly_ = false;
};

std::string certificate_seen(const Edge& edge) {
  const TlsClient client{edge.port()};
  return client.connected() ? client.certificate_name() : "";
}

TEST(EdgeTls, ServesRequestsOfAnySize) {
  const CertificateFolder folder;
  const Edge edge{folder.options()};
  TlsClient client{edge.port()};
  ASSERT_TRUE(client.connected());
  const std::string body(300'000, 't');
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send(post_request(body)));
    const auto answer = client.read(body.size() + 100);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr(body));
  }
  client.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read(1'000'000), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(client.ended_cleanly()) << "without close_notify an answer might have been cut";
}

TEST(EdgeTls, RefusesOldVersionsAndPlainText) {
  const CertificateFolder folder;
  const Edge edge{folder.options()};
  EXPECT_FALSE(TlsClient(edge.port(), TLS1_1_VERSION).connected());
  EXPECT_TRUE(TlsClient(edge.port(), TLS1_2_VERSION).connected());
  auto plain = edge.client();
  plain.send(get_request);
  EXPECT_EQ(plain.rest().find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(certificate_seen(edge), "first");
}

TEST(EdgeTls, EndsAHandshakeThatDrips) {
  const CertificateFolder folder;
  auto options = folder.options();
  options.deadlines.request = 150ms;
  const Edge edge{options};
  auto client = edge.client();
  client.send("\x16\x03\x01");
  EXPECT_TRUE(client.closes());
  EXPECT_EQ(edge.listener->statistics().refused(EdgeRefusal::timed_out), 1U);
}

TEST(EdgeTls, ARequestThatDripsIsTold) {
  const CertificateFolder folder;
  auto options = folder.options();
  options.deadlines.request = 300ms;
  const Edge edge{options};
  TlsClient client{edge.port()};
  ASSERT_TRUE(client.send("GET /a"));
  EXPECT_THAT(client.read(1'000'000), StartsWith("HTTP/1.1 408 "));
}

TEST(EdgeTls, TakesANewCertificateAndKeepsTheOldOverABrokenOne) {
  CertificateFolder folder;
  const Edge edge{folder.options()};
  EXPECT_EQ(certificate_seen(edge), "first");
  TlsClient old_connection{edge.port()};
  folder.make("second");
  EXPECT_TRUE(Edge::eventually([&] { return certificate_seen(edge) == "second"; }));
  old_connection.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(old_connection.read(1'000'000), StartsWith("HTTP/1.1 200 "))
      << "a connection keeps what it began with";

  std::ofstream{folder.certificate()} << "no certificate";
  ::usleep(200'000);
  EXPECT_EQ(certificate_seen(edge), "second");
  folder.make("third");
  EXPECT_TRUE(Edge::eventually([&] { return certificate_seen(edge) == "third"; }));
}

TEST(EdgeTls, DoesNotStartWithoutAFittingPair) {
  const CertificateFolder folder;
  const CertificateFolder other;
  TestHandler handler;
  const SystemClock clock;
  const auto error_of = [&](const std::string& certificate, const std::string& key) {
    EdgeOptions options;
    options.tls = EdgeTls{.certificate_file = certificate, .key_file = key};
    const auto started = EdgeListener::start(options, handler, clock);
    return started ? "started" : started.error().message;
  };
  EXPECT_THAT(error_of("/nowhere.pem", folder.key()), HasSubstr("certificate file '/nowhere.pem'"));
  EXPECT_THAT(error_of(folder.certificate(), folder.certificate()), HasSubstr("the key file '"));
  EXPECT_THAT(error_of(folder.certificate(), other.key()), HasSubstr("key"));
}

TEST(EdgeTls, StopsGracefully) {
  const CertificateFolder folder;
  auto options = folder.options();
  options.deadlines.linger = 200ms;
  Edge edge{options};
  const TlsClient idle{edge.port()};
  TlsClient busy{edge.port()};
  HeldReplies& held = edge.handler.hold_replies();
  busy.send(get_request);
  ASSERT_TRUE(edge.handler.wait_for(1));
  std::jthread stopper{[&] { edge.listener->stop(5s); }};
  for (Reply& reply : held.take()) reply(response_of(200));
  EXPECT_THAT(busy.read(1'000'000), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace leadhub::capture::testing
