// The edge with a handler that answers at once: what is left of a figure when store and plugins are taken
// away.
//   bench_edge_alone [--threads N]      prints "port N", serves until its standard input ends

#include <charconv>
#include <cstdio>
#include <cstring>

#include "capture/edge_listener.hpp"

namespace {

class AnswerAtOnce final : public leadhub::capture::RequestHandler {
 public:
  std::optional<leadhub::capture::HttpResponse> refuse_early(const leadhub::capture::HttpRequest&) override {
    return std::nullopt;
  }
  void handle(leadhub::capture::HttpRequest request, leadhub::capture::Reply reply) override {
    leadhub::capture::HttpResponse response;
    response.status = request.path.empty() ? 400 : 202;
    reply(std::move(response));
  }
};

/// Whether `argument` is a whole number, which then stands in `number`.
bool is_number(const char* argument, int& number) {
  const char* const end = argument + std::strlen(argument);
  const auto [rest, error] = std::from_chars(argument, end, number);
  return error == std::errc{} && rest == end;
}

}  // namespace

int main(int argc, char** argv) {
  leadhub::capture::EdgeOptions options;
  options.connections_per_address = options.connections_max;
  if (argc != 1 &&
      (argc != 3 || std::strcmp(argv[1], "--threads") != 0 || !is_number(argv[2], options.threads))) {
    std::fprintf(stderr, "usage: bench_edge_alone [--threads N]\n");
    return 64;
  }
  AnswerAtOnce handler;
  const leadhub::SystemClock clock;
  const auto listener = leadhub::capture::EdgeListener::start(options, handler, clock);
  if (!listener) {
    std::fprintf(stderr, "bench_edge_alone: %s\n", listener.error().message.c_str());
    return 1;
  }
  std::printf("port %u\n", unsigned{(*listener)->port()});
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  (*listener)->stop(leadhub::limits::shutdown_deadline);
  const auto statistics = (*listener)->statistics();
  std::printf("requests %llu\n", static_cast<unsigned long long>(statistics.requests));
  return 0;
}
