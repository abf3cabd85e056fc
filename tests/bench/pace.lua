-- For scripts of wrk: paces a thread by a schedule. Request n is due n/rate after the first one, whatever the answers to the
-- earlier ones took, as long as a connection is free to send it.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } timespec;
  int clock_gettime(int clock, timespec *now);
]]
local monotonic = 1
local time = ffi.new("timespec")
local rate = 0
local due

local function now()
  ffi.C.clock_gettime(monotonic, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

-- Requests a second of this thread; 0 or nothing: as fast as it goes.
function pace(wanted)
  rate = tonumber(wanted or "0")
end

-- In milliseconds, which is all that wrk takes; the schedule evens the rounding out.
function delay()
  if rate == 0 then return 0 end
  due = (due or now()) + 1 / rate
  return math.max(0, math.floor((due - now()) * 1000 + 0.5))
end
