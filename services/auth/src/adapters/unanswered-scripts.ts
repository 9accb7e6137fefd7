import { GATHERED_MS, LOOKED_MS, MOST_TAKEN, TAKEN_MS } from '../core/limits.ts';
import { gathering, prelude } from './script-prelude.ts';

// Scripts about challenges that nobody answered (AUTH-14, AUTH-15). The keys are those of auth-scripts.ts.

/** Of all pods one looks at a time. */
export const lookScript = {
  keys: 1,
  lua: `return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ${String(LOOKED_MS)}) and 1 or 0`,
};

/** Whoever takes them has them for a time, so that a pod that is killed loses none. */
export const takeScript = {
  keys: 1,
  lua: `${prelude}
local openKey = KEYS[1]
redis.call('PEXPIRE', openKey, ${String(GATHERED_MS)})
local now = nowMs()
local found = {}
local cursor = '0'
repeat
  local step = redis.call('HSCAN', openKey, cursor, 'COUNT', 1000)
  cursor = step[1]
  for at = 1, #step[2], 2 do
    local session = step[2][at]
    local due, told = string.match(step[2][at + 1], '^(%d+) (.*)$')
    if tonumber(due) <= now and #found < ${String(MOST_TAKEN)} then
      redis.call('HSET', openKey, session, ms(now + ${String(TAKEN_MS)}) .. ' ' .. told)
      found[#found + 1] = {session, told}
    end
  end
until cursor == '0'
return found
`,
};

export const concludeScript = {
  keys: 2,
  lua: `${prelude}${gathering}
local openKey, gatheringKey = unpack(KEYS)
local prefix, session, name, user, place, cause, reason, decision = unpack(ARGV)
if redis.call('HDEL', openKey, session) == 0 then return 0 end
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
