#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

/// The little languages inside values of hub.yaml, each with one parser. All of them take the whole text
/// (blanks at its ends are an error) and fail with ErrorCode::invalid; the message says what is wrong and how
/// to mend it, and never repeats the text, because that may be a secret.
namespace leadhub::config {

/// `90s`, `15m`, `48h`, `14d`: a whole number and one unit, at most 36500d. `0s` is a duration.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// So many in any span of that length.
struct Rate {
  std::uint64_t count = 0;
  std::chrono::milliseconds per{};
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// `10 per 1m`: a count of at least 1, and a duration longer than nothing.
[[nodiscard]] Result<Rate> parse_rate(std::string_view text);

/// Bytes: `512 B`, `64 KiB`, `10 MiB`, `1 GiB`, or with kB, MB, GB, powers of 1000. The blank may be left
/// out.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

struct Endpoint {
  std::string address;     ///< textual IP address, without brackets
  std::uint16_t port = 0;  ///< 0: any free port, chosen by the system
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Where to listen: `127.0.0.1:8080`, `[::1]:8080`; `localhost` stands for 127.0.0.1. Other names are
/// refused: what they mean can change while the hub runs.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

/// Addresses that begin with the same bits.
struct AddressRange {
  std::string address;  ///< textual IP address
  int prefix_bits = 0;  ///< 0 to 32, or to 128 for IPv6
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// `10.0.0.0/8`, `2001:db8::/32`, or one address, which is a range of itself. Bits set behind the prefix are
/// refused, because they show that the range was meant otherwise.
[[nodiscard]] Result<AddressRange> parse_address_range(std::string_view text);

/// An http or https URL with a host, without user, query and fragment. The result has no `/` at its end.
[[nodiscard]] Result<std::string> parse_http_url(std::string_view text);

struct StoreUrl {
  enum class Kind { sqlite = 1, postgresql };
  Kind kind = Kind::sqlite;
  std::string location;  ///< sqlite: the file's path as given; postgresql: the whole URL
  friend bool operator==(const StoreUrl&, const StoreUrl&) = default;
};

/// `sqlite:PATH`, `postgresql://...` (or `postgres://...`, which means the same).
[[nodiscard]] Result<StoreUrl> parse_store_url(std::string_view text);

/// `09:00`, from 00:00 to 24:00 (the end of the day), in minutes since midnight.
[[nodiscard]] Result<std::chrono::minutes> parse_time_of_day(std::string_view text);

struct DateInterval {
  std::chrono::sys_days from;
  std::chrono::sys_days to;  ///< the last day, included
  friend bool operator==(const DateInterval&, const DateInterval&) = default;
};

/// `2026-12-24/2027-01-02`, both days included; or one day.
[[nodiscard]] Result<DateInterval> parse_dates(std::string_view text);

/// `2026-01-31`.
[[nodiscard]] Result<std::chrono::sys_days> parse_date(std::string_view text);

/// An IANA time zone of the system's database (/usr/share/zoneinfo), such as `Europe/London` or `UTC`.
[[nodiscard]] Result<std::string> parse_time_zone(std::string_view text);

/// The names parse_time_zone knows, for suggestions. Reads a folder of some hundred files.
[[nodiscard]] std::vector<std::string> time_zones();

/// An ISO 3166-1 alpha-2 code in capitals (`GB`, not `UK`), checked against the system's list where there is
/// one.
[[nodiscard]] Result<std::string> parse_country(std::string_view text);

}  // namespace leadhub::config
