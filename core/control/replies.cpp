#include "control/replies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "control/http_status.hpp"
#include "lead/lead_json.hpp"
#include "normalise/text.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

std::unexpected<ReplyProblem> problem(int status, std::string detail) {
  return std::unexpected(ReplyProblem{status, std::move(detail)});
}

std::unexpected<ReplyProblem> problem(const Error& error) {
  return problem(http_status_of(error.code), error.message);
}

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= limits::idempotency_key_bytes_max &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

constexpr std::size_t fresh_key_bytes = 16;

}  // namespace

struct Replies::Asked {
  std::string text;
  std::string author;
  std::optional<std::string> channel;
};

std::expected<Replies::Asked, ReplyProblem> Replies::read(std::string_view body) {
  const auto document = ordered_json::parse(body, nullptr, false);
  Asked asked;
  bool has_text = false;
  bool is_good = document.is_object();
  if (is_good)
    for (const auto& [name, value] : document.items()) {
      is_good = is_good && value.is_string() && (name == "text" || name == "channel" || name == "author");
      if (!is_good) break;
      const auto& text = value.get_ref<const std::string&>();
      if (name == "text") asked.text = normalise::clean_text(text);
      if (name == "author") asked.author = normalise::clean_line(text);
      if (name == "channel") asked.channel = text;
      has_text = has_text || name == "text";
    }
  if (!is_good || !has_text)
    return problem(400,
                   "send a JSON object with \"text\" and, where you like, \"channel\" and \"author\", all "
                   "of them texts, and nothing else");
  if (asked.text.empty()) return problem(422, "the text is empty; write something");
  if (asked.text.size() > limits::chat_text_bytes_max)
    return problem(422, "the text has " + std::to_string(asked.text.size()) + " bytes of UTF-8; chats take " +
                            std::to_string(limits::chat_text_bytes_max) + ", so send it in parts");
  if (asked.author.size() > limits::reply_author_bytes_max)
    return problem(422, "the author has more than " + std::to_string(limits::reply_author_bytes_max) +
                            " bytes; give a name");
  return asked;
}

std::expected<ordered_json, ReplyProblem> Replies::answer(const lead::Message& message,
                                                          const std::string& lead_id,
                                                          const Asked& asked) const {
  const bool is_same = message.lead_id == lead_id && message.text == asked.text &&
                       (!asked.channel || *asked.channel == message.channel);
  if (is_same) return lead::message_document(message);
  return problem(409, "this Idempotency-Key came before, with another reply; take a new key for a new reply");
}

std::expected<ordered_json, ReplyProblem> Replies::take(std::string_view reference, std::string_view body,
                                                        const std::optional<std::string>& key) {
  if (key && !is_key(*key))
    return problem(400, "an Idempotency-Key has 1 to " + std::to_string(limits::idempotency_key_bytes_max) +
                            " printable characters of ASCII, a UUID say");
  auto asked = read(body);
  if (!asked) return std::unexpected(asked.error());
  const auto lead_id = queries_.root_of(reference);
  if (!lead_id) return problem(lead_id.error());
  const auto hash = ports_.hash_key(key ? *key : ops::base64url_encode(ops::random_bytes(fresh_key_bytes)));
  if (const auto known = queries_.reply(hash)) return answer(*known, *lead_id, *asked);

  const auto address = queries_.reply_address(*lead_id, ports_.channels(), asked->channel);
  if (!address) return problem(address.error());
  const auto done = ports_.act(
      lead::ReplyInChat{*lead_id, address->channel, address->conversation, asked->text, asked->author, hash});
  if (!done) return problem(done.error());
  if (!*done) return ordered_json{{"status", "pending"}};
  const auto message = queries_.reply(hash);
  if (!message) return problem(message.error());
  return answer(*message, *lead_id, *asked);
}

}  // namespace leadhub::control
