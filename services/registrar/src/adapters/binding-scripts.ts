/**
 * The scripts of the Redis store. Each is one step over keys of one hash slot, that of a phone's shard, and the time is Redis'
 * own. Keys of a shard:
 *
 *     at:PHONE    string  its bindings: tandem.registrar.v1.StoredBindings
 *     phones      zset    PHONE, in their order
 *     expires     zset    PHONE by the first expiry of its bindings
 *     sources     zset    address and PHONE, in their order
 *     agents      zset    User-Agent and PHONE, in their order
 */

const prelude = `
local function nowMs()
  local time = redis.call('TIME')
  return string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
end
`;

export const readScript = {
  keys: 1,
  lua: `${prelude}
return {redis.call('GET', KEYS[1]) or '', nowMs()}
`,
};

/** ARGV: what stands before the phones in their keys, then phones. The keys lie in the slot of the declared one by their hash tag. */
export const readAllScript = {
  keys: 1,
  lua: `${prelude}
local found = {nowMs()}
for at = 2, #ARGV do found[at] = redis.call('GET', ARGV[1] .. ARGV[at]) or '' end
return found
`,
};

/** ARGV: bindings before, bindings after, phone, first expiry, then index ('4', '5'), '+' or '-', member. */
export const writeScript = {
  keys: 5,
  lua: `${prelude}
local before = redis.call('GET', KEYS[1]) or ''
if before ~= ARGV[1] then return {before, nowMs()} end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[3])
  redis.call('ZREM', KEYS[3], ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3])
  if before == '' then redis.call('ZADD', KEYS[2], 0, ARGV[3]) end
end
for at = 5, #ARGV, 3 do
  local key = KEYS[tonumber(ARGV[at])]
  if ARGV[at + 1] == '+' then redis.call('ZADD', key, 0, ARGV[at + 2])
  else redis.call('ZREM', key, ARGV[at + 2]) end
end
return {}
`,
};

/** Members of an index whose order is that of their bytes. */
export const listScript = {
  keys: 1,
  lua: `
return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
`,
};

/** Members and scores behind a score and member. */
export const listByExpiryScript = {
  keys: 1,
  lua: `
local score, member, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local found, offset = {}, 0
while #found < limit * 2 do
  local page = redis.call('ZRANGEBYSCORE', KEYS[1], score, '+inf', 'WITHSCORES', 'LIMIT', offset, limit)
  if #page == 0 then break end
  offset = offset + limit
  for at = 1, #page, 2 do
    -- Redis has members of one score in the order of their bytes.
    if (tonumber(page[at + 1]) > tonumber(score) or page[at] > member) and #found < limit * 2 then
      found[#found + 1] = page[at]
      found[#found + 1] = page[at + 1]
    end
  end
end
return found
`,
};

/** Phones whose first expiry is so long ago, in ms. */
export const lapsedScript = {
  keys: 1,
  lua: `${prelude}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', tonumber(nowMs()) - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
`,
};

export const countScript = {
  keys: 1,
  lua: `
return redis.call('ZCARD', KEYS[1])
`,
};
