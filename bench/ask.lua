-- Searches with one question after another. Word: a file with a question a line, ready for an address.
function init(args)
  questions, count = {}, 0
  for line in io.lines(args[1]) do
    questions[#questions + 1] = line
  end
end

function request()
  count = count + 1
  return wrk.format("GET", "/search?q=" .. questions[count % #questions + 1])
end
