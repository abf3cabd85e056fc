#include "capture/edge_head_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

namespace beast = boost::beast;

/// Beast's parser without its containers: each field goes straight to where it is kept.
class HeadReader final : public beast::http::basic_parser<true> {
 public:
  explicit HeadReader(HttpRequest& request) : request_(request) {
    header_limit(static_cast<std::uint32_t>(limits::request_head_bytes_max));
    body_limit(std::numeric_limits<std::uint64_t>::max());  // the edge has its own, by kind of body
  }

 private:
  using error_code = beast::error_code;
  using string_view = beast::string_view;

  void on_request_impl(beast::http::verb, string_view method, string_view, int, error_code&) override {
    request_.method.assign(method.data(), method.size());
  }

  void on_field_impl(beast::http::field, string_view name, string_view value, error_code&) override {
    HttpHeader& header = request_.headers.emplace_back();
    header.name.resize(name.size());
    for (std::size_t i = 0; i < name.size(); ++i)
      header.name[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
    header.value.assign(value.data(), value.size());
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
};

}  // namespace

bool read_head(std::string_view head, const FramingVerdict& verdict, HttpRequest& request) {
  request.path = verdict.path;
  request.query = verdict.query;
  request.headers.reserve(verdict.header_count);
  HeadReader reader{request};
  beast::error_code error;
  reader.put(boost::asio::buffer(head.data(), head.size()), error);
  return !error && reader.is_header_done() && request.headers.size() == verdict.header_count;
}

}  // namespace leadhub::capture
