#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the host, each with its reason. A queue, body, header, batch, wait or retry without a line
/// here is a bug. What an operator may change stands in hub.yaml; its default and its ceiling stand here.
namespace leadhub::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

// --- Edge: one connection, one request
// -------------------------------------------------------------------------
inline constexpr std::size_t request_head_bytes_max = 32 * kibibyte;  // browsers send up to 16 KiB of cookies
inline constexpr std::size_t request_line_bytes_max = 8 * kibibyte;   // what nginx and Apache take
inline constexpr std::size_t header_count_max = 100;                  // Apache's own default
inline constexpr std::size_t chunk_line_bytes_max = 256;              // a size and a short extension
inline constexpr std::size_t body_bytes_default = 1 * mebibyte;       // no webhook of providers.md is larger
inline constexpr std::size_t upload_bytes_default = 10 * mebibyte;    // multipart bodies only
inline constexpr std::size_t body_bytes_ceiling = 64 * mebibyte;      // hub.yaml may not ask for more
inline constexpr auto request_deadline = 10s;  // first byte to last byte; slow phones on 2G need about 5 s
inline constexpr auto answer_deadline = 10s;   // for the peer to take the answer
inline constexpr auto idle_deadline = 60s;     // keep-alive; longer than the usual 30 s of proxies' re-use
inline constexpr auto handler_deadline = 15s;  // past any bearable disk stall; senders give up at 15 to 30 s
inline constexpr auto linger_deadline = 2s;    // reading on after a refusal, so that no reset eats the answer
inline constexpr std::size_t linger_bytes_max = 16 * mebibyte;  // what a fast sender has under way at most
inline constexpr std::size_t read_buffer_bytes = 2 * kibibyte;  // at first: a webhook's head, its small body
inline constexpr std::size_t body_read_bytes = 64 * kibibyte;   // one read of a larger body
inline constexpr std::size_t trailer_bytes_max = 4 * kibibyte;  // trailers are checked and dropped
inline constexpr auto shutdown_deadline = 10s;  // SIGTERM to exit; systemd waits 90 s, Kubernetes 30 s

// --- Edge: all connections
// -------------------------------------------------------------------------------------
inline constexpr std::size_t connections_max = 16'384;  // 10,000 idle ones and room to work
inline constexpr std::size_t connections_per_address_default = 256;
inline constexpr std::size_t tracked_addresses_max = 100'000;  // limits by address live in memory
inline constexpr int edge_threads_default = 1;  // one core answers more than the inbox can commit
inline constexpr int edge_threads_max = 64;
inline constexpr int accept_backlog = 4'096;  // the kernel cuts it to net.core.somaxconn
inline constexpr int accepts_per_round = 64;  // then the open connections have their turn
inline constexpr auto accept_pause = 100ms;   // when file descriptors have run out
inline constexpr auto edge_tick = 100ms;      // how late a deadline may fire
inline constexpr auto tls_poll = 5s;          // how often the certificate's files are looked at
inline constexpr std::size_t body_bytes_in_flight_max =
    256 * mebibyte;  // beyond it: 503, before reading a body

// --- Rules
// -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t tally_entries_max = 256;  // of a bounded rule and lead; written with each event
inline constexpr int working_days_ahead_max = 3'660;   // ten years without a working day are none
inline constexpr auto due_poll = 1s;          // how late a temperature or an answer that is due may be seen
inline constexpr auto due_retry_max = 10min;  // after failures; each try is an entry of the log
inline constexpr std::int64_t due_leads_max = 1'000;  // of one entry of the log
inline constexpr auto brake_poll = 30s;               // how long a channel goes on that should not
inline constexpr auto broadcast_poll = 1s;            // how late a broadcast may begin
inline constexpr auto broadcast_retry_max = 10min;    // after failures; each try is an entry of the log
inline constexpr std::int64_t broadcast_page_leads = 1'000;  // asked in one entry of the log
inline constexpr std::size_t broadcast_subjects_max = 5;     // more are told apart by nobody's sample
inline constexpr auto broadcast_ahead_max = 8'760h;          // a year
inline constexpr auto broadcast_decision = 1min;  // between finding out the best subject and its first mail
inline constexpr auto zones_ahead = 14h;          // of UTC, the clocks that are furthest ahead
inline constexpr auto zones_behind = 12h;         // and those that are furthest behind
inline constexpr std::size_t hand_off_events_max = 20;       // the last ones; the rest is a count
inline constexpr std::size_t hand_off_line_bytes_max = 300;  // of what people wrote
inline constexpr std::size_t tag_bytes_max = 100;            // a word or two; a bound on what lists show
inline constexpr auto backlog_look = 15min;  // how often a lead that nobody could take is offered again
inline constexpr int looks_ahead_max = 16;   // how often a rule is asked when it ends; a wake-up asks on

