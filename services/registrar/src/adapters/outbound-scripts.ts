/**
 * The scripts of the Redis store of registrations with carriers. They are few, and lie in one hash slot; the time is Redis' own.
 *
 *     items   hash    GATEWAY: tandem.registrar.v1.StoredOutbound
 *     due     zset    GATEWAY by when somebody has to see to it
 *     turns   hash    GATEWAY: the turn of the pod that has it; nobody has what is not there
 *     next    hash    GATEWAY: when what a pod has is to be done again
 *     edges   zset    pods by when they last asked
 */

const prelude = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local nowText = string.format('%.0f', now)
`;

/** KEYS: items, due. ARGV: gateway. */
export const readOutboundScript = {
  keys: 2,
  lua: `${prelude}
return {redis.call('HGET', KEYS[1], ARGV[1]) or '', redis.call('ZSCORE', KEYS[2], ARGV[1]) or '0', nowText}
`,
};

/** KEYS: items. */
export const allOutboundScript = {
  keys: 1,
  lua: `${prelude}
local found = redis.call('HVALS', KEYS[1])
table.insert(found, 1, nowText)
return found
`,
};

/** KEYS: items, due, turns, next. ARGV: gateway, item before, due before, item after, due after or lease (negative), turn, next. */
export const writeOutboundScript = {
  keys: 4,
  lua: `${prelude}
local gateway = ARGV[1]
if (redis.call('HGET', KEYS[1], gateway) or '') ~= ARGV[2] then return 0 end
if (redis.call('ZSCORE', KEYS[2], gateway) or '0') ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[3], gateway)
redis.call('HDEL', KEYS[4], gateway)
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], gateway)
  redis.call('ZREM', KEYS[2], gateway)
  return 1
end
redis.call('HSET', KEYS[1], gateway, ARGV[4])
local due = tonumber(ARGV[5])
if due < 0 then
  due = now - due
  redis.call('HSET', KEYS[3], gateway, ARGV[6])
  redis.call('HSET', KEYS[4], gateway, ARGV[7])
end
redis.call('ZADD', KEYS[2], string.format('%.0f', due), gateway)
return 1
`,
};

/** KEYS: items, due, turns, next, edges. ARGV: edge, lease, then gateway, turn. Answers count, then 0 lost, 1 kept, 2 due for each. */
export const renewOutboundScript = {
  keys: 5,
  lua: `${prelude}
redis.call('ZADD', KEYS[5], nowText, ARGV[1])
local answers = {redis.call('HLEN', KEYS[1])}
for at = 3, #ARGV, 2 do
  local gateway = ARGV[at]
  local said = 0
  if redis.call('HGET', KEYS[3], gateway) == ARGV[at + 1] then
    said = 1
    local nextMs = tonumber(redis.call('HGET', KEYS[4], gateway) or '0')
    if nextMs > 0 and nextMs <= now then said = 2 end
    redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[2])), gateway)
  end
  answers[#answers + 1] = said
end
return answers
`,
};

/** KEYS: due. ARGV: limit. */
export const dueOutboundScript = {
  keys: 1,
  lua: `${prelude}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', nowText, 'LIMIT', 0, ARGV[1])
`,
};

/** KEYS: edges. ARGV: edge, how long one that says nothing lives. */
export const leaveOutboundScript = {
  keys: 1,
  lua: `${prelude}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[2])))
return redis.call('ZCARD', KEYS[1])
`,
};
