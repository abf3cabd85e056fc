#include <algorithm>
#include <utility>

#include "api_provider.hpp"
#include "limits.hpp"
#include "message.hpp"
#include "transport.hpp"

namespace leadhub::email {
namespace {

class ApiTransport final : public MailTransport {
 public:
  ApiTransport(const sdk::Host& host, const Settings& settings, std::unique_ptr<ApiProvider> provider)
      : host_(host), settings_(settings), provider_(std::move(provider)) {}

  void deliver(MailQueue& queue) override {
    while (auto first = queue.wait_for_next()) {
      std::vector<std::size_t> batch;
      std::size_t bytes = 0;
      for (auto index = first; index; index = room_for_more(batch, bytes) ? queue.next().mail : std::nullopt)
        if (is_fit(*index, queue)) {
          batch.push_back(*index);
          bytes += queue.mail(*index).text.size() + queue.mail(*index).html.size();
        }
      if (!batch.empty()) send(batch, queue);
    }
  }

 private:
  [[nodiscard]] bool room_for_more(const std::vector<std::size_t>& batch, std::size_t bytes) const {
    return batch.size() < provider_->batch_max() && bytes < api_batch_bytes_max;
  }

  /// What no mail can be made of is no provider's to refuse: the same rules by every transport.
  bool is_fit(std::size_t index, MailQueue& queue) {
    try {
      (void)make_message(settings_.sender, queue.mail(index));
      return true;
    } catch (const sdk::ChannelError& error) {
      queue.settle(index, failure_of(error));
      return false;
    }
  }

  void send(std::vector<std::size_t> batch, MailQueue& queue) {
    std::erase_if(batch, [&](std::size_t index) { return !queue.claim(index); });
    if (batch.empty()) return;
    std::vector<const Mail*> mails;
    mails.reserve(batch.size());
    for (const std::size_t index : batch) mails.push_back(&queue.mail(index));
    std::vector<sdk::Outcome> outcomes;
    try {
      outcomes = exchange(provider_->request(mails, host_.now_ms()), batch.size(), queue);
    } catch (const sdk::ChannelError& error) {
      outcomes.assign(batch.size(), failure_of(error));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) queue.settle(batch[i], outcomes[i]);
  }

  std::vector<sdk::Outcome> exchange(const sdk::OutboundRequest& request, std::size_t count,
                                     MailQueue& queue) {
    auto outcomes = try_once(request, count, queue);
    const bool is_known = outcomes.front().state != LEADHUB_DELIVERY_UNKNOWN;
    if (is_known || provider_->repetition() == ApiProvider::Repetition::unsafe || queue.ms_to_return() <= 0)
      return outcomes;
    // Under its key it is the same request, so a yes is a yes; a no may be about the repetition.
    auto again = try_once(request, count, queue);
    return again.front().state == LEADHUB_DELIVERY_DONE ? again : outcomes;
  }

  std::vector<sdk::Outcome> try_once(const sdk::OutboundRequest& request, std::size_t count,
                                     MailQueue& queue) {
    try {
      const auto response = sdk::send(host_, request, host_.now_ms() + queue.ms_to_return());
      if (response.status >= 200 && response.status < 300) {
        auto outcomes = provider_->read(response, count);
        outcomes.resize(count, not_understood(*provider_));
        return outcomes;
      }
      return std::vector<sdk::Outcome>(count, provider_->refusal(response, host_.now_ms()));
    } catch (const sdk::NoAnswerError& error) {
      return std::vector<sdk::Outcome>(count, no_answer(error));
    }
  }

  [[nodiscard]] sdk::Outcome no_answer(const sdk::NoAnswerError& error) const {
    const std::string what = provider_->name() + ": " + error.what();
    if (error.may_have_happened()) return sdk::Outcome::unknown(what);
    const bool is_refused = error.code() == LEADHUB_ERROR_DENIED;
    return sdk::Outcome::later(what, is_refused ? sdk::RetryClass::auth : sdk::RetryClass::transient);
  }

  sdk::Host host_;
  Settings settings_;
  std::unique_ptr<ApiProvider> provider_;
};

}  // namespace

std::unique_ptr<MailTransport> make_api_transport(const sdk::Host& host, const Settings& settings,
                                                  std::unique_ptr<ApiProvider> provider) {
  return std::make_unique<ApiTransport>(host, settings, std::move(provider));
}

}  // namespace leadhub::email