// --- Inbox
// -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t inbox_queue_entries_max = 8'192;  // waiting for the disk; beyond it: 503
inline constexpr std::size_t inbox_queue_bytes_max = 128 * mebibyte;
inline constexpr std::size_t commit_entries_max = 512;  // of what waits; 64 connections bring about 25
inline constexpr std::size_t commit_bytes_max = 16 * mebibyte;
inline constexpr std::size_t inbox_checkpoint_bytes =
    4 * mebibyte;  // commits wait behind it: p99 5 ms, pipeline asleep; 6 at 8 MiB, 9.5 at 16
inline constexpr std::int64_t backlog_entries_max = 5'000'000;  // committed, unprocessed; beyond it: 503
inline constexpr auto retry_after = 5s;                         // what a 503 tells the sender
inline constexpr auto housekeeping_interval = 1s;               // checkpoints and purging while idle
inline constexpr auto purge_interval = 1h;                      // keep_raw counts in days
inline constexpr std::int64_t purge_entries_max = 500;          // a transaction; answers wait behind it

// --- Store: both SQLite files
// ---------------------------------------------------------------------------------------
inline constexpr std::size_t page_bytes = 8 * kibibyte;  // a fifth to a third faster than 4 (docs/adr/0004)
inline constexpr std::size_t log_bytes_kept =
    128 * mebibyte;  // a write-ahead log that a slow reader let grow
inline constexpr std::chrono::milliseconds store_lock_wait =
    2s;  // for a foreign lock; senders wait behind it
inline constexpr std::size_t row_text_bytes_kept = 16 * kibibyte;  // memory a written cell keeps for the next

// --- Lead events (checked before they are stored)
// ---------------------------------------------------------------
inline constexpr std::size_t events_per_request_max = 1'000;        // SendGrid's and Meta's largest batch
inline constexpr std::size_t event_bytes_max = 256 * kibibyte;      // without attachments
inline constexpr std::size_t event_text_bytes_max = 64 * kibibyte;  // one message
inline constexpr std::size_t event_field_bytes_max = 4 * kibibyte;  // one name, address, attribute
inline constexpr std::size_t event_key_bytes_max = 512;
inline constexpr std::size_t event_attributes_max = 200;
inline constexpr std::size_t event_items_max = 200;
inline constexpr std::size_t event_consents_max = 20;
inline constexpr std::size_t event_attachments_max = 20;

// --- Registration
// ----------------------------------------------------------------------------------------------
inline constexpr std::size_t email_given_bytes_max =
    1 * kibibyte;  // mail servers take 254; the rest is for blanks and escapes. Longer: refused unseen
inline constexpr std::size_t phone_given_bytes_max =
    250;  // what libphonenumber takes; a number has 17 digits
inline constexpr std::size_t email_list_bytes_max =
    16 * mebibyte;  // one file of verify.email.lists; the largest public list has 2.5

// --- Pipeline
// --------------------------------------------------------------------------------------------------
inline constexpr std::size_t batch_entries_max =
    4'000;  // 17,000 new leads/s at 4,000 a transaction, 15,400 at 1,000, 11,300 at 500
inline constexpr std::size_t batch_bytes_max =
    1 * mebibyte;  // about 4,000 usual forms; of an import, whose entries hold 1,000 events each, four
                   // entries. Importing 200,000 rows peaks at 139 MiB, at 2 MiB a batch at 178
inline constexpr std::size_t sharing_leads_max =
    8;                                        // a phone or id that more leads share identifies none of them
inline constexpr auto pipeline_poll = 200ms;  // fallback where no wake-up comes
inline constexpr std::size_t leads_checkpoint_bytes =
    16 * mebibyte;  // its fsync holds up the inbox's: p99 at 12,000 forms/s 8 ms, 13 at 64 MiB
