/*
 * leadhub plugin ABI, version 1.0
 *
 * The whole contract between the leadhub host and a channel plugin, in plain C (C11). C++ authors use the
 * wrapper in <leadhub/sdk/channel.hpp>, which turns it into one class to derive from.
 *
 * POLICY
 *   - A plugin is one shared object that exports one symbol: the constant `leadhub_plugin`
 * (leadhub_plugin_entry). The host reads magic, size and version before it calls anything.
 *   - Majors must be equal; the plugin's minor must not be greater than the host's. Otherwise the host
 * refuses the plugin and says whether it is too old or too new.
 *   - A released struct, constant or extension id never changes its meaning. New members are appended to a
 * struct and announced by its `size`; a reader treats a member beyond `size` as absent. What must change
 * otherwise gets a new name or a new extension revision ("leadhub.capture.http/2"), and the old one stays for
 * the life of the major.
 *   - Extensions whose id ends in "/draft" may still change; host and plugin that disagree see them as
 * absent.
 *
 * OWNERSHIP
 *   - Nobody frees the other side's memory. Strings and arrays passed to a call are valid until that call
 * returns. Variable results go through sink callbacks, which copy before they return. A sink belongs to one
 * call: it is used on the thread of that call and never after it has returned.
 *   - Tables that a side hands out (entry, factory, channel, extensions) stay valid until the object they
 * belong to is destroyed; those of the module stay valid for the life of the process. Modules are never
 * unloaded.
 *
 * STRINGS are UTF-8, pointer and size, without a terminator; an empty string may have a null pointer. Bodies
 * and header values may hold any byte.
 *
 * ERRORS: a call that can fail returns a leadhub_status and fills the caller's leadhub_error. No exception
 * may cross this boundary in either direction. Every pointer that a call is given is set, but for what is
 * marked nullable. The host checks what a plugin returns: a table of another size than its version has, a
 * required call that is missing, an unknown enumerator or a null pointer with a size fails that call with a
 * message that names the plugin.
 *
 * THREADS: each call is marked
 *   [control]  never concurrent with any other call on the same instance
 *   [worker]   one call at a time per instance, may run beside [any] calls
 *   [any]      re-entrant: many threads at once, so the implementation guards what it shares
 *
 * Zero is never a meaningful value of an enumeration here: what nobody filled in is visibly wrong.
 */
#ifndef LEADHUB_ABI_H
#define LEADHUB_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEADHUB_ABI_MAJOR 1u
#define LEADHUB_ABI_MINOR 0u

/* The bytes "LEADHUB" and 1 as a little-endian integer: tells a leadhub plugin from any other shared object.
 */
#define LEADHUB_PLUGIN_MAGIC UINT64_C(0x014255484441454c)

/* Pointer and size; not terminated; valid for the call only. */
typedef struct leadhub_string {
  const char* data;
  uint64_t size;
} leadhub_string;

typedef int32_t leadhub_status;
enum {
  LEADHUB_STATUS_OK = 1,
  LEADHUB_STATUS_ERROR = 2 /* the leadhub_error says which */
};

typedef int32_t leadhub_error_code;
enum {
  LEADHUB_ERROR_INVALID = 1,     /* the input is wrong; the same input fails again */
  LEADHUB_ERROR_UNAVAILABLE = 2, /* the other party cannot now */
  LEADHUB_ERROR_TIMEOUT = 3,     /* the deadline passed */
  LEADHUB_ERROR_DENIED = 4,      /* credentials, permission or capability missing */
  LEADHUB_ERROR_NOT_FOUND = 5,
  LEADHUB_ERROR_INTERNAL = 6 /* a bug of the side that reports it */
};

/* Whether and when trying again makes sense: what a sender needs more than a text. */
typedef int32_t leadhub_retry_class;
enum {
  LEADHUB_RETRY_NONE = 1,         /* trying again is neither needed nor useful */
  LEADHUB_RETRY_TRANSIENT = 2,    /* with back-off */
  LEADHUB_RETRY_RATE_LIMITED = 3, /* after retry_after_ms */
  LEADHUB_RETRY_AUTH = 4,         /* once somebody has renewed the credentials */
  LEADHUB_RETRY_PERMANENT = 5     /* never */
};

#define LEADHUB_ERROR_MESSAGE_BYTES 512

