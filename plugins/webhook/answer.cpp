#include "answer.hpp"

namespace leadhub::webhook {
namespace {

std::string sentence(const sdk::HttpResponse& response, std::string_view who, std::string_view words) {
  std::string text = std::string(who) + " answered " + std::to_string(response.status);
  return words.empty() ? text : text + " (" + std::string(words) + ")";
}

}  // namespace

sdk::Outcome refusal(const sdk::HttpResponse& response, Refusals refusals, std::string_view who,
                     std::string_view words, std::int64_t now_ms) {
  const std::string said = sentence(response, who, words);
  const int status = response.status;
  if (status == 410)
    return sdk::Outcome::gone("gone: " + said +
                              ": nothing is wanted there any more; mend url or take the destination out");
  if (status > 300 && status < 400)
    return sdk::Outcome::later(said +
                               ", which redirects to another address and is not followed; put the final "
                               "address into url");
  const sdk::RetryClass retry_class = sdk::retry_class_of(status);
  if (retry_class == sdk::RetryClass::auth)
    return sdk::Outcome::later(said + "; see that token, secret and rights are still good", retry_class);
  if (retry_class == sdk::RetryClass::permanent)
    return refusals == Refusals::stay ? sdk::Outcome::rejected(said) : sdk::Outcome::later(said);
  return sdk::Outcome::later(said, retry_class, sdk::retry_after_ms(response, now_ms));
}

sdk::Outcome no_answer(const sdk::NoAnswerError& error) {
  const bool is_refused = error.code() == LEADHUB_ERROR_DENIED;
  if (!is_refused) return sdk::Outcome::later(error.what());
  return sdk::Outcome::later("url: " + std::string(error.what()), sdk::RetryClass::auth);
}

}  // namespace leadhub::webhook