inline constexpr int crashes_before_quarantine = 2;  // an event at which the process died twice
inline constexpr std::chrono::milliseconds pipeline_retry_max = 5s;  // between tries while the disk is full
inline constexpr int pipeline_nice = 10;  // answers go first, the pipeline catches up

// --- Retention of leads
// ---------------------------------------------------------------------------------------------
inline constexpr std::chrono::milliseconds keep_leads_floor =
    std::chrono::days{30};                      // "1d" is a slip that would erase nearly everybody
inline constexpr auto retention_interval = 1h;  // keep_leads counts in days
inline constexpr std::int64_t retention_page_leads = 2'000;  // read at once: about 5 ms

// --- Verification queue
// ---------------------------------------------------------------------------------------------
inline constexpr std::int64_t verification_round_max = 500;  // addresses; an entry of the log of about 60 KiB
inline constexpr auto verification_poll = 500ms;             // nobody waits for a verdict
inline constexpr std::int64_t verification_attempts_max =
    12;  // with the waits below: two days, as mail itself
inline constexpr std::chrono::milliseconds verification_retry_max = 6h;

// --- Links in mails
// ---------------------------------------------------------------------------------------------
inline constexpr std::size_t link_token_bytes_max = 200;  // ours have about 60
inline constexpr auto opt_in_expires_default = 48h;       // people read mail every other day
inline constexpr auto opt_in_resend_default = 1h;         // nobody's mailbox is filled by a stranger's clicks
inline constexpr std::size_t outbox_lease_max = 100;      // mails taken from the outbox at once
inline constexpr std::size_t marketing_senders = 2;   // a channel: one fills mails in while the other's leave
inline constexpr std::size_t outbox_lease_first = 8;  // before it is known how fast they leave
inline constexpr auto outbox_group_time = 1s;         // of so much at most nobody knows after a crash
inline constexpr auto look_again_after_failure = 1h;  // nothing mends it but another configuration
inline constexpr auto unrendered_wait = 5min;         // a template has to be mended by somebody first
inline constexpr std::size_t reply_lease_max = 1;     // replies: whatever is leased in a crash is unknown
inline constexpr auto outbox_poll = 200ms;            // nobody who waits for a mail notices
inline constexpr int delivery_attempts_max = 12;      // with the waits below: two days
inline constexpr std::chrono::milliseconds delivery_retry_first = 1min;  // doubled each time
inline constexpr std::chrono::milliseconds delivery_retry_max = 6h;
// Destinations: the schedule that the Standard Webhooks specification suggests, three days and a quarter in
// all.
inline constexpr std::array<std::chrono::milliseconds, 9> destination_retries{5s,  5min, 30min, 2h, 5h,
                                                                              10h, 14h,  20h,   24h};
inline constexpr double retry_jitter = 0.2;  // of each wait, added: a crowd of retries comes apart
inline constexpr std::int64_t destination_backlog_max = 100'000;  // a destination that is dead for a while
inline constexpr std::int64_t segment_page_leads = 5'000;  // looked at in one request: a tenth of a second
inline constexpr std::size_t delivery_events_max = 50;     // of the timeline, the last ones

// --- Opens and clicks
// -----------------------------------------------------------------------------------------------
inline constexpr std::size_t tracked_url_bytes_max = 2 * kibibyte;  // what old mail programs follow at least
inline constexpr std::size_t click_token_bytes_max =
    3 * kibibyte;  // the address in base64, an id, a signature; a request line takes 8 KiB
inline constexpr std::size_t tracked_links_max = 200;       // of one mail; the rest of them stay as they are
inline constexpr std::size_t signal_agent_bytes_max = 300;  // of a user agent; those of browsers have 150
inline constexpr std::chrono::milliseconds signal_window =
    10s;  // held before it is judged: who follows all links of a mail does it within seconds
inline constexpr std::chrono::milliseconds signal_too_soon =
    10s;  // after the mail left: nobody reads so fast
inline constexpr std::chrono::milliseconds signal_early =
    60s;  // gateways that look into a mail before it is delivered take up to a minute
