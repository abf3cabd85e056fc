#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this plugin, each with its reason. The bytes of a request are the edge's to bound.
namespace leadhub::webform::limits {

// What the lead event schema takes; the host would refuse more.
inline constexpr std::size_t field_bytes_max = 4096;
inline constexpr std::size_t message_bytes_max = 65'536;
inline constexpr std::size_t key_bytes_max = 512;
inline constexpr std::size_t event_bytes_max =
    std::size_t{250} * 1024;  // 256 KiB, less what files have besides their content
inline constexpr std::size_t list_items_max = 100;
inline constexpr std::size_t attachments_max = 20;
inline constexpr std::size_t attributes_max = 200;
inline constexpr std::size_t items_max = 200;
inline constexpr std::size_t consents_max = 20;
inline constexpr std::size_t vendor_event_bytes_max = 80;
inline constexpr std::size_t tracked_events_max =
    20;                                          // of one request of the tracker, whose script makes no more
inline constexpr std::size_t events_max = 1000;  // of one request; the host takes no more

// One request.
inline constexpr std::size_t form_fields_max = 500;  // the largest survey forms have about 200
inline constexpr std::size_t part_head_bytes_max =
    4096;                                              // a multipart part's headers; browsers send about 150
inline constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046, section 5.1.1
inline constexpr std::size_t file_name_bytes_max = 255;                 // what file systems take
inline constexpr std::size_t page_bytes_max = std::size_t{512} * 1024;  // an answer; the host takes 1 MiB
inline constexpr std::size_t json_depth_max = 32;                       // real webhooks nest about 8 deep
inline constexpr std::size_t json_values_max =
    20'000;  // 1 MiB of "[[],[],...": a document of 17 MiB without this
inline constexpr std::size_t batch_values_max = 100'000;  // a batch of 1,000 events of 50 values each
inline constexpr std::size_t host_label_bytes_max = 63;   // RFC 1035, section 2.3.4
inline constexpr std::size_t accept_ranges_max = 32;      // in one Accept header; browsers send 8
inline constexpr std::size_t challenge_bytes_max = 256;   // said back; Meta sends 10 digits, Slack 50 letters
inline constexpr std::size_t challenge_fields_max = 100;  // of the query around it; Meta sends 3

inline constexpr std::size_t flat_answers_max = 180;  // below attributes_max, so that ids have room
inline constexpr std::size_t kept_attributes_max =
    100;  // of what a provider reports besides; the rest stays in the raw request
inline constexpr std::size_t attribute_name_bytes_max = 64;  // as hub.yaml can name it
inline constexpr std::size_t question_bytes_max = 60;        // as a name: 64 with the number of a twin

// Time.
inline constexpr std::int64_t token_age_ms_max = 24LL * 60 * 60 * 1000;  // a tab left open over night
inline constexpr std::int64_t token_ahead_ms_max = 60LL * 1000;  // clocks of two hubs behind one balancer
inline constexpr std::int64_t cookie_age_ms_max = 400LL * 24 * 60 * 60 * 1000;  // what browsers keep one for

// Memory.
inline constexpr std::size_t rate_addresses_max = 16'384;  // 16 bytes each: 256 KiB a channel

}  // namespace leadhub::webform::limits
