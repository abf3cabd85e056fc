#include "capture/signal_trust.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

using lead::SignalTrust;

struct Program {
  std::string_view mark;  ///< in the user agent, in lower case
  std::string_view name;
};

/// What looks into links without anybody behind it. Where the marks come from: docs/tracking.md.
constexpr std::array machines{
    // Gateways and what looks after mailboxes.
    Program{"barracuda", "Barracuda"},
    Program{"mimecast", "Mimecast"},
    Program{"proofpoint", "Proofpoint"},
    Program{"urldefense", "Proofpoint"},
    Program{"safelinks", "Microsoft Safe Links"},
    Program{"office existence discovery", "Microsoft Office"},
    Program{"skypeuripreview", "Microsoft Teams"},
    Program{"bingpreview", "Microsoft"},
    Program{"ciscosecureemail", "Cisco Secure Email"},
    Program{"ironport", "Cisco Secure Email"},
    Program{"trendmicro", "Trend Micro"},
    Program{"trend micro", "Trend Micro"},
    Program{"symantec", "Symantec"},
    Program{"messagelabs", "Symantec"},
    Program{"sophos", "Sophos"},
    Program{"fireeye", "Trellix"},
    Program{"trellix", "Trellix"},
    Program{"forcepoint", "Forcepoint"},
    Program{"fortinet", "Fortinet"},
    Program{"fortiguard", "Fortinet"},
    Program{"zscaler", "Zscaler"},
    Program{"hornetsecurity", "Hornetsecurity"},
    Program{"cloudmark", "Cloudmark"},
    Program{"virustotal", "VirusTotal"},
    Program{"urlscan", "urlscan.io"},
    Program{"google-safety", "Google"},
    Program{"googleother", "Google"},
    Program{"google-read-aloud", "Google"},
    // Previews of messengers.
    Program{"facebookexternalhit", "Facebook"},
    Program{"whatsapp/", "WhatsApp"},
    Program{"slack-imgproxy", "Slack"},
    Program{"slackbot", "Slack"},
    // Whatever names itself so. Not "bot" alone: there are telephones of the name Cubot.
    Program{"bot/", "a robot"},
    Program{"bot;", "a robot"},
    Program{"bot)", "a robot"},
    Program{"crawler", "a robot"},
    Program{"spider", "a robot"},
    Program{"scanner", "a scanner"},
    Program{"link check", "a link checker"},
    Program{"linkcheck", "a link checker"},
    Program{"headless", "a browser without a screen"},
    Program{"phantomjs", "a browser without a screen"},
    // Libraries.
    Program{"curl/", "curl"},
    Program{"wget/", "Wget"},
    Program{"python", "a program in Python"},
    Program{"aiohttp", "a program in Python"},
    Program{"go-http-client", "a program in Go"},
    Program{"java/", "a program in Java"},
    Program{"apache-httpclient", "a program in Java"},
    Program{"okhttp", "a program in Java"},
    Program{"libwww-perl", "a program in Perl"},
    Program{"guzzlehttp", "a program in PHP"},
    Program{"node-fetch", "a program in JavaScript"},
    Program{"axios/", "a program in JavaScript"},
    Program{"winhttp", "a program for Windows"},
};

/// What fetches the pictures of a mail in the place of its reader, perhaps before there is one.
constexpr std::array proxies{
    Program{"googleimageproxy", "Gmail"},
    Program{"ggpht.com", "Gmail"},
    Program{"yahoomailproxy", "Yahoo Mail"},
};

/// All that Apple's Mail Privacy Protection says of itself.
constexpr std::string_view apple_proxy = "Mozilla/5.0";

const Program* named_in(std::string_view lower_case_agent, std::span<const Program> programs) {
  const auto found = std::ranges::find_if(programs, [&](const Program& program) {
    return lower_case_agent.find(program.mark) != std::string_view::npos;
  });
  return found == programs.end() ? nullptr : &*found;
}

Judgement scanner(std::string reason) {
  return {SignalTrust::scanner, std::move(reason)};
}
Judgement unknown(std::string reason) {
  return {SignalTrust::unknown, std::move(reason)};
}

std::string in_seconds(std::chrono::milliseconds span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

/// What the request says of whoever sent it.
std::optional<Judgement> by_request(const SignalFacts& facts) {
  if (facts.method == "HEAD") return scanner("asked by HEAD, which shows nobody anything");
  if (facts.is_prefetch) return scanner("a browser fetched it ahead");
  if (facts.user_agent.empty()) return scanner("without a user agent");
  const auto agent = ops::lower_case(facts.user_agent);
  if (const auto* machine = named_in(agent, machines))
    return scanner("the user agent of " + std::string{machine->name});
  if (const auto* proxy = named_in(agent, proxies)) {
    if (facts.kind == SignalKind::click) return scanner("the user agent of " + std::string{proxy->name});
    return unknown(std::string{proxy->name} + " fetches pictures itself, perhaps before anybody looks");
  }
  if (facts.user_agent != apple_proxy) return std::nullopt;
  if (facts.kind == SignalKind::click) return unknown("a user agent that says nothing");
  return scanner("Apple Mail fetches pictures whether anybody looks or not");
}

std::optional<Judgement> by_time(const SignalFacts& facts) {
  if (facts.links_at_once >= limits::signal_links_at_once)
    return scanner(std::to_string(facts.links_at_once) + " links of the mail were followed within " +
                   in_seconds(limits::signal_window));
  if (!facts.since_sent) return unknown("nobody knows when the mail left");
  const auto since = std::max(*facts.since_sent, std::chrono::milliseconds{0});
  const auto soon = in_seconds(since) + " after the mail left";
  if (since < limits::signal_too_soon) return scanner(soon + ", sooner than anybody reads");
  if (since < limits::signal_early) return unknown(soon + ", when gateways look into mails, too");
  return std::nullopt;
}

/// As all of them say since the first ones: name, version and, in brackets, on what.
bool is_of_people(std::string_view user_agent) {
  return user_agent.starts_with("Mozilla/") && user_agent.find(" (") != user_agent.npos;
}

}  // namespace

Judgement judge(const SignalFacts& facts) {
  if (auto judged = by_request(facts)) return *std::move(judged);
  if (auto judged = by_time(facts)) return *std::move(judged);
  if (!is_of_people(facts.user_agent)) return unknown("a user agent that nobody knows");
  return {SignalTrust::human, facts.kind == SignalKind::click ? "followed in a browser, when people read"
                                                              : "opened in a mail program, when people read"};
}

}  // namespace leadhub::capture