inline constexpr std::size_t signal_links_at_once = 3;      // of one mail; people open one, sometimes two
inline constexpr std::size_t signals_per_message_max = 50;  // held of one mail; the rest says nothing more
inline constexpr std::size_t signals_held_max = 20'000;  // 2,000 a second; 50 MiB where all links are longest
inline constexpr std::size_t signals_logged_max = 500;   // one entry of the log
inline constexpr std::chrono::milliseconds signal_poll = 1s;         // nobody waits for a signal
inline constexpr std::chrono::milliseconds signal_retry_max = 1min;  // while the disk is full

// --- Suppressions
// ---------------------------------------------------------------------------------------------
inline constexpr int soft_bounces_max =
    3;  // mailboxes are full or servers down for a day or two, not three times
inline constexpr std::chrono::milliseconds soft_bounce_window = std::chrono::days{30};
inline constexpr std::chrono::milliseconds withdrawal_kept = std::chrono::days{
    1};  // in the inbox, once processed: a sender asks for it minutes after it read the leads

// --- Configuration
// ---------------------------------------------------------------------------------------------
inline constexpr std::size_t config_bytes_max = 4 * mebibyte;
inline constexpr std::size_t config_nodes_max = 100'000;
inline constexpr std::size_t config_depth_max = 64;
inline constexpr std::size_t channels_max = 1'000;  // each is checked against its plugin's schema: about 5 ms
inline constexpr std::size_t config_key_bytes_max =
    512;  // one key; the longest form field names are about 100
inline constexpr std::size_t secret_file_bytes_max =
    64 * kibibyte;                                   // ${file:}: a certificate chain fits well
inline constexpr std::size_t diagnostics_max = 100;  // nobody reads more

// --- Plugins
// -----------------------------------------------------------------------------------------------
inline constexpr std::size_t plugin_files_max = 1'000;                // in one folder; more is a wrong folder
inline constexpr std::size_t plugin_file_bytes_max = 512 * mebibyte;  // statically linked, with debug symbols
inline constexpr std::size_t plugin_descriptor_bytes_max =
    1 * mebibyte;  // a schema of 100 providers is 200 KiB
inline constexpr std::size_t plugin_events_bytes_max =
    2 * body_bytes_ceiling;  // base64 grows an upload by a third
inline constexpr std::size_t plugin_response_body_bytes_max =
    1 * mebibyte;  // a page; what is larger is no answer
inline constexpr std::size_t plugin_response_head_bytes_max = 16 * kibibyte;  // what browsers take at least
inline constexpr std::size_t plugin_text_bytes_max = 4 * kibibyte;            // one log line, one diagnostic
inline constexpr std::size_t plugin_counters_max = 32;  // a channel; each is a line of /metrics
inline constexpr std::size_t plugin_counter_name_bytes_max = 40;
inline constexpr std::size_t plugin_fixtures_max = 1'000;

// --- Verification by the network: DNS and mailbox probe
// ---------------------------------------------------------
inline constexpr std::chrono::milliseconds dns_timeout_default = 3s;   // one question, all tries and servers
inline constexpr std::chrono::milliseconds dns_timeout_ceiling = 60s;  // beyond it a retry is the better way
inline constexpr int dns_tries = 2;                 // UDP loses packets; the second waits twice as long
inline constexpr std::size_t dns_servers_max = 8;   // resolv.conf takes 3
inline constexpr int dns_udp_answer_bytes = 1'232;  // never fragmented (DNS flag day 2020); more: TCP
inline constexpr std::size_t dns_questions_in_flight_max =
    128;  // a burst of 256 overflows a socket's usual buffer of 208 KiB, and what is lost waits for a timeout
inline constexpr std::size_t dns_questions_waiting_max = 10'000;  // 1 KiB each; beyond it they fail
inline constexpr int dns_cname_depth_max = 8;                     // Unbound follows 11, real chains have 3
inline constexpr std::chrono::seconds dns_ttl_floor = 60s;        // who says 0 would be asked for each lead
inline constexpr std::chrono::seconds dns_cache_default = 24h;    // hub.yaml's verify.dns.cache
inline constexpr std::chrono::seconds dns_negative_ttl_max = 15min;  // a domain bought today works today
inline constexpr std::chrono::seconds dns_failure_ttl = 60s;         // outages pass; also when to ask again
inline constexpr std::size_t domains_cached_max = 50'000;            // about 500 bytes each
inline constexpr std::size_t domain_checks_waiting_max =
    3'000;  // callers, whose three questions each find room; beyond it: too_busy
