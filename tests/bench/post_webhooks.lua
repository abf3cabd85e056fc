-- wrk: sends the requests of a file once each, as bench_webhooks wrote them. Arguments: the rate, the file.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "pace.lua")

function init(args)
  pace(args[1])
  file = assert(io.open(args[2], "rb"))
end

function request()
  local length = assert(file:read("*n"), "the file of requests is used up; write more")
  file:read(1)
  return file:read(length)
end
