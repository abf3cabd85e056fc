/* Breaks one rule of deliver a mail: the one that the mail's subject names. */
#include <leadhub/abi.h>
static leadhub_status deliver_badly(const leadhub_delivery* items, const leadhub_delivery_sink* sink,
                                    leadhub_error* error);
#define DELIVER deliver_badly
#define ACTIVATE                                                                            \
  deliver_table.size = holds(config, "wrong size") ? 4 : (uint32_t)sizeof(leadhub_deliver); \
  deliver_table.deliver = holds(config, "missing call") ? 0 : deliver;
#include "specimen.h"

/* Breaks a rule of claims about the first of several mails, and is fair to the others. */
static leadhub_status claim_badly(leadhub_string what, const leadhub_delivery_sink* sink,
                                  leadhub_error* error) {
  const leadhub_string none = {0, 0};
  if (holds(what, "claim nobody")) {
    sink->claim(sink, 1);
    sink->claim(sink, 77);
    sink->result(sink, 1, LEADHUB_DELIVERY_DONE, none, 0);
    return LEADHUB_STATUS_OK;
  }
  if (holds(what, "claim late")) sink->result(sink, 0, LEADHUB_DELIVERY_DONE, none, 0);
  sink->claim(sink, 0);
  if (holds(what, "claim and fail")) return fail(error, "the whole provider is gone");
  if (sink->claim(sink, 1)) sink->result(sink, 1, LEADHUB_DELIVERY_DONE, none, 0);
  return LEADHUB_STATUS_OK;
}

static leadhub_status deliver_badly(const leadhub_delivery* items, const leadhub_delivery_sink* sink,
                                    leadhub_error* error) {
  const leadhub_string what = items->document, none = {0, 0}, nowhere = {0, 17};
  leadhub_error why = {
      sizeof(leadhub_error), LEADHUB_ERROR_UNAVAILABLE, LEADHUB_RETRY_TRANSIENT, 5, -7, "later"};
  leadhub_delivery_state state = LEADHUB_DELIVERY_FAILED;
  if (holds(what, "claim ")) return claim_badly(what, sink, error);
  if (holds(what, "no result")) return LEADHUB_STATUS_OK;
  if (holds(what, "status 77")) return 77;
  if (holds(what, "filled error")) return fail(error, "the whole provider is gone");
  if (holds(what, "empty error")) return LEADHUB_STATUS_ERROR;
  if (holds(what, "twice")) sink->result(sink, 0, LEADHUB_DELIVERY_DONE, none, 0);
  if (holds(what, "index")) {
    sink->result(sink, UINT32_MAX, LEADHUB_DELIVERY_DONE, none, 0);
    return LEADHUB_STATUS_OK;
  }
  if (holds(what, "state 0")) state = 0;
  if (holds(what, "state 99")) state = 99;
  if (holds(what, "error too small")) why.size = 8;
  if (holds(what, "error size")) why.size = 8, state = LEADHUB_DELIVERY_UNKNOWN;
  if (holds(what, "retry class")) why.retry_class = -1;
  if (holds(what, "message size")) why.message_size = LEADHUB_ERROR_MESSAGE_BYTES + 1;
  if (holds(what, "endless wait")) why.retry_after_ms = INT64_MAX;
  if (holds(what, "null id")) state = LEADHUB_DELIVERY_DONE;
  if (holds(what, "untried")) state = LEADHUB_DELIVERY_UNTRIED;
  sink->result(sink, 0, state, nowhere, holds(what, "no reason") ? 0 : &why);
  return LEADHUB_STATUS_OK;
}