inline constexpr std::size_t mail_hosts_max = 16;  // of a verdict; Google has 5

inline constexpr std::size_t probes_at_once_max = 32;  // connections; what is more comes back later
inline constexpr std::chrono::milliseconds probe_timeout_default =
    60s;  // a whole dialogue; greeters delay by 30 s
inline constexpr std::chrono::milliseconds probe_reply_timeout = 30s;  // one connect, one reply of it
inline constexpr std::chrono::seconds probe_interval_default = 10s;    // between two probes of one domain
inline constexpr std::size_t probe_reply_bytes_max = 16 * kibibyte;    // an EHLO answer has 15 short lines
inline constexpr std::size_t probe_hosts_max = 2;         // tried of a domain's mail hosts; one may be down
inline constexpr std::size_t probe_domains_max = 50'000;  // remembered, for the interval and for catch-alls
inline constexpr std::chrono::seconds probe_catch_all_kept = std::chrono::days{7};  // servers change rarely
inline constexpr std::chrono::seconds probe_greylist_wait = 15min;  // usual lists open after 5 to 10 minutes
inline constexpr std::chrono::seconds probe_retry_wait = 1h;        // after a failure that may pass

// --- Mails on their way out
// --------------------------------------------------------------------------------
inline constexpr std::size_t mail_address_bytes_max = 254;  // RFC 5321 4.5.3.1.3: a path without its brackets
inline constexpr std::size_t mail_id_bytes_max =
    250;  // a message id of ours has about 60; fits a file name's bounds
inline constexpr std::size_t mail_name_bytes_max = 1'024;     // a display name; encoded it grows threefold
inline constexpr std::size_t mail_subject_bytes_max = 1'024;  // mailboxes show about 70 characters
inline constexpr std::size_t mail_text_bytes_max = 1 * mebibyte;
inline constexpr std::size_t mail_html_bytes_max = 2 * mebibyte;  // Gmail cuts off behind 102 KiB
inline constexpr std::size_t mail_headers_max = 50;               // besides those that the transport writes
inline constexpr std::size_t mail_header_name_bytes_max = 76;  // RFC 2047's line; the longest in use has 33
inline constexpr std::size_t mail_header_bytes_max =
    8 * kibibyte;  // one value; an unsubscribe link with its token has about 300 bytes
inline constexpr std::chrono::milliseconds delivery_deadline =
    60s;  // a sender waits behind it; RFC 5321 allows
          // ten minutes for the final dot alone
inline constexpr std::size_t mail_batch_max =
    256;  // mails in one call: enough for an fsync to be cheap, and at 50 KiB each 13 MiB of documents
inline constexpr std::chrono::milliseconds untried_wait =
    1s;  // before what was not tried comes again, where nobody said when: no busy loop
inline constexpr std::size_t polled_channels_max = 32;              // each has a thread, asleep mostly
inline constexpr std::size_t poll_cursor_bytes_max = 4 * kibibyte;  // abi.h: what `next` takes
inline constexpr std::chrono::milliseconds poll_every = 1min;       // where hub.yaml says nothing
inline constexpr std::chrono::milliseconds poll_every_min = 1s;     // faster is what webhooks are for
inline constexpr std::chrono::milliseconds poll_wait_max = 24h;     // a plugin may ask for
inline constexpr std::chrono::milliseconds poll_deadline =
    15s;  // a stop waits behind it; Kubernetes kills after 30
inline constexpr std::chrono::milliseconds poll_retry_first = 30s;  // doubled with each failure
inline constexpr std::chrono::milliseconds poll_retry_max = 1h;
inline constexpr std::chrono::milliseconds poll_retry_operator = 30min;  // credentials, configuration: wrong
                                                                         // logins get accounts locked
inline constexpr std::chrono::milliseconds poll_wake = 200ms;            // how soon a moved clock is noticed
inline constexpr std::chrono::milliseconds delivery_retry_after_max = 24h;  // what a provider may ask for

