/* Calls the host with nonsense. */
#include <leadhub/abi.h>
static leadhub_status annoy(const leadhub_host* host);
#define CREATE \
  if (annoy(host) != LEADHUB_STATUS_OK) return fail(error, "the host took nonsense for sense");
#include "specimen.h"

static const void* table(const leadhub_host* host, const char* id) {
  const leadhub_string name = {id, strlen(id)};
  return host->get_extension(host, name);
}

static leadhub_status annoy(const leadhub_host* host) {
  const leadhub_string nowhere = {0, 17}, empty = {0, 0}, name = {"/none", 5};
  const leadhub_host_log* log = table(host, LEADHUB_HOST_LOG);
  const leadhub_host_metrics* metrics = table(host, LEADHUB_HOST_METRICS);
  const leadhub_host_secrets* secrets = table(host, LEADHUB_HOST_SECRETS);
  leadhub_string_sink no_sink = {sizeof(leadhub_string_sink), 0, 0, 0};
  leadhub_error error = {sizeof(leadhub_error), 0, 0, 0, 0, {0}};
  leadhub_error small = {4, 0, 0, 0, 0, {0}};
  if (table(host, "leadhub.host.http/draft") || table(host, "leadhub.host.kv/2") || table(host, "")) return 0;
  if (host->get_extension(host, nowhere)) return 0;
  log->write(host, -7, nowhere);
  log->write(host, 1 << 30, empty);
  metrics->count(host, nowhere, UINT64_MAX);
  metrics->count(host, empty, 1);
  if (secrets->get(host, nowhere, 0, 0) != LEADHUB_STATUS_ERROR) return 0;
  if (secrets->get(host, name, &no_sink, &error) != LEADHUB_STATUS_ERROR) return 0;
  if (secrets->get(host, name, &no_sink, &small) != LEADHUB_STATUS_ERROR || small.message_size) return 0;
  return LEADHUB_STATUS_OK;
}
