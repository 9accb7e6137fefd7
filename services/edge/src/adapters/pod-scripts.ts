import { nowLua } from './script-parts.ts';

const podsLua = `${nowLua}
local function slot_of(owner) return string.match(owner, '^%d+') end
local function living() return redis.call('ZRANGE', KEYS[1], '(' .. now_text, '+inf', 'BYSCORE') end
-- Puts each pod that lives, and what it says, behind what the reply has.
local function tell(reply)
  local owners = living()
  if #owners == 0 then return reply end
  local said = redis.call('HMGET', KEYS[2], unpack(owners))
  for i, owner in ipairs(owners) do
    reply[#reply + 1] = owner
    reply[#reply + 1] = said[i] or ''
  end
  return reply
end
`;

/** KEYS pods, pod-info. Returns each pod that lives and what it says. */
export const lookLua = `${podsLua}
return tell({})
`;

/**
 * KEYS pods, pod-info, epochs · ARGV what the pod says of itself, lease ms, number of slots.
 * Takes the first free slot. Returns slot and epoch, or nothing where all are taken. Whoever had the pod's address before it
 * is dead, and its calls may be adopted at once.
 * The epoch grows with the time too, so that a Redis that was emptied gives none twice (edge.md §3).
 */
export const joinLua = `${podsLua}
local address = string.match(ARGV[1], '"address":"[^"]+"')
if address then
  local said = redis.call('HGETALL', KEYS[2])
  for i = 1, #said, 2 do
    if string.find(said[i + 1], address, 1, true) then
      redis.call('ZREM', KEYS[1], said[i])
      redis.call('HDEL', KEYS[2], said[i])
    end
  end
end
local taken = {}
for _, owner in ipairs(living()) do taken[slot_of(owner)] = true end
for slot = 0, ARGV[3] - 1 do
  if not taken[text_of(slot)] then
    local epoch = math.max(tonumber(redis.call('GET', KEYS[3]) or 0) + 1, tonumber(time[1]))
    redis.call('SET', KEYS[3], text_of(epoch))
    local owner = text_of(slot) .. '.' .. text_of(epoch % 16777216)
    redis.call('ZADD', KEYS[1], now_ms + ARGV[2], owner)
    redis.call('HSET', KEYS[2], owner, ARGV[1])
    return { slot, epoch }
  end
end
return false
`;

/**
 * KEYS pods, pod-info, epochs, quiet · ARGV owner, what the pod says of itself, lease ms, epoch in full.
 * Returns 1, 1 where the lease had run out, Redis's time in ms, then each pod that lives and what it says; or 0 where another pod has the slot.
 */
export const renewLua = `${podsLua}
local lease, lapsed = redis.call('ZSCORE', KEYS[1], ARGV[1]), 0
if not lease or tonumber(lease) <= now_ms then
  lapsed = 1
  for _, owner in ipairs(living()) do
    if slot_of(owner) == slot_of(ARGV[1]) then return { 0 } end
  end
  if tonumber(redis.call('GET', KEYS[3]) or 0) < tonumber(ARGV[4]) then redis.call('SET', KEYS[3], ARGV[4]) end
  -- Redis may have been away from all of them: nobody is declared dead before all had the time to come back.
  redis.call('SET', KEYS[4], '1', 'PX', ARGV[3])
end
redis.call('ZADD', KEYS[1], now_ms + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, owner in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now_ms, 'BYSCORE')) do
  redis.call('ZREM', KEYS[1], owner)
  redis.call('HDEL', KEYS[2], owner)
end
return tell({ 1, lapsed, now_ms })
`;

/** KEYS pods, pod-info · ARGV owner. */
export const leaveLua = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
`;