// --- Templates of mails
// ------------------------------------------------------------------------------------
inline constexpr std::size_t mail_template_bytes_max = 256 * kibibyte;  // one file; Gmail shows 102 KiB
inline constexpr std::size_t mail_templates_max = 1'000;                // files of a folder; each is kept
inline constexpr std::size_t mail_partial_depth_max = 8;  // partials within partials; people nest two
inline constexpr std::size_t mail_expanded_bytes_max =
    512 * kibibyte;  // a template with its partials put in: eight levels that each name the next one twice
                     // are 256 times the last
inline constexpr std::size_t mail_value_bytes_max = 1 * kibibyte;  // one field; names have 30, a remark 300
inline constexpr std::size_t mail_list_max = 100;                  // entries of a list that a mail shows
inline constexpr std::size_t mail_preheader_bytes_max = 300;       // mailboxes show about 100 characters
inline constexpr std::size_t mail_text_columns = 78;               // RFC 5322 2.1.1

// --- Requests to other services, by the host's HTTP client
// ---------------------------------------------------------------------------------------------
inline constexpr std::size_t destinations_max = 32;  // a thread and two connections each
inline constexpr std::size_t outbound_requests_max =
    16 + destinations_max;  // at once; each is a thread that waits, and a socket; a destination has one
inline constexpr std::size_t outbound_url_bytes_max = 8 * kibibyte;  // what servers take at most
inline constexpr std::size_t outbound_head_bytes_max = 16 * kibibyte;
inline constexpr std::size_t outbound_body_bytes_max = 4 * mebibyte;      // a message with a document is less
inline constexpr std::size_t outbound_response_bytes_max = 4 * mebibyte;  // a lead of a form tool has 4 KiB
inline constexpr std::chrono::milliseconds outbound_connect_timeout = 10s;
inline constexpr std::chrono::milliseconds outbound_deadline_max =
    60s;                                                // a worker of a channel waits behind it
inline constexpr std::size_t egress_origins_max = 100;  // of plugins.egress

// --- Follow-ups: what a request asks for after it is answered
// ---------------------------------------------------------------------------------------------
inline constexpr std::size_t follow_ups_taken_max = 16;  // of one channel, read from the inbox at once
inline constexpr auto follow_up_poll = 1s;               // for what is tried again; new ones are told of
inline constexpr std::chrono::milliseconds follow_up_deadline = 60s;     // one run
inline constexpr std::int64_t follow_up_attempts_max = 18;               // with the waits below: three days
inline constexpr std::chrono::milliseconds follow_up_retry_first = 10s;  // doubled each time
inline constexpr std::chrono::milliseconds follow_up_retry_max = 12h;
inline constexpr std::chrono::milliseconds follow_up_retry_after_max = 24h;  // what a provider may ask for
inline constexpr std::size_t follow_up_detail_bytes_max = 500;               // of what the plugin said last

// --- What a channel keeps in the hub
// ---------------------------------------------------------------------------------------------
inline constexpr std::int64_t channel_memory_keys_max = 10'000;  // a conversation each; 640 MiB at the worst
inline constexpr std::size_t channel_memory_key_bytes_max = 512;
inline constexpr std::size_t channel_memory_value_bytes_max = 64 * kibibyte;

// --- Chats
// -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t chat_text_bytes_max =
    4 * kibibyte;  // one reply: Telegram and WhatsApp take 4,096 characters, which no 4 KiB exceed
inline constexpr std::size_t reply_author_bytes_max = 200;       // a name
inline constexpr std::size_t idempotency_key_bytes_max = 200;    // a UUID has 36; hashed before it is kept
inline constexpr std::size_t conversation_token_bytes_max = 80;  // ours have 45
inline constexpr std::int64_t transcript_messages_max =
    100;  // of each side in one answer to a widget; it asks on where there are more
inline constexpr std::chrono::milliseconds transcript_overlap =
    5min;  // replies are shown again for so long, lest a clock that is set back hide one

// --- Control API
// -----------------------------------------------------------------------------------------------
inline constexpr std::size_t control_body_bytes_max = 1 * mebibyte;
inline constexpr std::size_t control_request_bytes_max =
    control_body_bytes_max + 64 * kibibyte;  // head and body; a head is a token and little else
inline constexpr auto control_head_deadline =
    500ms;  // the whole head: a stranger holds a thread so long, and 64 at once delay a client by a second
