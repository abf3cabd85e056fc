/* Only its descriptor is of interest. */
#include <leadhub/abi.h>

static leadhub_status init(leadhub_error* error) {
  (void)error;
  return LEADHUB_STATUS_OK;
}
static void deinit(void) {}
static const void* get_factory(leadhub_string id) {
  (void)id;
  return 0;
}

const leadhub_plugin_entry leadhub_plugin = {
    LEADHUB_PLUGIN_MAGIC, sizeof(leadhub_plugin_entry), LEADHUB_ABI_MAJOR, LEADHUB_ABI_MINOR, 0, init, deinit,
    get_factory};
