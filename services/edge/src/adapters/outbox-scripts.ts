import { nowLua, sessionLua } from './script-parts.ts';

/**
 * KEYS outbox, payloads, taken · ARGV limit, ms since when an event must wait, ms for which what is taken is not given
 * again, prefix of calls. Returns the payloads.
 * An interim event is made from its call here: a Kafka that is away for an hour must not fill Redis with them.
 */
export const claimDueLua = `${nowLua}${sessionLua}
local limit, payloads, gone = tonumber(ARGV[1]), {}, {}
local function interim_of(id)
  local call_id = string.match(id, '^(.+)%.interim%.%d+$')
  if not call_id then return false end
  local state = redis.call('HMGET', ARGV[4] .. call_id, 'ans', 'evt', 'ses', 'end')
  if not (state[1] and state[2] and state[3]) or state[4] then return false end
  -- Fields 1 and 3, event id and type: protobuf takes the last.
  return state[1] .. ':0:' .. text_of(read_session(state[3]).alive) .. ':' .. state[2]
    .. string.char(10, #id) .. id .. string.char(26, 7) .. 'interim'
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now_ms)
-- In pages, since other pods may have taken the oldest; not for ever, since nobody else is served meanwhile.
for page = 0, 9 do
  local ids = redis.call('ZRANGE', KEYS[1], '-inf', now_ms - ARGV[2], 'BYSCORE', 'LIMIT', page * 500, 500)
  if #ids == 0 or #payloads >= limit then break end
  local taken = redis.call('ZMSCORE', KEYS[3], unpack(ids))
  for i, id in ipairs(ids) do
    if #payloads >= limit then break end
    if not taken[i] then
      local payload = redis.call('HGET', KEYS[2], id) or interim_of(id)
      if payload then
        payloads[#payloads + 1] = payload
        redis.call('ZADD', KEYS[3], now_ms + ARGV[3], id)
      else gone[#gone + 1] = id end
    end
  end
end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return payloads
`;

/** KEYS payloads · ARGV event id, encoded fields. Returns 1 where the outbox has the event. */
export const amendLua = `
local payload = redis.call('HGET', KEYS[1], ARGV[1])
if not payload then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], payload .. ARGV[2])
return 1
`;

/** KEYS outbox, payloads, taken · ARGV event ids. */
export const settleLua = `
redis.call('ZREM', KEYS[1], unpack(ARGV))
redis.call('HDEL', KEYS[2], unpack(ARGV))
redis.call('ZREM', KEYS[3], unpack(ARGV))
return 1
`;