inline constexpr auto control_request_deadline = 5s;  // first byte to last byte: who knows the token, so long
inline constexpr auto control_linger_deadline = 500ms;  // as linger_deadline, where a thread waits
inline constexpr std::size_t control_path_bytes_max =
    512;                                    // routes are regular expressions: recursion grows with the path
inline constexpr int control_threads = 32;  // asleep mostly: a long poll holds one for long_poll_max
inline constexpr int page_size_default = 50;
inline constexpr int page_size_max = 500;
inline constexpr auto long_poll_max = 20s;
inline constexpr std::chrono::milliseconds pipeline_wait_max =
    2s;  // tap shows what became of an entry, if it is soon

// --- Backup and restore
// ---------------------------------------------------------------------------------------
inline constexpr std::size_t file_piece_bytes = 256 * kibibyte;  // read, hashed and written at once
inline constexpr int backup_step_pages = 128;  // copied of a live store, then on disk: 1 MiB a time
inline constexpr std::uintmax_t backup_log_bytes_max =
    std::uintmax_t{8} * 1024 *
    mebibyte;  // of the write-ahead log, which grows while its file is copied; beyond it: given up

// --- Import and export
// ---------------------------------------------------------------------------------------
inline constexpr std::size_t import_cell_bytes_max = 68 * kibibyte;  // event_text_bytes_max and its growth
inline constexpr std::size_t import_row_bytes_max = event_bytes_max;
inline constexpr std::size_t import_columns_max = 1'000;  // the widest exports of CRMs have about 500
inline constexpr std::size_t import_line_bytes_max = 16 * mebibyte;  // a lead with 10,000 events in its story
inline constexpr std::size_t import_batch_events_max = events_per_request_max;  // one entry of the inbox
inline constexpr std::size_t import_batch_bytes_max = control_body_bytes_max;
inline constexpr int import_tries_max = 30;             // of one batch, while the hub is busy or starts again
inline constexpr auto import_retry_wait = 1s;           // between them
inline constexpr std::size_t import_errors_shown = 20;  // nobody reads more; --rejects gets them all
inline constexpr std::size_t import_columns_named =
    50;  // in a notice, or of attributes in an export's header
inline constexpr std::size_t export_columns_max = 2'000;  // attributes of a table; spreadsheets take 16,384
inline constexpr std::int64_t export_page_leads =
    100;  // the stores' connection is held for a page: about 20 ms
inline constexpr std::size_t export_page_bytes = 4 * mebibyte;  // a page ends behind it

// --- Reports
// ---------------------------------------------------------------------------------------
inline constexpr std::size_t report_name_bytes_max = 200;  // of a source or campaign; stands in an index
inline constexpr std::size_t report_groups_max = 200;      // lines of a report; the smallest become "(other)"
inline constexpr std::size_t report_groups_counted_max =
    10'000;  // told apart while counting: strangers choose campaigns. What comes then is "(other)"
inline constexpr std::size_t report_spans_max = 25'000'000;  // times that a report keeps for its percentiles,
                                                             // of 4 bytes each; beyond it: a shorter window
inline constexpr std::chrono::milliseconds report_since_default = std::chrono::days{30};
inline constexpr std::chrono::milliseconds objective_window =
    std::chrono::days{30};                    // conversions that a lead time's objective is held to
inline constexpr auto objective_poll = 5min;  // lead times count in days; a look is 0.1 s at a million leads

// --- Another configuration
inline constexpr auto generation_wait_max =
    2s;  // for requests under way to let go of the old channels; then later
inline constexpr auto config_watch_interval =
    500ms;  // serve --watch: a person who saves a file sees it at once

// --- Trying a configuration out
inline constexpr std::size_t plan_page_leads = 500;  // compared at once
inline constexpr std::size_t plan_examples = 5;  // of each kind, unless asked for more: a screen, not a list
inline constexpr std::size_t plan_examples_max = 1'000;          // held in memory until printed
inline constexpr std::chrono::days simulation_ahead_max{1'096};  // three years: a renewal and what follows
inline constexpr std::size_t simulation_moments_max = 10'000;    // about a minute; a journey a day has 1,096
inline constexpr int simulation_assignments = 1'000;  // the last ones of each of the team, for capacities

}  // namespace leadhub::limits
