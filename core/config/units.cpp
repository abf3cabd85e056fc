#include "config/units.hpp"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <set>

namespace leadhub::config {
namespace {

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// The number at the front, taken off; nullopt where there is none or it needs more than 64 bits.
std::optional<std::uint64_t> take_count(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array duration_units{Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3'600}, Unit{"d", 86'400}};
constexpr std::array size_units{
    Unit{"B", 1},      Unit{"KiB", 1ULL << 10U}, Unit{"MiB", 1ULL << 20U}, Unit{"GiB", 1ULL << 30U},
    Unit{"kB", 1'000}, Unit{"MB", 1'000'000},    Unit{"GB", 1'000'000'000}};
constexpr std::uint64_t seconds_max = 36'500ULL * 86'400ULL;

template <std::size_t Count>
std::optional<std::uint64_t> factor_of(std::string_view name, const std::array<Unit, Count>& units) {
  const auto unit = std::ranges::find(units, name, &Unit::name);
  return unit == units.end() ? std::nullopt : std::optional{unit->factor};
}

/// The address in network byte order: 4 or 16 bytes; empty where it is none.
std::vector<std::uint8_t> address_bytes(const std::string& text) {
  std::vector<std::uint8_t> bytes(4);
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(16);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return {};
}

bool has_bits_behind(const std::vector<std::uint8_t>& bytes, int prefix_bits) {
  for (int bit = prefix_bits; bit < static_cast<int>(bytes.size()) * 8; ++bit) {
    const auto byte = bytes[static_cast<std::size_t>(bit / 8)];
    if (((byte >> (7 - bit % 8)) & 1) != 0) return true;
  }
  return false;
}

std::optional<std::chrono::sys_days> date(std::string_view text) {
  static const RE2 shape{"([0-9]{4})-([0-9]{2})-([0-9]{2})"};
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!RE2::FullMatch(piece(text), shape, &year, &month, &day)) return std::nullopt;
  const std::chrono::year_month_day found{std::chrono::year{year}, std::chrono::month{month},
                                          std::chrono::day{day}};
  return found.ok() ? std::optional{std::chrono::sys_days{found}} : std::nullopt;
}

const std::filesystem::path& zone_folder() {
  static const std::filesystem::path folder{"/usr/share/zoneinfo"};
  return folder;
}

bool is_zone_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::array<char, 4> magic{};
  std::ifstream{path, std::ios::binary}.read(magic.data(), magic.size());
  return std::string_view{magic.data(), magic.size()} == "TZif";
}

/// Empty where the system has no list.
std::set<std::string> read_countries() {
  std::set<std::string> codes;
  std::ifstream list{zone_folder() / "iso3166.tab"};
  for (std::string line; std::getline(list, line);)
    if (line.size() > 2 && line[0] != '#' && line[2] == '\t') codes.insert(line.substr(0, 2));
  return codes;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto wrong = invalid("is not a duration; write a number and a unit: 90s, 15m, 48h or 14d");
  const auto count = take_count(text);
  const auto factor = factor_of(text, duration_units);
  if (!count || !factor) return wrong;
  if (*count > seconds_max / *factor) return invalid("is longer than 36500d; write a shorter duration");
  return std::chrono::seconds{*count * *factor};
}

