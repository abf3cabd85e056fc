-- wrk: every request is a new person's form. Paced when the environment names a rate for each thread.
local counter = 0
local people = 0

function setup(thread)
  counter = counter + 1
  thread:set("number", counter)
end

function init(args)
  math.randomseed(os.time() * 100 + number)
  prefix = string.format("%x-%x-", os.time(), math.random(2 ^ 30))
  rate = tonumber(args[1] or "0")          -- requests a second of this thread; 0: as fast as it goes
  connections = tonumber(args[2] or "1")
end

function delay()
  if rate == 0 then return 0 end
  return math.floor(1000 * connections / rate + math.random())
end

function request()
  people = people + 1
  return wrk.format("POST", "/in/website", {["Content-Type"] = "application/x-www-form-urlencoded"},
    "your-email=person-" .. prefix .. people .. "@example.com&your-name=Ada+Lovelace&tel=%2B4420794"
    .. string.format("%05d", people % 100000) .. "&company=Analytical+Engines&accept=on&utm_source=news&utm_campaign=spring")
end