/* Allocated by the caller, who sets `size`; filled by the callee when it returns LEADHUB_STATUS_ERROR. */
typedef struct leadhub_error {
  uint32_t size;
  leadhub_error_code code;
  leadhub_retry_class retry_class;
  uint32_t message_size;                     /* bytes of `message` in use */
  int64_t retry_after_ms;                    /* 0: unknown */
  char message[LEADHUB_ERROR_MESSAGE_BYTES]; /* what is wrong and how to mend it; no secret, no personal data
                                              */
} leadhub_error;

/* ------------------------------------------------------------------------------------------------ host
 * ---------- */

typedef struct leadhub_host leadhub_host;

/* What the host gives to one channel instance. Each instance has its own, so that what it reaches through it
 * (log, secrets, metrics) is its own too. Outlives the instance. All of it may be used from create on. */
struct leadhub_host {
  uint32_t size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  void* context;          /* the host's; plugins pass the leadhub_host along and never look inside */
  leadhub_string version; /* of the host, for logs: "0.1.0" */
  /* [any] The table of a host extension, or null where this host has none of that id. */
  const void* (*get_extension)(const leadhub_host* host, leadhub_string id);
};

/* Log lines of this instance. No personal data and no secrets. */
#define LEADHUB_HOST_LOG "leadhub.host.log/1"
enum { LEADHUB_LOG_DEBUG = 1, LEADHUB_LOG_INFO = 2, LEADHUB_LOG_WARNING = 3, LEADHUB_LOG_ERROR = 4 };
typedef struct leadhub_host_log {
  uint32_t size;
  uint32_t reserved;
  /* [any] */
  void (*write)(const leadhub_host* host, int32_t level, leadhub_string message);
} leadhub_host_log;

/* The host's clock: the only time a plugin may use, so that tests and replay can set it. */
#define LEADHUB_HOST_CLOCK "leadhub.host.clock/1"
typedef struct leadhub_host_clock {
  uint32_t size;
  uint32_t reserved;
  /* [any] Milliseconds since 1970-01-01T00:00:00Z. */
  int64_t (*now_ms)(const leadhub_host* host);
} leadhub_host_clock;

/* Whether the hub is about to end. It waits for the calls that are under way, each to its deadline; its own
 * HTTP requests it ends by itself. Null for a channel that is only checked. */
#define LEADHUB_HOST_STOPPING "leadhub.host.stopping/1"
typedef struct leadhub_host_stopping {
  uint32_t size;
  uint32_t reserved;
  /* [any] Non-zero: a call that waits for others by means of its own ends now, with what it has or with an
   * error of LEADHUB_RETRY_TRANSIENT. */
  int32_t (*is_stopping)(const leadhub_host* host);
} leadhub_host_stopping;

/* Receives one string; copies it. */
typedef struct leadhub_string_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  void (*put)(const struct leadhub_string_sink* sink, leadhub_string value);
} leadhub_string_sink;

/* Secret values. A configuration holds references; this gives the value. Two names are always there:
 *   "channel.signing_key"  32 bytes of key material of this channel, stable over restarts, for signing tokens
 * and every secret of the channel's configuration under its JSON pointer, for example "/secret". */
#define LEADHUB_HOST_SECRETS "leadhub.host.secrets/1"
typedef struct leadhub_host_secrets {
  uint32_t size;
  uint32_t reserved;
  /* [any] LEADHUB_ERROR_NOT_FOUND for a name that was neither configured nor declared. */
  leadhub_status (*get)(const leadhub_host* host, leadhub_string name, const leadhub_string_sink* value,
                        leadhub_error* error);
} leadhub_host_secrets;

/* Counters of this instance, shown at /metrics as leadhub_channel_<name>_total{channel="..."}. */
#define LEADHUB_HOST_METRICS "leadhub.host.metrics/1"
typedef struct leadhub_host_metrics {
  uint32_t size;
  uint32_t reserved;
  /* [any] `name`: [a-z][a-z0-9_]{0,39}; at most 32 names an instance, further ones are dropped. */
  void (*count)(const leadhub_host* host, leadhub_string name, uint64_t by);
} leadhub_host_metrics;

/* --------------------------------------------------------------------------------------------- channel
 * ---------- */

/* Receives what is wrong with a configuration. */
typedef struct leadhub_diagnostic_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* `pointer`: JSON pointer (RFC 6901) into the configuration; `message`: what is wrong; how to mend it. */
  void (*report)(const struct leadhub_diagnostic_sink* sink, leadhub_string pointer, leadhub_string message);
} leadhub_diagnostic_sink;

