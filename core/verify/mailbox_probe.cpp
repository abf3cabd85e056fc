#include "verify/mailbox_probe.hpp"

#include <utility>

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "ops/crypto.hpp"
#include "ops/global_address.hpp"
#include "ops/log.hpp"
#include "verify/domain_cache.hpp"
#include "verify/domain_verdict.hpp"
#include "verify/smtp_dialogue.hpp"

namespace leadhub::verify {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using lead::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyTime = std::chrono::steady_clock::time_point;

Result<void> check(const MailboxProbeSettings& settings) {
  if (!is_domain(settings.helo_name))
    return fail(ErrorCode::invalid,
                "the mailbox probe has no name to greet with; give it this machine's full name in DNS, in "
                "lower case");
  if (settings.port == 0)
    return fail(ErrorCode::invalid, "the mailbox probe's port is 0; mail servers listen at 25");
  if (settings.timeout < milliseconds{100})
    return fail(ErrorCode::invalid, "the mailbox probe's timeout is " +
                                        std::to_string(settings.timeout.count()) +
                                        "ms; give it at least 100ms");
  if (settings.domain_interval < seconds{0})
    return fail(ErrorCode::invalid, "the mailbox probe's domain_interval is negative; give it 0s or more");
  return {};
}

/// RFC 5321's Dot-string without its rarer characters.
bool is_plain_local_part(std::string_view text) {
  constexpr std::string_view taken =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(taken) == std::string_view::npos &&
         text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

bool is_at_or_below(std::string_view name, std::string_view domain) {
  return name == domain || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

MailboxVerdict decided(Verdict verdict, std::string_view reason, const SmtpReply& reply) {
  return {verdict, reason, {}, reply.code, reply.enhanced};
}

MailboxVerdict unknown(std::string_view reason, std::optional<seconds> retry_after,
                       const SmtpReply& reply = {}) {
  return {Verdict::unknown, reason, retry_after, reply.code, reply.enhanced};
}

MailboxVerdict stopping() {
  return unknown("stopping", limits::probe_retry_wait);
}

MailboxVerdict without_reply(DialogueFailure failure) {
  switch (failure) {
    case DialogueFailure::no_connection:
      return unknown("no_connection", limits::probe_retry_wait);
    case DialogueFailure::timed_out:
      return unknown("probe_timeout", limits::probe_retry_wait);
    case DialogueFailure::not_smtp:
      break;
  }
  return unknown("not_smtp", limits::probe_retry_wait);
}

/// It said no before it heard of any address.
MailboxVerdict turned_away(const SmtpReply& reply) {
  if (reply.code < 500) return unknown("greylisted", limits::probe_greylist_wait, reply);
  return unknown("blocked", limits::probe_retry_wait, reply);
}

enum class Next { conclude = 1, ask_postmaster };

/// What the reply to the real address means, once the made-up one was refused.
std::pair<Next, MailboxVerdict> judge_recipient(const SmtpReply& reply) {
  switch (read_recipient_answer(reply)) {
    case RecipientAnswer::accepted:
      return {Next::conclude, decided(Verdict::valid, "mailbox_accepted", reply)};
    case RecipientAnswer::no_such_mailbox:
      return {Next::conclude, decided(Verdict::invalid, "no_such_mailbox", reply)};
    case RecipientAnswer::disabled:
      return {Next::conclude, decided(Verdict::invalid, "mailbox_disabled", reply)};
    case RecipientAnswer::full:
      return {Next::conclude, decided(Verdict::risky, "mailbox_full", reply)};
    case RecipientAnswer::later:
      return {Next::conclude, unknown("greylisted", limits::probe_greylist_wait, reply)};
    case RecipientAnswer::blocked:
      return {Next::conclude, unknown("blocked", limits::probe_retry_wait, reply)};
    case RecipientAnswer::refused:
      return {Next::ask_postmaster, decided(Verdict::invalid, "no_such_mailbox", reply)};
    case RecipientAnswer::undecided:
      break;
  }
  return {Next::conclude, unknown("undecided", limits::probe_retry_wait, reply)};
}

std::string recipient(std::string_view local_part, std::string_view domain) {
  return "RCPT TO:<" + std::string{local_part} + '@' + std::string{domain} + '>';
}

/// Holds a name in a set while a probe needs it there.
class Held {
 public:
  Held(std::set<std::string>& names, std::string name) : names_(names), name_(std::move(name)) {
    names_.insert(name_);
  }
  ~Held() { names_.erase(name_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::set<std::string>& names_;
  std::string name_;
};

}  // namespace

std::vector<std::string> default_probe_skips() {
  return {"gmail.com",     "googlemail.com", "google.com",   "outlook.com",      "hotmail.com", "live.com",
          "msn.com",       "yahoo.com",      "yahoodns.net", "aol.com",          "icloud.com",  "me.com",
          "mac.com",       "gmx.net",        "gmx.de",       "web.de",           "mail.ru",     "yandex.net",
          "protonmail.ch", "qq.com",         "163.com",      "antispamcloud.com"};
}

class MailboxProbe::Implementation {
 public:
  Implementation(MailboxProbeSettings settings, DnsResolver& resolver, const Clock& clock)
      : settings_(std::move(settings)), resolver_(resolver), clock_(clock) {}
  ~Implementation() { stop(); }

  Result<void> start() {
    if (auto checked = check(settings_); !checked) return checked;
    try {
      thread_ = std::thread{[this] { io_.run(); }};
    } catch (const std::system_error&) {
      return fail(ErrorCode::io, "no thread is left for the mailbox probe");
    }
    return {};
  }

  void probe(MailboxQuestion question, MailboxDone done) {
    {
      const std::lock_guard lock{mutex_};
      ++asked_;
      if (!stopping_) {
        ++open_;
        asio::post(io_, [this, question = std::move(question), done = std::move(done)]() mutable {
          asio::co_spawn(io_, run(std::move(question), std::move(done)), asio::detached);
        });
        return;
      }
    }
    done(stopping());
  }

  void stop() {
    {
      std::unique_lock lock{mutex_};
      stopping_ = true;
      asio::post(io_, [this] {
        for (const auto& dialogue : dialogues_) dialogue->hang_up();
      });
      if (thread_.joinable()) all_done_.wait(lock, [&] { return open_ == 0; });
    }
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] MailboxProbeStatistics statistics() const {
    const std::lock_guard lock{mutex_};
    return {asked_, connected_, timed_out_, open_};
  }

 private:
  asio::awaitable<void> run(MailboxQuestion question, MailboxDone done) {
    MailboxVerdict verdict = unknown("no_connection", limits::probe_retry_wait);
    try {
      verdict = co_await examine(question);
    } catch (const std::exception& error) {
      log::warning("verify", std::string{"a mailbox probe ended early: "} + error.what());
    }
    if (is_stopping()) verdict = stopping();
    if (verdict.reason == "probe_timeout") count(timed_out_);
    done(std::move(verdict));
    done = nullptr;
    const std::lock_guard lock{mutex_};
    --open_;
    all_done_.notify_all();
  }

  asio::awaitable<MailboxVerdict> examine(const MailboxQuestion& question) {
    if (auto known = answer_without_asking(question)) co_return std::move(*known);
    const Held domain{domains_under_way_, question.domain};
    recent_.put(question.domain, true, clock_.now() + settings_.domain_interval);
    const SteadyTime until = std::chrono::steady_clock::now() + settings_.timeout;
    MailboxVerdict verdict = unknown("no_connection", limits::probe_retry_wait);
    std::size_t tried = 0;
    for (const std::string& host : question.mail_hosts) {
      if (verdict.reason != "no_connection" || tried++ == limits::probe_hosts_max || is_stopping()) break;
      if (hosts_under_way_.contains(host)) co_return too_early();
      const Held held{hosts_under_way_, host};
      verdict = co_await examine_at(host, question, until);
    }
    if (verdict.reason == "catch_all")
      catch_alls_.put(question.domain, true, clock_.now() + limits::probe_catch_all_kept);
    co_return verdict;
  }

  std::optional<MailboxVerdict> answer_without_asking(const MailboxQuestion& question) {
    if (is_stopping()) return stopping();
    if (!is_plain_local_part(question.local_part) || !is_domain(question.domain) ||
        question.mail_hosts.empty() || !std::ranges::all_of(question.mail_hosts, is_domain))
      return unknown("not_probeable", std::nullopt);
    if (is_skipped(question)) return unknown("skipped", std::nullopt);
    const TimePoint now = clock_.now();
    if (catch_alls_.find(question.domain, now) != nullptr) return decided(Verdict::risky, "catch_all", {});
    if (domains_under_way_.contains(question.domain) ||
        domains_under_way_.size() >= limits::probes_at_once_max)
      return too_early();
    if (const auto* last = recent_.find(question.domain, now))
      return unknown("rate_limited", std::chrono::ceil<seconds>(last->until - now));
    return std::nullopt;
  }

  [[nodiscard]] bool is_skipped(const MailboxQuestion& question) const {
    return std::ranges::any_of(settings_.skip, [&](const std::string& skipped) {
      return is_at_or_below(question.domain, skipped) ||
             std::ranges::any_of(question.mail_hosts,
                                 [&](const std::string& host) { return is_at_or_below(host, skipped); });
    });
  }

  [[nodiscard]] MailboxVerdict too_early() const {
    return unknown("rate_limited", std::max(settings_.domain_interval, seconds{1}));
  }

  asio::awaitable<MailboxVerdict> examine_at(const std::string& host, const MailboxQuestion& question,
                                             SteadyTime until) {
    const auto server = co_await address_of(host);
    if (!server || is_stopping()) co_return unknown("no_connection", limits::probe_retry_wait);
    const auto dialogue = std::make_shared<SmtpDialogue>(io_, until);
    dialogues_.insert(dialogue);
    MailboxVerdict verdict = co_await converse(*dialogue, *server, question);
    if (verdict.reason != "no_connection") co_await dialogue->farewell();
    dialogues_.erase(dialogue);
    co_return verdict;
  }

  asio::awaitable<MailboxVerdict> converse(SmtpDialogue& dialogue, const tcp::endpoint& server,
                                           const MailboxQuestion& question) {
    auto reply = co_await dialogue.connect(server);
    if (!reply) co_return without_reply(reply.error());
    count(connected_);
    if (reply->code != 220) co_return turned_away(*reply);

    reply = co_await dialogue.command("EHLO " + settings_.helo_name);
    if (reply && reply->code >= 500) reply = co_await dialogue.command("HELO " + settings_.helo_name);
    if (!reply) co_return without_reply(reply.error());
    if (reply->code != 250) co_return turned_away(*reply);

    reply = co_await dialogue.command("MAIL FROM:<>");
    if (!reply) co_return without_reply(reply.error());
    if (reply->code != 250) co_return turned_away(*reply);
    co_return co_await ask_for_mailboxes(dialogue, question);
  }

  asio::awaitable<MailboxVerdict> ask_for_mailboxes(SmtpDialogue& dialogue, const MailboxQuestion& question) {
    const auto made_up =
        co_await dialogue.command(recipient(made_up_local_part(question.domain), question.domain));
    if (!made_up) co_return without_reply(made_up.error());
    const RecipientAnswer about_made_up = read_recipient_answer(*made_up);
    if (about_made_up == RecipientAnswer::accepted) co_return decided(Verdict::risky, "catch_all", *made_up);
    if (about_made_up == RecipientAnswer::blocked) co_return turned_away(*made_up);
    if (about_made_up == RecipientAnswer::undecided || about_made_up == RecipientAnswer::full)
      co_return unknown("undecided", limits::probe_retry_wait, *made_up);

    const auto real = co_await dialogue.command(recipient(question.local_part, question.domain));
    if (!real) co_return without_reply(real.error());
    // A greylist has now seen both pairs, so that both are let through when we come back.
    if (about_made_up == RecipientAnswer::later) co_return turned_away(*made_up);
    auto [next, verdict] = judge_recipient(*real);
    if (next == Next::conclude) co_return verdict;

    const auto postmaster = co_await dialogue.command(recipient("postmaster", question.domain));
    if (!postmaster) co_return without_reply(postmaster.error());
    if (read_recipient_answer(*postmaster) == RecipientAnswer::accepted) co_return verdict;
    co_return unknown("blocked", limits::probe_retry_wait, *real);
  }

  /// Nobody can guess it, and it stays the same for a domain.
  [[nodiscard]] std::string made_up_local_part(const std::string& domain) const {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz012345";
    const auto digest = ops::hmac_sha256(secret_, domain);
    std::string out;
    for (std::size_t i = 0; i < 20; ++i) out += letters[digest[i] % letters.size()];
    return out;
  }

  asio::awaitable<std::optional<tcp::endpoint>> address_of(const std::string& host) {
    for (const DnsType type : {DnsType::a, DnsType::aaaa}) {
      const DnsAnswer answer = co_await ask_dns(host, type);
      for (const std::string& address : answer.addresses)
        if (settings_.reachable == ReachableHosts::any || ops::is_global_address(address))
          co_return tcp::endpoint{asio::ip::make_address(address), settings_.port};
    }
    co_return std::nullopt;
  }

  /// The resolver's callback comes on its own thread and goes on here.
  asio::awaitable<DnsAnswer> ask_dns(const std::string& host, DnsType type) {
    auto ask = [this, &host, type](auto handler) {
      // post() still touches the context when what it posted has run, and with it perhaps the last probe.
      resolver_.ask(host, type, [context = context_, handler = std::move(handler)](DnsAnswer answer) mutable {
        asio::post(*context, [handler = std::move(handler), answer = std::move(answer)]() mutable {
          handler(std::move(answer));
        });
      });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(DnsAnswer)>(
        ask, asio::use_awaitable);
  }

  void count(std::uint64_t& counter) {
    const std::lock_guard lock{mutex_};
    ++counter;
  }

  [[nodiscard]] bool is_stopping() const {
    const std::lock_guard lock{mutex_};
    return stopping_;
  }

  const MailboxProbeSettings settings_;
  DnsResolver& resolver_;
  const Clock& clock_;
  const std::string secret_ = ops::random_bytes(32);

  const std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>(1);
  asio::io_context& io_ = *context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;

  // Of the probe's thread alone.
  std::set<std::shared_ptr<SmtpDialogue>> dialogues_;
  std::set<std::string> hosts_under_way_;
  std::set<std::string> domains_under_way_;
  DomainCache<bool> recent_{limits::probe_domains_max};
  DomainCache<bool> catch_alls_{limits::probe_domains_max};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable all_done_;
  bool stopping_ = false;
  std::uint64_t asked_ = 0;
  std::uint64_t connected_ = 0;
  std::uint64_t timed_out_ = 0;
  std::uint64_t open_ = 0;
};

MailboxProbe::MailboxProbe(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

MailboxProbe::~MailboxProbe() = default;

Result<std::unique_ptr<MailboxProbe>> MailboxProbe::start(MailboxProbeSettings settings,
                                                          DnsResolver& resolver, const Clock& clock) {
  auto implementation = std::make_unique<Implementation>(std::move(settings), resolver, clock);
  if (auto started = implementation->start(); !started) return std::unexpected(std::move(started.error()));
  return std::unique_ptr<MailboxProbe>{new MailboxProbe(std::move(implementation))};
}

void MailboxProbe::probe(MailboxQuestion question, MailboxDone done) {
  implementation_->probe(std::move(question), std::move(done));
}

void MailboxProbe::stop() {
  implementation_->stop();
}

MailboxProbeStatistics MailboxProbe::statistics() const {
  return implementation_->statistics();
}

}  // namespace leadhub::verify
