#pragma once

#include <httplib.h>

namespace leadhub::control {

/// cpp-httplib's server, with bounds on what one connection may cost.
///
/// The library (0.11.4) gathers a request line or a header line of any length before anybody may look at it,
/// waits 5 s for each byte anew, and answers `Range: bytes=0-,0-,0-,...` with the whole content once a range.
/// All of it happens before a token can be asked for. Here a connection carries one request, whose bytes and
/// time are counted (limits::control_request_bytes_max, limits::control_head_deadline,
/// limits::control_request_deadline); ranges are ignored, as RFC 9110, section 14.2 allows. A request beyond
/// its bounds is answered with 400 or cut off.
class BoundedServer : public httplib::Server {
 private:
  bool process_and_close_socket(socket_t socket) override;
};

}  // namespace leadhub::control
