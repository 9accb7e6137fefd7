import { lineLeaseLua } from '@tandem/limits';

/**
 * The Lua scripts of the call store. All keys of a deployment share one hash slot; line keys are read from the
 * call's record, since a pod that gets a BYE does not know the call, and carry the same tag.
 * Redis's clock is the one clock for answer and end (edge.md §4.5).
 */
const now = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local now_text = string.format('%.0f', now_ms)
local function words(text)
  local list = {}
  for word in string.gmatch(text or '', '%S+') do list[#list + 1] = word end
  return list
end
`;

/** KEYS transaction · ARGV claim, ttl seconds. Returns the claim that was there, or false. */
export const claimLua = `
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'GET', 'EX', ARGV[2])
`;

/** KEYS call, calls, ringing · ARGV call id, owner, record, lines, ttl seconds. */
export const writeAheadLua = `${now}
redis.call('HSET', KEYS[1], 'own', ARGV[2], 'rec', ARGV[3], 'lines', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], now_ms, ARGV[1])
redis.call('ZADD', KEYS[3], now_ms, ARGV[1])
return 1
`;

/**
 * KEYS call, ringing, outbox, payloads, held · ARGV call id, event id, event, token a, token b, lines, lease ms, due ms, ttl seconds.
 * Returns 1 and the time of answer when first, else 0.
 */
export const answerLua = `${now}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'ans', 'end')
if state[1] or state[2] then return {0} end
redis.call('HSET', KEYS[1], 'ans', now_text, 'evt', ARGV[3], 'ta', ARGV[4], 'tb', ARGV[5], 'lines', ARGV[6])
redis.call('HDEL', KEYS[1], 'rec')
redis.call('EXPIRE', KEYS[1], ARGV[9])
redis.call('ZREM', KEYS[2], ARGV[1])
lines_renew(KEYS[5], words(ARGV[6]), ARGV[1], now_ms, tonumber(ARGV[7]))
redis.call('ZADD', KEYS[3], now_ms + ARGV[8], ARGV[2])
redis.call('HSET', KEYS[4], ARGV[2], now_text .. ':0:' .. ARGV[3])
return {1, now_text}
`;

/**
 * KEYS call, calls, ringing, outbox, payloads, held · ARGV call id, event id, ending, event or '', lines or '', due ms, keep seconds.
 * Returns 1, time of answer, time of end and the event when first, 0 when late, -1 when the call is unknown.
 */
export const endLua = `${now}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'ans', 'end', 'evt', 'lines')
if state[2] then return {0} end
local event = ARGV[4]
if event == '' then event = state[3] end
if not event then return {-1} end
local answered = state[1] or '0'
redis.call('HSET', KEYS[1], 'end', now_text)
redis.call('HDEL', KEYS[1], 'rec', 'evt')
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
local lines = words(state[4])
for _, key in ipairs(words(ARGV[5])) do lines[#lines + 1] = key end
lines_release(KEYS[6], lines, ARGV[1])
redis.call('ZADD', KEYS[4], now_ms + ARGV[6], ARGV[2])
redis.call('HSET', KEYS[5], ARGV[2], answered .. ':' .. now_text .. ':' .. event .. ARGV[3])
return {1, answered, now_text, event}
`;

/** KEYS call · ARGV token a, token b. A call that is gone is not brought back: its key would never expire. */
export const saveTokensLua = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'ta', ARGV[1], 'tb', ARGV[2]) end
return 1
`;

/** KEYS outbox, payloads · ARGV limit, ms for which what is taken is not given again. Returns the payloads. */
export const claimDueLua = `${now}
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms, 'LIMIT', 0, ARGV[1])
local payloads = {}
for _, id in ipairs(ids) do
  redis.call('ZADD', KEYS[1], now_ms + ARGV[2], id)
  local payload = redis.call('HGET', KEYS[2], id)
  if payload then payloads[#payloads + 1] = payload else redis.call('ZREM', KEYS[1], id) end
end
return payloads
`;

/** KEYS outbox, payloads · ARGV event ids. */
export const settleLua = `
redis.call('ZREM', KEYS[1], unpack(ARGV))
redis.call('HDEL', KEYS[2], unpack(ARGV))
return 1
`;
