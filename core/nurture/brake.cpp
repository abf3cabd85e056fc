#include "nurture/brake.hpp"

#include <fmt/format.h>

namespace leadhub::nurture {
namespace {

std::string words(std::int64_t count, std::string_view what, const MailTally& tally, double limit) {
  return fmt::format("{} of the last {} mails {}, which is more than {:g} %", count, tally.tried, what,
                     limit);
}

}  // namespace

std::optional<std::string> why_to_brake(const Brake& brake, const MailTally& tally) {
  if (tally.tried < brake.from) return std::nullopt;
  const auto share = [&](std::int64_t count) {
    return 100 * static_cast<double>(count) / static_cast<double>(tally.tried);
  };
  if (share(tally.complained) > brake.complaints)
    return words(tally.complained, "were complained about", tally, brake.complaints);
  if (share(tally.bounced) > brake.bounces) return words(tally.bounced, "bounced", tally, brake.bounces);
  return std::nullopt;
}

}  // namespace leadhub::nurture