typedef struct leadhub_channel leadhub_channel;

/* One configured channel. Life: create -> check -> activate -> (any extension calls) -> deactivate ->
 * destroy. An instance is activated at most once; another configuration means another instance. */
struct leadhub_channel {
  uint32_t size;
  uint32_t reserved;
  void* instance; /* the plugin's */
  /* [control] Required. Reports whatever the config schema cannot express. `config` is JSON, valid by the
   * schema, its defaults filled in. Must not reach outside: it runs for `leadhub validate` too. */
  leadhub_status (*check)(leadhub_channel* channel, leadhub_string config,
                          const leadhub_diagnostic_sink* sink, leadhub_error* error);
  /* [control] Required. Makes the instance ready to be called. */
  leadhub_status (*activate)(leadhub_channel* channel, leadhub_string config, leadhub_error* error);
  /* [control] Required. No call is under way, none follows but destroy. */
  void (*deactivate)(leadhub_channel* channel);
  /* [control] Required. Frees the instance, this struct included. */
  void (*destroy)(leadhub_channel* channel);
  /* [any] Required. The table of a plugin extension, or null where this channel has none of that id. */
  const void* (*get_extension)(leadhub_channel* channel, leadhub_string id);
};

#define LEADHUB_CHANNEL_FACTORY "leadhub.channel.factory/1"
typedef struct leadhub_channel_factory {
  uint32_t size;
  uint32_t reserved;
  /* [control] Required. `name`: the channel's name in hub.yaml. On success *channel is a new instance. */
  leadhub_status (*create)(const leadhub_host* host, leadhub_string name, leadhub_channel** channel,
                           leadhub_error* error);
} leadhub_channel_factory;

/* ---------------------------------------------------------------------------------------- capture.http
 * ---------- */

typedef struct leadhub_http_header {
  leadhub_string name; /* lower-case */
  leadhub_string value;
} leadhub_http_header;

/* One whole request of the public edge: framing checked, bounded, complete, not decompressed. */
typedef struct leadhub_http_request {
  uint32_t size;
  uint32_t header_count;
  leadhub_string method; /* "POST" */
  leadhub_string path;   /* as sent: "/in/website", "/f/website" or "/f/website.js" */
  leadhub_string query;  /* as sent, without '?' */
  const leadhub_http_header* headers;
  leadhub_string body;
  leadhub_string client_address; /* textual IP address */
  leadhub_string
      public_url; /* the hub's public_url without trailing slash, for signatures over URLs and links */
} leadhub_http_request;

typedef struct leadhub_http_response {
  uint32_t size;
  int32_t status; /* 200 to 599 */
  uint32_t header_count;
  uint32_t reserved;
  const leadhub_http_header* headers; /* without Content-Length, Date and Connection, which the host writes */
  leadhub_string body;
} leadhub_http_response;

/* Takes what a request amounts to. */
typedef struct leadhub_capture_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* One lead event: a JSON document of the published schema (sdk/lead-event.schema.json). Without a "key" the
   * host gives it a fresh one, and a repeated request is a new event. */
  void (*event)(const struct leadhub_capture_sink* sink, leadhub_string json);
  /* The answer, sent after the events are on disk. The last one given counts; none: 204. */
  void (*respond)(const struct leadhub_capture_sink* sink, const leadhub_http_response* response);
} leadhub_capture_sink;

/* Any other value, zero above all: the call failed and its error says why; the host answers 500 and keeps
 * nothing. */
typedef int32_t leadhub_verdict;
enum {
  LEADHUB_VERDICT_ACCEPT = 1, /* authentic: read it */
  LEADHUB_VERDICT_ANSWER =
      2, /* nothing to capture (a page, a challenge, a preflight): send the response given */
  LEADHUB_VERDICT_REFUSE =
      3, /* not authentic or not allowed: send the response given (none: 403), keep nothing */
  LEADHUB_VERDICT_HOLD = 4 /* suspicious: read, store and answer as if accepted, but set aside for review; the
                            * error's message says why */
};

/* Turns HTTP requests for /in/<channel>, /f/<channel> and /f/<channel>.js into lead events.
 * Two calls, so that the second can run again, years later, on the stored request: for redrive, `plan` and
 * tests. */
