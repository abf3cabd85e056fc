// Whatever the bytes: no link opens that the hub did not sign, what it signed opens to what was signed and
// for its purpose alone, and what stands in a genuine link is read without harm.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "capture/opt_in_token.hpp"
#include "capture/preference_token.hpp"
#include "capture/tracking_token.hpp"

using namespace leadhub;

namespace {

const ops::KeyRing& keys() {
  static const auto ring = [] {
    const auto file = std::filesystem::temp_directory_path() / ("fuzz_token." + std::to_string(::getpid()));
    auto made = ops::KeyRing::open(file);
    std::filesystem::remove(file);
    if (!made) std::abort();
    return *std::move(made);
  }();
  return ring;
}

bool is_token_text(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") ==
         std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (keys().open_link("confirm/main", text)) std::abort();
  if (capture::opt_in_token(text, keys(), "main")) std::abort();
  if (capture::read_unsubscribe_token(text, keys(), "main")) std::abort();
  if (capture::read_preference_token(text, keys(), "main")) std::abort();
  if (capture::read_click_token(text, keys(), "main")) std::abort();
  if (capture::read_open_token(text, keys(), "main")) std::abort();
  if (capture::can_be_tracked(text)) {
    const std::string message = "0195d3b0-1f00-7000-8000-000000000001";
    const auto token = capture::click_token({message, std::string{text}}, keys(), "main");
    const auto read = capture::read_click_token(token, keys(), "main");
    if (!is_token_text(token) || !read || read->url != text || read->message_id != message) std::abort();
  }
  if (size > 100 || !is_token_text(text)) return 0;

  const auto token = keys().sign_link("confirm/main", text);
  if (!is_token_text(token) || keys().open_link("confirm/main", token) != text) std::abort();
  if (keys().open_link("confirm/other", token)) std::abort();
  const auto read = capture::opt_in_token(token, keys(), "main");
  if (read && capture::opt_in_token(capture::to_token(*read, keys(), "main"), keys(), "main")->expires !=
                  read->expires)
    std::abort();
  const auto click = capture::read_click_token(keys().sign_link("click/main", text), keys(), "main");
  if (click && !capture::can_be_tracked(click->url)) std::abort();
  for (const auto* purpose : {"unsubscribe/main", "preferences/main"}) {
    const auto other = keys().sign_link(purpose, text);
    const auto unsubscribe = capture::read_unsubscribe_token(other, keys(), "main");
    if (unsubscribe && unsubscribe->lead_id.size() != 36) std::abort();
    const auto lead_id = capture::read_preference_token(other, keys(), "main");
    if (lead_id && *lead_id != text) std::abort();
  }
  return 0;
}
