#pragma once

#include <leadhub/abi.h>

namespace leadhub::plugin {

/// Marks a [worker] call into a plugin, on its thread and for as long as it lives: only there may a plugin
/// use what blocks, so that nothing that answers senders ever waits for another service or for the disk.
class WorkerCall {
 public:
  WorkerCall();
  ~WorkerCall();
  WorkerCall(const WorkerCall&) = delete;
  WorkerCall& operator=(const WorkerCall&) = delete;
};

/// The tables of leadhub.host.http and leadhub.host.kv.
[[nodiscard]] const leadhub_host_http& http_table();
[[nodiscard]] const leadhub_host_kv& kv_table();

}  // namespace leadhub::plugin
