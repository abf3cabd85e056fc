// What libcurl alone sends to a relay: bench_smtp_alone URL MAILS FILE CONNECTIONS sends the mail in FILE so
// many times, over so many connections at once, and prints mails a second.
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Lane {
  CURL* handle = nullptr;
  const std::string* mail = nullptr;
  std::size_t read = 0;
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* self) {
  auto& lane = *static_cast<Lane*>(self);
  const auto bytes = std::min(size * count, lane.mail->size() - lane.read);
  std::copy_n(lane.mail->data() + lane.read, bytes, buffer);
  lane.read += bytes;
  return bytes;
}

void open_lane(Lane& lane, const char* url, const std::string& mail, curl_slist* recipients) {
  lane.handle = curl_easy_init();
  lane.mail = &mail;
  curl_easy_setopt(lane.handle, CURLOPT_URL, url);
  curl_easy_setopt(lane.handle, CURLOPT_MAIL_FROM, "<news@example.com>");
  curl_easy_setopt(lane.handle, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(lane.handle, CURLOPT_READFUNCTION, &give);
  curl_easy_setopt(lane.handle, CURLOPT_READDATA, static_cast<void*>(&lane));
  curl_easy_setopt(lane.handle, CURLOPT_UPLOAD, 1L);
}

Lane& lane_of(std::vector<Lane>& lanes, const CURL* handle) {
  for (auto& lane : lanes)
    if (lane.handle == handle) return lane;
  return lanes.front();
}

/// How many mails could not be sent.
long send_all(CURLM* multi, std::vector<Lane>& lanes, long mails) {
  long begun = 0;
  long failed = 0;
  const auto begin = [&](Lane& lane) {
    if (begun++ >= mails) return;
    lane.read = 0;
    curl_multi_add_handle(multi, lane.handle);
  };
  for (auto& lane : lanes) begin(lane);
  for (long ended = 0; ended < mails;) {
    int running = 0;
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      failed += message->data.result == CURLE_OK ? 0 : 1;
      ++ended;
      auto& lane = lane_of(lanes, message->easy_handle);
      curl_multi_remove_handle(multi, lane.handle);
      begin(lane);
    }
    if (ended < mails) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  return failed;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fputs("usage: bench_smtp_alone URL MAILS FILE CONNECTIONS\n", stderr);
    return 2;
  }
  const long mails = std::stol(arguments[2]);
  std::ifstream file{arguments[3], std::ios::binary};
  const std::string mail{std::istreambuf_iterator<char>{file}, {}};
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi{curl_multi_init(), &curl_multi_cleanup};
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients{
      curl_slist_append(nullptr, "<ada@example.com>"), &curl_slist_free_all};
  std::vector<Lane> lanes(std::stoul(arguments[4]));
  for (auto& lane : lanes) open_lane(lane, arguments[1], mail, recipients.get());
  const auto started = std::chrono::steady_clock::now();
  const long failed = send_all(multi.get(), lanes, mails);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  for (auto& lane : lanes) curl_easy_cleanup(lane.handle);
  if (failed > 0) std::fprintf(stderr, "%ld mails were not sent\n", failed);
  std::printf("%.0f\n", static_cast<double>(mails) / took.count());
  return failed > 0 ? 1 : 0;
}
