-- wrk: every request is a new person's form, with an address and a mobile number of their own. An argument names the rate.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "pace.lua")

local counter = 0
local people = 0
local numbers = 45000000  -- of British mobiles that begin with +4474

function setup(thread)
  counter = counter + 1
  thread:set("number", counter)
end

function init(args)
  math.randomseed(os.time() * 100 + number)
  prefix = string.format("%x-%x-", os.time(), math.random(2 ^ 30))
  first_number = math.random(numbers)  -- other numbers in each run, or persons of several runs would share them
  pace(args[1])
end

function request()
  people = people + 1
  return wrk.format("POST", "/in/website", {["Content-Type"] = "application/x-www-form-urlencoded"},
    "your-email=person-" .. prefix .. people .. "@example.com&your-name=Ada+Lovelace&tel=%2B4474"
    .. string.format("%08d", (first_number + people) % numbers) .. "&company=Analytical+Engines&accept=on&utm_source=news&utm_campaign=spring")
end
