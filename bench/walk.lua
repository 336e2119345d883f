-- Reads one thread after another. Words: the first and the last of them.
function init(args)
  first, last, count = tonumber(args[1]), tonumber(args[2]), 0
end

function request()
  count = count + 1
  return wrk.format("GET", "/threads/" .. (first + count * 7919 % (last - first + 1)))
end
