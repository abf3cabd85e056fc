#include "verify/dns_answer.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <optional>

#include "ops/limits.hpp"

namespace leadhub::verify {
namespace {

using std::chrono::seconds;

struct Record {
  std::string owner;
  int type = 0;
  seconds ttl{0};
  std::span<const unsigned char> data;
};

std::string lower(std::string_view name) {
  std::string out{name};
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  });
  if (out == ".") out.clear();
  return out;
}

/// RFC 2181, section 8: a TTL with the highest bit set counts as zero.
seconds ttl_of(std::uint32_t value) {
  return seconds{value > 0x7fffffffU ? 0 : value};
}

class Message {
 public:
  explicit Message(std::span<const unsigned char> bytes) : bytes_(bytes) {
    readable_ = ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &handle_) == 0;
  }

  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] int rcode() { return ns_msg_getflag(handle_, ns_f_rcode); }
  [[nodiscard]] bool truncated() { return ns_msg_getflag(handle_, ns_f_tc) != 0; }

  /// nullopt: the message breaks off, or a name in it leads nowhere.
  std::optional<std::vector<Record>> section(ns_sect which) {
    std::vector<Record> records;
    const int count = ns_msg_count(handle_, which);
    for (int i = 0; i < count; ++i) {
      ns_rr record;
      if (ns_parserr(&handle_, which, i, &record) != 0) return std::nullopt;
      if (ns_rr_class(record) != ns_c_in) continue;
      Record& added = records.emplace_back();
      added.owner = lower(ns_rr_name(record));
      added.type = ns_rr_type(record);
      if (which == ns_s_qd) continue;
      added.ttl = ttl_of(ns_rr_ttl(record));
      added.data = {ns_rr_rdata(record), static_cast<std::size_t>(ns_rr_rdlen(record))};
    }
    return records;
  }

  /// The name that stands at `offset` of a record's data, and must end where the data ends.
  std::optional<std::string> name_in(const Record& record, std::size_t offset) const {
    if (record.data.size() <= offset) return std::nullopt;
    std::array<char, NS_MAXDNAME> text{};
    const unsigned char* at = record.data.data() + offset;
    const int used =
        ns_name_uncompress(bytes_.data(), bytes_.data() + bytes_.size(), at, text.data(), text.size());
    if (used < 0 || offset + static_cast<std::size_t>(used) != record.data.size()) return std::nullopt;
    return lower(text.data());
  }

 private:
  std::span<const unsigned char> bytes_;
  ns_msg handle_{};
  bool readable_ = false;
};

DnsAnswer failed(std::string_view why) {
  DnsAnswer answer;
  answer.failure = why;
  return answer;
}

/// The SOA's last field bounds how long "there is none" may be believed, and so does the SOA's own TTL.
std::optional<seconds> negative_ttl(const std::vector<Record>& authority) {
  for (const Record& record : authority) {
    if (record.type != ns_t_soa || record.data.size() < NS_INT32SZ) continue;
    const auto minimum = ns_get32(record.data.data() + record.data.size() - NS_INT32SZ);
    return std::min(record.ttl, ttl_of(static_cast<std::uint32_t>(minimum)));
  }
  return std::nullopt;
}

bool add_exchanger(const Message& message, const Record& record, DnsAnswer& answer) {
  auto host = message.name_in(record, NS_INT16SZ);
  if (!host) return false;
  answer.exchangers.push_back({static_cast<std::uint16_t>(ns_get16(record.data.data())), std::move(*host)});
  return true;
}

bool add_address(const Record& record, int family, std::size_t size, DnsAnswer& answer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (record.data.size() != size) return false;
  if (inet_ntop(family, record.data.data(), text.data(), text.size()) == nullptr) return false;
  answer.addresses.emplace_back(text.data());
  return true;
}

bool add_text(const Record& record, DnsAnswer& answer) {
  std::string joined;
  for (auto rest = record.data; !rest.empty();) {
    const std::size_t size = rest.front();
    if (rest.size() < size + 1) return false;
    joined.append(reinterpret_cast<const char*>(rest.data()) + 1, size);
    rest = rest.subspan(size + 1);
  }
  answer.texts.push_back(std::move(joined));
  return true;
}