#define LEADHUB_CAPTURE_HTTP "leadhub.capture.http/1"
typedef struct leadhub_capture_http {
  uint32_t size;
  uint32_t reserved;
  /* [any] Required. Decides whether to trust the request, in constant time where secrets are compared. Sees
   * the time and may keep bounded state (rates). Must not block. `sink->event` must not be called here.
   * ANSWER needs a response. */
  leadhub_verdict (*authenticate)(leadhub_channel* channel, const leadhub_http_request* request,
                                  int64_t now_ms, const leadhub_capture_sink* sink, leadhub_error* error);
  /* [any] Required. Reads events and response from the request. Pure and repeatable: the same request gives
   * the same events; no clock, no randomness, no state. Must not block. Nothing counts of what the sink got
   * before an error. LEADHUB_STATUS_OK without events: nothing to keep; the response says why (a required
   * field is missing: 422). LEADHUB_STATUS_ERROR: authentic, but not understood: the raw request is kept in
   * quarantine for redrive. */
  leadhub_status (*read)(leadhub_channel* channel, const leadhub_http_request* request,
                         const leadhub_capture_sink* sink, leadhub_error* error);
} leadhub_capture_http;

/* ------------------------------------------------------------------------------------ host.http, host.kv
 * ---------- */

/* A request to another service. */
typedef struct leadhub_outbound_request {
  uint32_t size;
  uint32_t header_count;
  leadhub_string method; /* a token: "POST" */
  leadhub_string url;    /* ASCII, at most 8 KiB, without user and password */
  const leadhub_http_header*
      headers; /* without Host, Content-Length, Connection and the like, which the host writes */
  leadhub_string body;
} leadhub_outbound_request;

typedef struct leadhub_outbound_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* The whole answer, whatever its status; header names in lower case. Called at most once. */
  void (*response)(const struct leadhub_outbound_sink* sink, const leadhub_http_response* response);
} leadhub_outbound_sink;

/* The host's HTTP client. It asks a host that stands in the descriptor's capabilities.hosts
 * ("api.example.com", or "*.example.com" for the names below), or that the operator wrote into the
 * channel's own configuration where the schema says "x-egress", over https at port 443 and at an address that
 * the internet can reach; or an origin that the operator named in plugins.egress. Redirects are not followed,
 * nothing is repeated. Null for a channel that is only checked. */
