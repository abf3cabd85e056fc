/* Breaks one rule of capture.http a request: the one that the request's body names. */
#include <leadhub/abi.h>
static leadhub_verdict answer_badly(const leadhub_http_request* request, const leadhub_capture_sink* sink,
                                    leadhub_error* error);
static leadhub_status read_badly(const leadhub_http_request* request, const leadhub_capture_sink* sink,
                                 leadhub_error* error);
#define AUTHENTICATE answer_badly
#define READ read_badly
#include "specimen.h"

static leadhub_string text(const char* word) {
  const leadhub_string made = {word, strlen(word)};
  return made;
}

static const leadhub_string nowhere = {0, 17};
static const leadhub_string endless = {"x", UINT64_MAX};

static void respond_badly(leadhub_string what, const leadhub_capture_sink* sink) {
  leadhub_http_header header = {{"x-one", 5}, {"1", 1}};
  leadhub_http_response response = {sizeof(leadhub_http_response), 200, 1, 0, 0, {0, 0}};
  response.headers = &header;
  if (is(what, "null response")) {
    sink->respond(sink, 0);
    return;
  }
  if (is(what, "response size")) response.size = 1;
  if (is(what, "status 99")) response.status = 99;
  if (is(what, "status 600")) response.status = 600;
  if (is(what, "status negative")) response.status = -200;
  if (is(what, "null body")) response.body = nowhere;
  if (is(what, "endless body")) response.body = endless;
  if (is(what, "body with 204")) response.status = 204, response.body = text("x");
  if (is(what, "null headers")) response.headers = 0;
  if (is(what, "header count")) response.header_count = UINT32_MAX;
  if (is(what, "null header name")) header.name = nowhere;
  if (is(what, "endless header value")) header.value = endless;
  if (is(what, "empty header name")) header.name.size = 0;
  if (is(what, "blank in header name")) header.name = text("x one");
  if (is(what, "line break in header name")) header.name = text("x\r\nset-cookie");
  if (is(what, "line break in header value")) header.value = text("1\r\nset-cookie: a=b");
  if (is(what, "NUL in header value")) header.value.data = "\0", header.value.size = 1;
  if (is(what, "content-length")) header.name = text("Content-Length");
  if (is(what, "transfer-encoding")) header.name = text("Transfer-Encoding");
  sink->respond(sink, &response);
}

static leadhub_verdict answer_badly(const leadhub_http_request* request, const leadhub_capture_sink* sink,
                                    leadhub_error* error) {
  const leadhub_string what = request->body;
  if (is(what, "fine")) return LEADHUB_VERDICT_ACCEPT;
  if (is(what, "unknown verdict")) return 5;
  if (is(what, "negative verdict")) return -1;
  if (is(what, "silent failure")) return 0;
  if (is(what, "answer without response")) return LEADHUB_VERDICT_ANSWER;
  if (is(what, "refuse without response")) return LEADHUB_VERDICT_REFUSE;
  if (is(what, "event too early")) sink->event(sink, text("{}"));
  if (is(what, "huge reason")) {
    error->message_size = UINT32_MAX;
    return LEADHUB_VERDICT_HOLD;
  }
  respond_badly(what, sink);
  return LEADHUB_VERDICT_ANSWER;
}

static leadhub_status read_badly(const leadhub_http_request* request, const leadhub_capture_sink* sink,
                                 leadhub_error* error) {
  const leadhub_string what = request->body;
  int i;
  (void)error;
  if (is(what, "fine")) {
    sink->event(sink, text("{\"type\":\"form.submitted\"}"));
    return LEADHUB_STATUS_OK;
  }
  if (is(what, "unknown status")) return 42;
  if (is(what, "silent failure")) return LEADHUB_STATUS_ERROR;
  if (is(what, "event before failure")) {
    sink->event(sink, text("{}"));
    return fail(error, "changed my mind");
  }
  if (is(what, "null event")) sink->event(sink, nowhere);
  if (is(what, "empty event")) sink->event(sink, text(""));
  if (is(what, "endless event")) sink->event(sink, endless);
  if (is(what, "event that is no UTF-8")) sink->event(sink, text("{\"type\":\"\xff\"}"));
  if (is(what, "flood of events"))
    for (i = 0; i < 100000; ++i) sink->event(sink, text("{}"));
  if (is(what, "no response")) return LEADHUB_STATUS_OK;
  respond_badly(what, sink);
  return LEADHUB_STATUS_OK;
}