bool add(const Message& message, const Record& record, DnsType type, DnsAnswer& answer) {
  switch (type) {
    case DnsType::mx:
      return add_exchanger(message, record, answer);
    case DnsType::a:
      return add_address(record, AF_INET, NS_INADDRSZ, answer);
    case DnsType::aaaa:
      return add_address(record, AF_INET6, NS_IN6ADDRSZ, answer);
    case DnsType::txt:
      return add_text(record, answer);
  }
  return false;
}

struct Chain {
  std::string end;  ///< the name that the question's name stands for
  seconds ttl = seconds::max();
  int links = 0;
};

/// nullopt: a loop, or a chain longer than anybody needs.
std::optional<Chain> follow_aliases(const Message& message, std::string name,
                                    const std::vector<Record>& records) {
  Chain chain{std::move(name)};
  while (true) {
    const auto alias = std::ranges::find_if(records, [&](const Record& record) {
      return record.type == ns_t_cname && record.owner == chain.end;
    });
    if (alias == records.end()) return chain;
    auto target = message.name_in(*alias, 0);
    if (!target || ++chain.links > limits::dns_cname_depth_max) return std::nullopt;
    chain.end = std::move(*target);
    chain.ttl = std::min(chain.ttl, alias->ttl);
  }
}

DnsAnswer nothing_there(const Chain& chain, const std::vector<Record>& authority) {
  const auto ttl = negative_ttl(authority);
  const bool refers = std::ranges::any_of(authority, [](const Record& r) { return r.type == ns_t_ns; });
  DnsAnswer answer;
  if (!ttl && (refers || chain.links > 0)) {
    answer.failure = "a server that did not look further";
    answer.ttl = chain.ttl;
    answer.aliases = chain.links;
    if (chain.links > 0) answer.alias_end = chain.end;
    return answer;
  }
  answer.status = DnsStatus::no_data;
  answer.ttl = std::min(ttl.value_or(seconds{0}), chain.ttl);
  return answer;
}

DnsAnswer no_such_name(const std::vector<Record>& authority) {
  DnsAnswer answer;
  answer.status = DnsStatus::no_such_name;
  answer.ttl = negative_ttl(authority).value_or(seconds{0});
  return answer;
}

std::string_view name_of_rcode(int rcode) {
  switch (rcode) {
    case ns_r_formerr:
      return "FORMERR";
    case ns_r_servfail:
      return "SERVFAIL";
    case ns_r_notimpl:
      return "NOTIMP";
    case ns_r_refused:
      return "REFUSED";
    default:
      return "an unusual response code";
  }
}

}  // namespace

DnsAnswer read_dns_answer(std::span<const unsigned char> bytes, DnsType asked) {
  Message message{bytes};
  if (!message.readable()) return failed("a damaged message");
  if (message.rcode() != ns_r_noerror && message.rcode() != ns_r_nxdomain)
    return failed(name_of_rcode(message.rcode()));
  if (message.truncated()) return failed("a truncated message");
  const auto questions = message.section(ns_s_qd);
  const auto records = message.section(ns_s_an);
  const auto authority = message.section(ns_s_ns);
  if (!questions || questions->empty() || !records || !authority) return failed("a damaged message");
  if (message.rcode() == ns_r_nxdomain) return no_such_name(*authority);

  const auto chain = follow_aliases(message, questions->front().owner, *records);
  if (!chain) return failed("a CNAME loop or chain too long");
  DnsAnswer answer;
  answer.status = DnsStatus::answered;
  answer.ttl = chain->ttl;
  bool found = false;
  for (const Record& record : *records) {
    if (record.type != static_cast<int>(asked) || record.owner != chain->end) continue;
    if (!add(message, record, asked, answer)) return failed("a damaged record");
    answer.ttl = std::min(answer.ttl, record.ttl);
    found = true;
  }
  return found ? answer : nothing_there(*chain, *authority);
}

}  // namespace leadhub::verify
