/**
 * The scripts of the Redis store of gateways' health (ROUTE-07). All lies in one hash slot; the time is Redis' own.
 *
 *     due      zset    GATEWAY by when it is to be checked; while it is, by when the lease of who does ends
 *     items    hash    GATEWAY: tandem.routing.v1.StoredHealth
 *     offline  hash    the same, of those some address of which is off line
 *     mark     string  changes with every address that goes off line or comes back
 *     version  string  of the configuration that is followed, while pods have it
 */

const prelude = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local nowText = string.format('%.0f', now)
local function whole(number) return string.format('%.0f', number) end
`;

/** The number counts changes; the time tells a store that was emptied from what it was. */
const bump = `
local function bump(key)
  local known = string.match(redis.call('GET', key) or '0', '^%d+')
  redis.call('SET', key, whole(tonumber(known) + 1) .. '@' .. nowText)
end
`;

/** As long as nobody with a version has asked, an older one may be in effect again. */
const VERSION_MS = 10_000;
/** New ones are not all due at once. */
const STEP_MS = 20;

/** KEYS: due, items, offline, mark, version. ARGV: version, then gateway, period in ms. */
export const followScript = {
  keys: 5,
  lua: `${prelude}${bump}
local followed = tonumber(redis.call('GET', KEYS[5]) or '0')
if followed > tonumber(ARGV[1]) then return 0 end
local wanted = {}
for at = 2, #ARGV, 2 do wanted[ARGV[at]] = tonumber(ARGV[at + 1]) end
local known = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for at = 1, #known, 2 do
  local gateway = known[at]
  local period = wanted[gateway]
  if period == nil then
    redis.call('ZREM', KEYS[1], gateway)
    redis.call('HDEL', KEYS[2], gateway)
    if redis.call('HDEL', KEYS[3], gateway) == 1 then bump(KEYS[4]) end
  else
    local wait = tonumber(known[at + 1]) - now
    if wait > period then redis.call('ZADD', KEYS[1], whole(now + wait % period), gateway) end
    wanted[gateway] = nil
  end
end
local missing = {}
for at = 2, #ARGV, 2 do
  if wanted[ARGV[at]] ~= nil then missing[#missing + 1] = ARGV[at] end
end
for at, gateway in ipairs(missing) do
  local step = math.min(${String(STEP_MS)}, wanted[gateway] / #missing)
  redis.call('ZADD', KEYS[1], whole(now + (at - 1) * step), gateway)
end
redis.call('SET', KEYS[5], ARGV[1], 'PX', ${String(VERSION_MS)})
return 1
`,
};

/** KEYS: due, version. ARGV: limit, lease, version of who asks. Answers count, version, end of the lease, then gateway, when it was due. */
export const takeScript = {
  keys: 2,
  lua: `${prelude}
local followed = redis.call('GET', KEYS[2]) or '0'
if followed == ARGV[3] then redis.call('PEXPIRE', KEYS[2], ${String(VERSION_MS)}) end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', nowText, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
local turn = whole(now + tonumber(ARGV[2]))
local found = {redis.call('ZCARD', KEYS[1]), followed, turn}
for at = 1, #due, 2 do
  redis.call('ZADD', KEYS[1], turn, due[at])
  found[#found + 1] = due[at]
  found[#found + 1] = due[at + 1]
end
return found
`,
};

/** KEYS: items. ARGV: gateways. Answers the time, then what is known of each; '': nothing. */
export const readScript = {
  keys: 1,
  lua: `${prelude}
local found = {nowText}
for at = 1, #ARGV do found[at + 1] = redis.call('HGET', KEYS[1], ARGV[at]) or '' end
return found
`,
};

/** KEYS: due, items, offline, mark. ARGV: gateway, turn, item, next time, is degraded, is news; for each. */
export const writeScript = {
  keys: 4,
  lua: `${prelude}${bump}
local done = {}
for at = 1, #ARGV, 6 do
  local gateway = ARGV[at]
  local score = redis.call('ZSCORE', KEYS[1], gateway)
  if not score or tonumber(score) ~= tonumber(ARGV[at + 1]) then
    done[#done + 1] = 0
  else
    redis.call('ZADD', KEYS[1], ARGV[at + 3], gateway)
    redis.call('HSET', KEYS[2], gateway, ARGV[at + 2])
    if ARGV[at + 4] == '1' then redis.call('HSET', KEYS[3], gateway, ARGV[at + 2])
    else redis.call('HDEL', KEYS[3], gateway) end
    if ARGV[at + 5] == '1' then bump(KEYS[4]) end
    done[#done + 1] = 1
  end
end
return done
`,
};

/** KEYS: mark, offline. ARGV: mark that is known. Answers the mark, and where it is another one gateway, item in turn. */
export const offlineScript = {
  keys: 2,
  lua: `
local mark = redis.call('GET', KEYS[1]) or '0'
if mark == ARGV[1] then return {mark} end
local found = redis.call('HGETALL', KEYS[2])
table.insert(found, 1, mark)
return found
`,
};
