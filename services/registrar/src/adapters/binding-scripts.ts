/**
 * The scripts of the Redis store. Each is one step over keys of one hash slot, that of a phone's shard, and the time is Redis'
 * own. Keys behind the tag of a shard:
 *
 *     /PHONE        string  its bindings (stored-bindings.ts)
 *     :count        string  how many phones have some
 *     :turn         string  how far keep-alives have come, for an hour
 *     :gone         hash    when a gateway lost its last binding; a field for each
 *     :INDEX        zset    the first member that each leaf of an index may hold
 *     :INDEX:FIRST  zset    a leaf: the members from FIRST on, up to the first of the next leaf
 *
 * An index is a sorted set in pieces. Redis keeps a sorted set of up to 128 short members in one block, where a member costs four
 * bytes beside its text; in a large one it costs a hundred. All scores are 0: the order is that of the bytes.
 */

/** Members of a leaf; past it Redis would write it in another form (zset-max-listpack-entries). */
const MOST_IN_LEAF = 128;

const nowLua = `
local function nowMs()
  local time = redis.call('TIME')
  return string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
end
`;

/** Members are compared by Redis alone: Lua compares texts as the server's locale says. */
const leavesLua = `
local function firstOf(index, member)
  return redis.call('ZREVRANGEBYLEX', index, '[' .. member, '-', 'LIMIT', 0, 1)[1]
end

local function split(index, first)
  local leaf = index .. ':' .. first
  local upper = redis.call('ZRANGE', leaf, ${String(MOST_IN_LEAF / 2)}, -1)
  local moved = {}
  for at = 1, #upper do
    moved[at * 2 - 1] = 0
    moved[at * 2] = upper[at]
  end
  redis.call('ZREMRANGEBYRANK', leaf, ${String(MOST_IN_LEAF / 2)}, -1)
  redis.call('ZADD', index .. ':' .. upper[1], unpack(moved))
  redis.call('ZADD', index, 0, upper[1])
end

local function insert(index, member)
  local first = firstOf(index, member)
  if not first then
    first = ''
    redis.call('ZADD', index, 0, first)
  elseif redis.call('ZCARD', index .. ':' .. first) >= ${String(MOST_IN_LEAF)} then
    split(index, first)
    first = firstOf(index, member)
  end
  redis.call('ZADD', index .. ':' .. first, 0, member)
end

local function remove(index, member)
  local first = firstOf(index, member)
  if not first then return end
  redis.call('ZREM', index .. ':' .. first, member)
  if redis.call('EXISTS', index .. ':' .. first) == 0 then redis.call('ZREM', index, first) end
end

local function range(index, least, most, limit)
  local found = {}
  local first = firstOf(index, string.sub(least, 2)) or ''
  while first and #found < limit do
    local page = redis.call('ZRANGEBYLEX', index .. ':' .. first, least, most, 'LIMIT', 0, limit - #found)
    for at = 1, #page do found[#found + 1] = page[at] end
    first = redis.call('ZRANGEBYLEX', index, '(' .. first, most, 'LIMIT', 0, 1)[1]
  end
  return found
end
`;

export const readScript = {
  keys: 1,
  lua: `${nowLua}
return {redis.call('GET', KEYS[1]) or '', nowMs()}
`,
};

/** KEYS: the count. ARGV: what stands before the phones in their keys, then phones. Their keys lie in the same slot by their tag. */
export const readAllScript = {
  keys: 1,
  lua: `${nowLua}
local found = {nowMs()}
for at = 2, #ARGV do found[at] = redis.call('GET', ARGV[1] .. ARGV[at]) or '' end
return found
`,
};

/** KEYS: bindings, count, indexes. ARGV: bindings before, bindings after, then place of an index, '+' or '-', member. */
export const writeScript = (indexes: number): { readonly keys: number; readonly lua: string } => ({
  keys: 2 + indexes,
  lua: `${nowLua}${leavesLua}
local before = redis.call('GET', KEYS[1]) or ''
if before ~= ARGV[1] then return {before, nowMs()} end
if ARGV[2] == '' then
  if redis.call('DEL', KEYS[1]) == 1 then redis.call('DECR', KEYS[2]) end
else
  redis.call('SET', KEYS[1], ARGV[2])
  if before == '' then redis.call('INCR', KEYS[2]) end
end
for at = 3, #ARGV, 3 do
  local change = ARGV[at + 1] == '+' and insert or remove
  change(KEYS[2 + tonumber(ARGV[at])], ARGV[at + 2])
end
return {}
`,
});

/** ARGV: from, to, as ZRANGEBYLEX has them; how many at most. */
export const listScript = {
  keys: 1,
  lua: `${leavesLua}
return range(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]))
`,
};

/** KEYS: the index of expiries. ARGV: how long ago at least, in ms; how many digits a time has; how many at most. */
export const lapsedScript = {
  keys: 1,
  lua: `${nowLua}${leavesLua}
local before = string.format('%0' .. ARGV[2] .. '.0f', tonumber(nowMs()) - tonumber(ARGV[1]))
return range(KEYS[1], '[', '[' .. before .. '\\255', tonumber(ARGV[3]))
`,
};

/**
 * KEYS: the turn, the index of keep-alives. ARGV: the interval; how much of the past is made up for, both in ms; what stands
 * before the phones in their keys. A round has 65,536 places, and a phone has one of them.
 */
export const turnScript = {
  keys: 2,
  lua: `${nowLua}${leavesLua}
local now, interval = nowMs(), tonumber(ARGV[1])
local turn = math.floor(tonumber(now) * 65536 / interval)
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local most = math.min(math.ceil(tonumber(ARGV[2]) * 65536 / interval), 65536)
if last == turn then return {now} end
-- It is ahead where the interval was shorter before.
if last > turn or turn - last > most then last = turn - most end
redis.call('SET', KEYS[1], string.format('%.0f', turn), 'EX', 3600)
local from, to = (last + 1) % 65536, turn % 65536
local parts = from <= to and {{from, to}} or {{from, 65535}, {0, to}}
local found = {now}
for part = 1, #parts do
  local least, latest = string.format('%04x', parts[part][1]), string.format('%04x', parts[part][2])
  local members = range(KEYS[2], '[' .. least, '[' .. latest .. '\\255', 1000000)
  for at = 1, #members do
    local phone = string.sub(members[at], 6)
    found[#found + 1] = phone
    found[#found + 1] = redis.call('GET', ARGV[3] .. phone) or ''
  end
end
return found
`,
};

/** KEYS: the hash of those that are gone. ARGV: the gateway. */
export const noteGoneScript = {
  keys: 1,
  lua: `${nowLua}
redis.call('HSET', KEYS[1], ARGV[1], nowMs())
`,
};

/** KEYS, ARGV: as above. */
export const goneScript = {
  keys: 1,
  lua: `
return tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
`,
};

export const countScript = {
  keys: 1,
  lua: `
return tonumber(redis.call('GET', KEYS[1]) or 0)
`,
};