#define LEADHUB_HOST_HTTP "leadhub.host.http/1"
typedef struct leadhub_host_http {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Only in a call that is marked so: elsewhere it is DENIED. Blocks until the deadline
   * (milliseconds of the host's clock), a minute at most. LEADHUB_STATUS_ERROR where no answer came. DENIED:
   * by the host, because it is not allowed or breaks a rule. UNAVAILABLE: the other side has seen nothing of
   * it, so the same request may work later. TIMEOUT: some of it was sent and no whole answer came, so nobody
   * knows whether it took effect. */
  leadhub_status (*send)(const leadhub_host* host, const leadhub_outbound_request* request,
                         int64_t deadline_ms, const leadhub_outbound_sink* sink, leadhub_error* error);
} leadhub_host_http;

/* A small durable memory of this channel, shared by its instances: at most 10,000 keys of 512 bytes with
 * values of 64 KiB, all UTF-8. Not for leads: an erasure does not look here, so nothing personal is kept
 * longer than needed (expires_at_ms), and best as a hash. Null for a channel that is only checked. */
#define LEADHUB_HOST_KV "leadhub.host.kv/1"
typedef struct leadhub_host_kv {
  uint32_t size;
  uint32_t reserved;
  /* Each of them: [worker], only in a call that is marked so; DENIED elsewhere.
   * LEADHUB_ERROR_NOT_FOUND where there is none, or where it has expired. */
  leadhub_status (*get)(const leadhub_host* host, leadhub_string key, const leadhub_string_sink* value,
                        leadhub_error* error);
  /* Durable when it returns. `expires_at_ms`: by the host's clock; 0: never. INVALID beyond the bounds. */
  leadhub_status (*put)(const leadhub_host* host, leadhub_string key, leadhub_string value,
                        int64_t expires_at_ms, leadhub_error* error);
  /* LEADHUB_STATUS_OK where there was none. */
  leadhub_status (*erase)(const leadhub_host* host, leadhub_string key, leadhub_error* error);
} leadhub_host_kv;

/* ------------------------------------------------------------------------------------------- follow_up
 * ---------- */

/* Slow work that a request asks for, after the request is on disk and answered: fetching a lead by its id, an
 * auto-reply. Runs at least once for each stored request, so it must bear repetition. A request that is held
 * or unreadable is not followed up. */
#define LEADHUB_FOLLOW_UP "leadhub.follow_up/1"
typedef struct leadhub_follow_up {
  uint32_t size;
  uint32_t reserved;
  /* [any] Required. Whether this request, which read() could read, needs following up at all; non-zero: yes.
   * It is then stored even where read() gave no event. Pure, must not block. */
  int32_t (*wanted)(leadhub_channel* channel, const leadhub_http_request* request);
  /* [worker] Required. The request as it was stored: without the headers that prove who sent it.
   * `idempotency_key` is the same at every repetition. Events go to the sink, `respond` of which must not be
   * called; they are stored together with the fact that this is done, and nothing is where it fails. The
   * error's retry class says whether the host tries again: TRANSIENT, RATE_LIMITED and AUTH for three days,
   * then and otherwise never. Returns by the deadline (milliseconds of the host's clock). */
  leadhub_status (*run)(leadhub_channel* channel, const leadhub_http_request* request,
                        leadhub_string idempotency_key, int64_t deadline_ms, const leadhub_capture_sink* sink,
                        leadhub_error* error);
} leadhub_follow_up;

/* ---------------------------------------------------------------------------------------- capture.poll
 * ---------- */

/* Takes what a poll found. Events and cursor are committed together: after a crash the last committed cursor
 * is given again, so that nothing is lost. What is read twice then is known by its key, so each event needs
 * one. */
typedef struct leadhub_poll_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* One lead event, as in leadhub_capture_sink. */
  void (*event)(const struct leadhub_poll_sink* sink, leadhub_string json);
  /* Where to go on, at most 4 KiB of UTF-8. Without it the cursor stays. `wait_ms`: poll again after so long;
   * 0: at once, because there is more; below 0: as configured. */
  void (*next)(const struct leadhub_poll_sink* sink, leadhub_string cursor, int64_t wait_ms);
} leadhub_poll_sink;

/* Fetches lead events from a provider that does not call us. A channel that has it beside capture.http or
 * deliver gets an instance of its own for it. */
#define LEADHUB_CAPTURE_POLL "leadhub.capture.poll/1"
typedef struct leadhub_capture_poll {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Required. `cursor`: what `next` was given last; empty at the first poll. Returns by the deadline
   * with what it has (milliseconds of the host's clock). On error events and cursor of this call are dropped,
   * and its retry class says when to poll again: TRANSIENT and NONE after a while that grows, RATE_LIMITED
   * not before retry_after_ms, AUTH and PERMANENT seldom, because somebody has to mend something first.
   * Blocks no other channel. */
  leadhub_status (*poll)(leadhub_channel* channel, leadhub_string cursor, int64_t deadline_ms,
                         const leadhub_poll_sink* sink, leadhub_error* error);
} leadhub_capture_poll;

/* --------------------------------------------------------------------------------------------- deliver
 * ---------- */

/* One thing to hand over. Every text in it was checked by the host: UTF-8, bounded, and without a control
 * character where one could split a header. */
typedef struct leadhub_delivery {
  uint32_t size;
  uint32_t reserved;
  leadhub_string idempotency_key; /* the same at every repetition; goes to the provider where it takes one */
  leadhub_string document;        /* JSON; its "type" says what it is. "mail": the published schema
                                     sdk/mail.schema.json; "chat": sdk/chat.schema.json; "lead":
                                     sdk/lead-delivery.schema.json. A type that the plugin does not know:
                                     FAILED, for good */
  leadhub_string payload; /* the bytes to send where they are made by the host; empty for a mail, whose MIME
                             message is the plugin's to make */
} leadhub_delivery;

typedef int32_t leadhub_delivery_state;
enum {
  LEADHUB_DELIVERY_DONE = 1,    /* the provider took it */
  LEADHUB_DELIVERY_FAILED = 2,  /* the provider did not take it; the error's retry class says what next */
  LEADHUB_DELIVERY_UNKNOWN = 3, /* cut off after everything was sent: nobody can know */
  LEADHUB_DELIVERY_UNTRIED =
      4 /* nothing was sent: the deadline came first, an earlier item failed for all, the claim was refused,
           or it must wait for its turn. Not counted as an attempt */
};

typedef struct leadhub_delivery_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* The outcome of items[index], once for each. `provider_id`: what the provider calls it; may be empty.
   * `error`: set for FAILED and UNKNOWN; for UNTRIED it may be set, to say why and, by retry_after_ms, not
   * before when (a rate, a plan by day); null for DONE. Its retry class: TRANSIENT, RATE_LIMITED and AUTH
   * mean later, NONE and PERMANENT mean never. PERMANENT with the code NOT_FOUND, for a lead: the other side
   * is gone (HTTP 410), and the host hands nothing over by this channel until somebody has looked at it; for
   * a mail: its recipient, mailbox or domain, does not exist (a hard bounce; RFC 3463: 5.1.1 and the like),
   * and the host writes there no more. */
  void (*result)(const struct leadhub_delivery_sink* sink, uint32_t index, leadhub_delivery_state state,
                 leadhub_string provider_id, const leadhub_error* error);
  /* Called for items[index] immediately before the first byte of it leaves that cannot be taken back: with
   * SMTP between login and MAIL FROM, with HTTP before the request. Non-zero: go on. 0: it must not leave any
   * more, because its owner has just objected, say; its result is UNTRIED. Not after the item's result. May
   * take as long as a write to disk. Absent in a host that has no `claim`: go on. */
  int32_t (*claim)(const struct leadhub_delivery_sink* sink, uint32_t index);
} leadhub_delivery_sink;

