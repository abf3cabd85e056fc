#pragma once

#include <array>
#include <string_view>

namespace leadhub::lead {

/// The event types that all channels share. Beside them stand the vendors' own, x.<vendor>.<name>.
inline constexpr std::array<std::string_view, 20> shared_event_types{"form.submitted",
                                                                     "demo.requested",
                                                                     "account.registered",
                                                                     "content.downloaded",
                                                                     "questionnaire.completed",
                                                                     "page.viewed",
                                                                     "product.liked",
                                                                     "cart.updated",
                                                                     "purchase.completed",
                                                                     "newsletter.requested",
                                                                     "newsletter.subscribed",
                                                                     "newsletter.unsubscribed",
                                                                     "chat.started",
                                                                     "chat.message",
                                                                     "email.delivered",
                                                                     "email.opened",
                                                                     "email.clicked",
                                                                     "email.bounced",
                                                                     "email.complained",
                                                                     "email.unsubscribed"};

}  // namespace leadhub::lead