Result<Rate> parse_rate(std::string_view text) {
  constexpr std::string_view separator = " per ";
  const auto wrong = invalid("is not a rate; write how many in which time, as in 10 per 1m");
  const auto count = take_count(text);
  if (!count || !text.starts_with(separator)) return wrong;
  const auto per = parse_duration(text.substr(separator.size()));
  if (!per) return wrong;
  if (*count == 0) return invalid("is a rate of nothing; write at least 1, as in 1 per 1d");
  if (per->count() == 0) return invalid("is a rate in no time; write a longer time, as in 10 per 1m");
  return Rate{*count, *per};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto count = take_count(text);
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto factor = factor_of(text, size_units);
  if (!count || !factor) return invalid("is not a size; write a number and a unit: 512 KiB, 10 MiB or 1 GiB");
  if (*count > std::numeric_limits<std::int64_t>::max() / *factor)
    return invalid("is too large; write a smaller size");
  return *count * *factor;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return invalid("has no port; write address:port, as in 127.0.0.1:8080");
  auto host = text.substr(0, colon);
  auto rest = text.substr(colon + 1);
  const auto port = take_count(rest);
  if (!port || !rest.empty() || *port > 65'535)
    return invalid("has no port from 0 to 65535 after its \":\"; write address:port, as in 127.0.0.1:8080");
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  const std::string address{host == "localhost" ? "127.0.0.1" : host};
  const auto bytes = address_bytes(address);
  if (bytes.empty() || (bytes.size() == 16) != has_brackets)
    return invalid(
        "does not begin with an IP address; write one, as in 127.0.0.1:8080, 0.0.0.0:8080 (all) or "
        "[::1]:8080");
  return Endpoint{address, static_cast<std::uint16_t>(*port)};
}

Result<AddressRange> parse_address_range(std::string_view text) {
  const auto wrong =
      invalid("is not an address range; write one as in 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7");
  const auto slash = text.find('/');
  const std::string address{text.substr(0, slash)};
  const auto bytes = address_bytes(address);
  if (bytes.empty()) return wrong;
  const auto bits = static_cast<int>(bytes.size()) * 8;
  if (slash == std::string_view::npos) return AddressRange{address, bits};
  auto rest = text.substr(slash + 1);
  const auto prefix = take_count(rest);
  if (!prefix || !rest.empty() || *prefix > static_cast<std::uint64_t>(bits)) return wrong;
  if (has_bits_behind(bytes, static_cast<int>(*prefix)))
    return invalid(
        "has bits set behind its prefix; write the first address of the range, or a longer prefix");
  return AddressRange{address, static_cast<int>(*prefix)};
}

Result<std::string> parse_http_url(std::string_view text) {
  static const RE2 shape{
      R"((?i:https?)://([^\s/?#@:\[\]"<>\\]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[^\s?#"<>\\]*)?)"};
  if (!RE2::FullMatch(piece(text), shape))
    return invalid(
        "is not a web address; write one as in https://www.example.com, without user, query and fragment");
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string{text};
}

Result<StoreUrl> parse_store_url(std::string_view text) {
  constexpr std::string_view sqlite = "sqlite:";
  if (text.starts_with(sqlite)) {
    text.remove_prefix(sqlite.size());
    if (text.empty() || text.starts_with("//"))
      return invalid(
          "names no file; write sqlite: and a path, as in sqlite:data/leadhub.db or "
          "sqlite:/var/lib/leadhub/leadhub.db");
    return StoreUrl{StoreUrl::Kind::sqlite, std::string{text}};
  }
  if (text.starts_with("postgresql://") || text.starts_with("postgres://"))
    return StoreUrl{StoreUrl::Kind::postgresql, std::string{text}};
  return invalid("names no store; write sqlite:PATH or postgresql://user@host/database");
}

Result<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  static const RE2 shape{"([0-9]{2}):([0-9]{2})"};
  int hours = 0;
  int minutes = 0;
  const bool matches = RE2::FullMatch(piece(text), shape, &hours, &minutes);
  if (!matches || minutes > 59 || hours * 60 + minutes > 24 * 60)
    return invalid("is not a time of day; write hours and minutes, as in \"09:00\"");
  return std::chrono::minutes{hours * 60 + minutes};
}

Result<DateInterval> parse_dates(std::string_view text) {
  const auto slash = text.find('/');
  const auto from = date(text.substr(0, slash));
  const auto to = slash == std::string_view::npos ? from : date(text.substr(slash + 1));
  if (!from || !to)
    return invalid("names no days; write 2026-12-24, or 2026-12-24/2027-01-02 with both days included");
  if (*to < *from) return invalid("ends before it begins; write the earlier day first");
  return DateInterval{*from, *to};
}

Result<std::chrono::sys_days> parse_date(std::string_view text) {
  if (const auto day = date(text)) return *day;
  return invalid("is not a day; write it as in 2026-01-31");
}

Result<std::string> parse_time_zone(std::string_view text) {
  static const RE2 shape{"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*"};
  if (RE2::FullMatch(piece(text), shape) && is_zone_file(zone_folder() / text)) return std::string{text};
  return invalid("is not a time zone of this system; write one as in Europe/London or UTC");
}

std::vector<std::string> time_zones() {
  std::vector<std::string> names;
  std::error_code failure;
  std::filesystem::recursive_directory_iterator entry{zone_folder(), failure};
  for (; !failure && entry != std::filesystem::recursive_directory_iterator{}; entry.increment(failure)) {
    const auto name = entry->path().lexically_relative(zone_folder()).string();
    if (name.starts_with("posix") || name.starts_with("right")) continue;
    if (is_zone_file(entry->path())) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<std::string> parse_country(std::string_view text) {
  static const RE2 shape{"[A-Z]{2}"};
  static const auto known = read_countries();
  if (text == "UK") return invalid("is not the country's ISO 3166 code; write GB");
  const bool is_known = known.empty() || known.contains(std::string{text});
  if (!RE2::FullMatch(piece(text), shape) || !is_known)
    return invalid("is not a country; write its ISO 3166 code of two capitals, as in GB");
  return std::string{text};
}

}  // namespace leadhub::config
