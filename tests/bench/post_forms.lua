-- wrk: every request is a new person's form, with an address and a mobile number of their own. Paced by a schedule where an argument names a rate: request n is due n/rate
-- after the first one, whatever the answers to the earlier ones took, as long as a connection is free to send it.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } timespec;
  int clock_gettime(int clock, timespec *now);
]]
local monotonic = 1
local counter = 0
local people = 0
local time = ffi.new("timespec")
local due

local function now()
  ffi.C.clock_gettime(monotonic, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

function setup(thread)
  counter = counter + 1
  thread:set("number", counter)
end

function init(args)
  math.randomseed(os.time() * 100 + number)
  prefix = string.format("%x-%x-", os.time(), math.random(2 ^ 30))
  rate = tonumber(args[1] or "0")  -- requests a second of this thread; 0: as fast as it goes
end

-- In milliseconds, which is all that wrk takes; the schedule evens the rounding out.
function delay()
  if rate == 0 then return 0 end
  due = (due or now()) + 1 / rate
  return math.max(0, math.floor((due - now()) * 1000 + 0.5))
end

function request()
  people = people + 1
  return wrk.format("POST", "/in/website", {["Content-Type"] = "application/x-www-form-urlencoded"},
    "your-email=person-" .. prefix .. people .. "@example.com&your-name=Ada+Lovelace&tel=%2B4474"
    .. string.format("%08d", people % 45000000) .. "&company=Analytical+Engines&accept=on&utm_source=news&utm_campaign=spring")
end