/* Hands things over to a provider, or to whoever brings them further. A channel without it is no transport:
 * no `via:` can name it. */
#define LEADHUB_DELIVER "leadhub.deliver/1"
typedef struct leadhub_deliver {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Required. Gives one result for each item as soon as it is known. Returns by the deadline
   * (milliseconds of the host's clock). The same item may come again after UNTRIED, a FAILED that may be
   * tried later, or a crash, under the same idempotency_key.
   * LEADHUB_STATUS_OK: an item without a result counts as UNKNOWN; in a call that has claimed some item, one
   * that it has not claimed counts as UNTRIED.
   * LEADHUB_STATUS_ERROR: the items without a result were not tried, and the error says why; its retry class
   * counts for each of them. One that was claimed counts as UNKNOWN all the same.
   * At most 256 items a call. */
  leadhub_status (*deliver)(leadhub_channel* channel, const leadhub_delivery* items, uint32_t item_count,
                            int64_t deadline_ms, const leadhub_delivery_sink* sink, leadhub_error* error);
} leadhub_deliver;

/* --------------------------------------------------------------------------------------- health, fixtures
 * -------- */

#define LEADHUB_HEALTH "leadhub.health/1"
typedef struct leadhub_health {
  uint32_t size;
  uint32_t reserved;
  /* [worker] LEADHUB_STATUS_OK: fit to work. Returns by the deadline (milliseconds of the host's clock). */
  leadhub_status (*check)(leadhub_channel* channel, int64_t deadline_ms, leadhub_error* error);
} leadhub_health;

/* A sample request of a provider with the events it must give: feeds the checker, the docs and the demo.
 * `json`:
 *   {"name": "...", "config": {...}, "now": "RFC 3339", "request": {"method", "path", "query", "headers": {},
 * "body"}, "verdict": "accept|answer|refuse|hold", "status": 303, "events": [...]} */
typedef struct leadhub_fixture_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  void (*fixture)(const struct leadhub_fixture_sink* sink, leadhub_string json);
} leadhub_fixture_sink;

/* Asked of the module, not of a channel: leadhub_plugin.get_factory(LEADHUB_FIXTURES). */
#define LEADHUB_FIXTURES "leadhub.fixtures/1"
typedef struct leadhub_fixtures {
  uint32_t size;
  uint32_t reserved;
  /* [any] */
  leadhub_status (*list)(const leadhub_fixture_sink* sink, leadhub_error* error);
} leadhub_fixtures;

/* ================================================================================================= DRAFTS
 * ========= What stands between here and the end of the drafts may still change in any release; it is here so
 * that authors can say what they miss. A host or plugin that does not have one answers null, so whoever asks
 * must be ready for that. This host has none of the host drafts and calls none of the plugin drafts yet. A
 * draft that settles keeps its table and gets the id with "/1" in place of "/draft". */

