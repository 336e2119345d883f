-- Posts replies. Words: the form's token, the site's origin, the first and the last thread that are answered in turn; and if
-- pages are to be read between them, a page's path and which request out of how many is a reply.
-- An answer that neither is a page nor leads to a new message of a thread is counted as unexpected.
local threads = {}

-- One thread of wrk only (-t1): its script's own counter is read at the end.
function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  token, origin, first, last = args[1], args[2], tonumber(args[3]), tonumber(args[4])
  page, every = args[5], tonumber(args[6] or 1)
  count, wrong = 0, 0
  local words = {}
  for i = 1, 100 do
    words[i] = ({ "patrol", "records", "we", "changed", "the", "schedule", "and", "measured" })[i % 8 + 1]
  end
  local text = table.concat(words, "+", 1, 40) .. ".%0D%0A%0D%0A**What+came+of+it**+" .. table.concat(words, "+", 41, 100) .. "."
  body = "body=" .. text .. "&csrf=" .. token
  headers = {
    ["Content-Type"] = "application/x-www-form-urlencoded",
    ["Origin"] = origin,
    ["Sec-Fetch-Site"] = "same-origin",
    ["Cookie"] = wrk.headers["Cookie"],
  }
end

function request()
  count = count + 1
  if count % every ~= 0 then
    return wrk.format("GET", page)
  end
  local thread = first + count % (last - first + 1)
  return wrk.format("POST", "/threads/" .. thread .. "/replies", headers, body)
end

function response(status, found)
  local where = found["location"] or found["Location"] or ""
  local posted = status == 303 and where:find("^/threads/%d+.*#r%d+$")
  if not posted and not (page and status == 200) then
    wrong = wrong + 1
  end
end

function done()
  local sum = 0
  for _, thread in ipairs(threads) do
    sum = sum + thread:get("wrong")
  end
  if sum > 0 then
    print("unexpected answers: " .. sum)
  end
end
