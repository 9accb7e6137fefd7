import { GATHERED_MS, MOST_TAKEN, TAKEN_MS } from '../core/limits.ts';
import { gathering, prelude } from './script-prelude.ts';

// Scripts about challenges that nobody answered (AUTH-14, AUTH-15). The keys are those of auth-scripts.ts.

/** Whoever takes them has them for a time, so that a pod that is killed loses none. */
export const takeScript = {
  keys: 1,
  // The sessions' keys are built here: they lie in the slot of the declared key by their hash tag.
  lua: `${prelude}
local now = nowMs()
local found = {}
redis.call('PEXPIRE', KEYS[1], ${String(GATHERED_MS)})
for _, session in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ${String(MOST_TAKEN)})) do
  local kept = redis.call('HMGET', ARGV[1] .. session, 'attempt', 'cycles', 'stale')
  if kept[1] then
    redis.call('ZADD', KEYS[1], now + ${String(TAKEN_MS)}, session)
    found[#found + 1] = {session, kept[1], kept[2], kept[3]}
  else
    redis.call('ZREM', KEYS[1], session)
  end
end
return found
`,
};

export const concludeScript = {
  keys: 3,
  lua: `${prelude}${gathering}
local askedKey, openKey, gatheringKey = unpack(KEYS)
local prefix, session, name, user, place, cause, reason, decision = unpack(ARGV)
if redis.call('ZREM', openKey, session) == 0 then return 0 end
redis.call('DEL', askedKey)
gatherInto(prefix, gatheringKey, {name = name, user = user, place = place, cause = cause, reason = reason,
  explanation = '', decision = decision})
return 1
`,
};

export const gatherScript = {
  keys: 2,
  lua: `${prelude}${gathering}
local blackKey, gatheringKey = unpack(KEYS)
local prefix, spared, name, user, place, cause, reason, decision = unpack(ARGV)
local black = blackOf(blackKey, spared)
if black then return black end
gatherInto(prefix, gatheringKey, {name = name, user = user, place = place, cause = cause, reason = reason,
  explanation = '', decision = decision})
return {'gathered'}
`,
};