typedef int32_t leadhub_contact_kind;
enum { LEADHUB_CONTACT_EMAIL = 1, LEADHUB_CONTACT_PHONE = 2, LEADHUB_CONTACT_NAME = 3 };

typedef int32_t leadhub_contact_verdict;
enum {
  LEADHUB_CONTACT_VALID = 1,   /* reaches somebody */
  LEADHUB_CONTACT_INVALID = 2, /* cannot reach anybody */
  LEADHUB_CONTACT_RISKY = 3,   /* reaches somebody who may not be meant: role, disposable, catch-all */
  LEADHUB_CONTACT_UNKNOWN = 4  /* nobody can tell; asking again may */
};

/* One contact to look at, in its canonical form. */
typedef struct leadhub_contact {
  uint32_t size;
  leadhub_contact_kind kind;
  leadhub_string value;
} leadhub_contact;

typedef struct leadhub_verify_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* The verdict on contacts[index]; `reason` is a short word for reports: "no_mx", "mailbox_full". */
  void (*verdict)(const struct leadhub_verify_sink* sink, uint32_t index, leadhub_contact_verdict verdict,
                  leadhub_string reason);
} leadhub_verify_sink;

/* Judges contacts by asking somebody who knows. */
#define LEADHUB_VERIFY "leadhub.verify/draft"
typedef struct leadhub_verify {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Required. One verdict for each contact; what gets none by the deadline is asked again later. */
  leadhub_status (*verify)(leadhub_channel* channel, const leadhub_contact* contacts, uint32_t contact_count,
                           int64_t deadline_ms, const leadhub_verify_sink* sink, leadhub_error* error);
} leadhub_verify;

/* ========================================================================================== END OF DRAFTS
 * ======== */

/* ------------------------------------------------------------------------------------------------ entry
 * ---------- */

/* The one exported symbol: `leadhub_plugin`. Its first four members never move in any version. */
typedef struct leadhub_plugin_entry {
  uint64_t magic; /* LEADHUB_PLUGIN_MAGIC */
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  /* [control] Required. Called once after loading, before anything else. Static constructors do no work; this
   * does. On error the module is not used; it stays loaded. */
  leadhub_status (*init)(leadhub_error* error);
  /* [control] Required. Called once before the process ends, when all channels are destroyed. */
  void (*deinit)(void);
  /* [any] Required. LEADHUB_CHANNEL_FACTORY, LEADHUB_FIXTURES; null for an id the plugin does not know. */
  const void* (*get_factory)(leadhub_string id);
} leadhub_plugin_entry;

#if defined(__GNUC__)
#define LEADHUB_EXPORT __attribute__((visibility("default")))
#else
#define LEADHUB_EXPORT
#endif

extern LEADHUB_EXPORT const leadhub_plugin_entry leadhub_plugin;

/* The descriptor: a JSON document in the ELF section ".leadhub", read by the host without loading the file:
 *   {"descriptor": 1, "id": "webform", "name": "Web form", "version": "1.0.0", "vendor": "...",
 * "description": "...", "abi": {"major": 1, "minor": 0}, "roles": ["capture.http"], "event_types":
 * ["form.submitted"], "capabilities": {"hosts": [], "secrets": ["/secret"], "paths": ["/in", "/f"]},
 * "config_schema": {...}}
 * A plugin with the role "deliver" says what: "delivers": ["mail"] (what it is taken for where it says
 * nothing), ["chat"], replies in the conversations that the channel itself captures, or ["lead"], leads for
 * another program. leadhub_add_plugin() of the SDK's CMake package makes the section from descriptor.json and
 * config_schema.json. In the schema, `"x-secret": true` marks a secret: the configuration the plugin sees
 * holds the reference
 * {"$secret": "/pointer"} in its place, and the value comes from LEADHUB_HOST_SECRETS. What one branch of the
 * schema marks is a secret in all of them. `"x-path": true` marks the path of a file or folder: where it is
 * relative, the host makes it absolute from the folder of hub.yaml. `"x-egress": true` marks an address that
 * the channel sends requests to: its host counts as one of capabilities.hosts, for this channel. Members that
 * the host does not know are ignored; another "descriptor" number is refused. */
#define LEADHUB_DESCRIPTOR_SECTION ".leadhub"

#ifdef __cplusplus
}
#endif

#endif /* LEADHUB_ABI_H */
