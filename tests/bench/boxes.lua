-- For wrk: /items of random boxes round points of the layer, never the same twice within a run.
-- Given behind "--": the file of the points, a seed, and the path up to the box. Each thread draws by a seed of its own.

local count = 0

function setup(thread)
  count = count + 1
  thread:set("number", count)
end

function init(args)
  points = {}
  for line in io.lines(args[1]) do
    local lon, lat = line:match("(%S+) (%S+)")
    points[#points + 1] = { tonumber(lon), tonumber(lat) }
  end
  math.randomseed(tonumber(args[2]) * 100 + number)
  path = args[3]
end

function request()
  local at = points[math.random(#points)]
  local half = 0.15 * 10 ^ math.random()
  local lon, lat = at[1] + (math.random() - 0.5) * half, at[2] + (math.random() - 0.5) * half
  local box = string.format("%.6f,%.6f,%.6f,%.6f", lon - half, lat - half, lon + half, lat + half)
  return wrk.format("GET", path .. box)
end

function done(summary, latency)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "bytes": %d, "broken": %d, "refused": %d, "p50_ms": %.4f, "p99_ms": %.4f}',
    summary.requests, summary.duration / 1e6, summary.bytes, broken, summary.errors.status,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
