/* A correct plugin in plain C. Each specimen defines one macro before it includes this, and so has one flaw.
 */
#include <leadhub/abi.h>
#include <string.h>

static int is(leadhub_string text, const char* word) {
  return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

static leadhub_status fail(leadhub_error* error, const char* message) {
  error->code = LEADHUB_ERROR_UNAVAILABLE;
  error->retry_class = LEADHUB_RETRY_NONE;
  error->message_size = (uint32_t)strlen(message);
  memcpy(error->message, message, error->message_size);
  return LEADHUB_STATUS_ERROR;
}

#ifndef AUTHENTICATE
#define AUTHENTICATE(request, sink, error) LEADHUB_VERDICT_ACCEPT
#endif
#ifndef READ
#define READ(request, sink, error) LEADHUB_STATUS_OK
#endif
#ifndef INIT
#define INIT(error) LEADHUB_STATUS_OK
#endif

static leadhub_verdict authenticate(leadhub_channel* channel, const leadhub_http_request* request,
                                    int64_t now_ms, const leadhub_capture_sink* sink, leadhub_error* error) {
  (void)channel, (void)request, (void)now_ms, (void)sink, (void)error;
  return AUTHENTICATE(request, sink, error);
}
static leadhub_status read(leadhub_channel* channel, const leadhub_http_request* request,
                           const leadhub_capture_sink* sink, leadhub_error* error) {
  (void)channel, (void)request, (void)sink, (void)error;
  return READ(request, sink, error);
}
static leadhub_capture_http capture_http = {sizeof(leadhub_capture_http), 0, authenticate, read};

#ifdef DELIVER
static int holds(leadhub_string text, const char* word) {
  const uint64_t size = strlen(word);
  for (uint64_t at = 0; at + size <= text.size; ++at)
    if (memcmp(text.data + at, word, size) == 0) return 1;
  return 0;
}
static leadhub_status deliver(leadhub_channel* channel, const leadhub_delivery* items, uint32_t item_count,
                              int64_t deadline_ms, const leadhub_delivery_sink* sink, leadhub_error* error) {
  (void)channel, (void)items, (void)item_count, (void)deadline_ms, (void)sink, (void)error, (void)holds;
  return DELIVER(items, sink, error);
}
static leadhub_deliver deliver_table = {sizeof(leadhub_deliver), 0, deliver};
#endif

static leadhub_status check(leadhub_channel* channel, leadhub_string config,
                            const leadhub_diagnostic_sink* sink, leadhub_error* error) {
  (void)channel, (void)config, (void)sink, (void)error;
#ifdef CHECK
  CHECK
#endif
  return LEADHUB_STATUS_OK;
}
static leadhub_status activate(leadhub_channel* channel, leadhub_string config, leadhub_error* error) {
  (void)channel, (void)config, (void)error;
#ifdef ACTIVATE
  ACTIVATE
#endif
  return LEADHUB_STATUS_OK;
}
static void deactivate(leadhub_channel* channel) {
  (void)channel;
}
static void destroy(leadhub_channel* channel) {
  (void)channel;
#ifdef DESTROY
  DESTROY
#endif
}
static const void* get_extension(leadhub_channel* channel, leadhub_string id) {
  (void)channel;
#ifdef DELIVER
  if (is(id, LEADHUB_DELIVER)) return &deliver_table;
#endif
  return is(id, LEADHUB_CAPTURE_HTTP) ? &capture_http : 0;
}

/* One channel at a time is enough for a test. */
static leadhub_channel channel_table;
static leadhub_status create(const leadhub_host* host, leadhub_string name, leadhub_channel** made,
                             leadhub_error* error) {
  const leadhub_channel table = {
      sizeof(leadhub_channel), 0, 0, check, activate, deactivate, destroy, get_extension};
  (void)host, (void)name, (void)error;
  channel_table = table;
#ifdef CREATE
  CREATE
#endif
  *made = &channel_table;
  return LEADHUB_STATUS_OK;
}
static const leadhub_channel_factory factory = {
#ifdef FACTORY
    FACTORY
#else
    sizeof(leadhub_channel_factory), 0, create
#endif
};

#define PERHAPS_UNUSED __attribute__((unused))
PERHAPS_UNUSED static leadhub_status init(leadhub_error* error) {
  (void)error, (void)fail, (void)create;
  return INIT(error);
}
PERHAPS_UNUSED static void deinit(void) {}
PERHAPS_UNUSED static const void* get_factory(leadhub_string id) {
  return is(id, LEADHUB_CHANNEL_FACTORY) ? &factory : 0;
}

#ifndef MAGIC
#define MAGIC LEADHUB_PLUGIN_MAGIC
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(leadhub_plugin_entry)
#endif
#ifndef VERSION
#define VERSION LEADHUB_ABI_MAJOR, LEADHUB_ABI_MINOR
#endif
#ifndef CALLS
#define CALLS init, deinit, get_factory
#endif
#ifndef SYMBOL
#define SYMBOL leadhub_plugin
#endif
#ifdef __cplusplus
extern "C"
#endif
    LEADHUB_EXPORT const leadhub_plugin_entry SYMBOL = {MAGIC, STRUCT_SIZE, VERSION, 0, CALLS};
