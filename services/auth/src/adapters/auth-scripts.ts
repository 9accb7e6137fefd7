import { BURST_MS, MOST_BLACKLISTED, MOST_LISTED } from '../core/limits.ts';
import { gathering, prelude } from './script-prelude.ts';

/**
 * The scripts of the Redis store. Each is one atomic step over keys of one hash slot, and the time is
 * Redis' own, so that all pods share one clock. Keys:
 *
 *     nonce       hash   realm, terms, at (the place that it was given to), nc (highest taken), and the answer to each request
 *                        that used it: "+fingerprint" taken, "-fingerprint" the refusal as JSON
 *     terminal    hash   failures; burst, burst-at, ended: the session that failed last, when its burst began, its failures where
 *                        it is over; told: refusals with a CDR; while suspended also since, until, limit, cause, source,
 *                        explanation.
 *                        Of a user name at a place, and of one at any other place
 *     known       text   the user name has proved itself at this place
 *     session     hash   terms, failures, first (time of the first wrong answer)
 *     open        hash   sessions whose challenge waits for an answer: when its time is over, the CSeq of the last request, how
 *                        many were challenged, why the nonce of the last was not good, and what is told of it
 *     open-answered text the session was let in, or refused, lately
 *     suspensions zset   terminal by the end of its suspension
 *     source      text   failures of a place
 *     black       hash   since, until, failures, cause
 *     blacklist   zset   place by the end of its time there
 *     gathered    hash   of a terminal: user, place, first, last, count, cause, reason, explanation, decision
 *     gathered-names text how many user names are gathered of a place
 *     gathering   zset   terminal by its last failure
 */

/** The upper end of SS_AUTHENTICATION_FAILED_SUSPEND: the index of suspensions outlives each of them. */
const longestSuspensionMs = 3_600_000;
/** The upper end of SS_BLACKLIST_TIME, and what an operator may ask for. */
const longestBlacklistMs = 604_800_000;

export const issueScript = {
  keys: 6,
  lua: `${prelude}
local terminalKey, elsewhereKey, knownKey, blackKey, nonceKey = unpack(KEYS)
local fresh, realm, terms, lifetime, place, spared = unpack(ARGV)
local black = blackOf(blackKey, spared)
if black then return black end
if redis.call('EXISTS', terminalKey, elsewhereKey) > 0 then
  local suspension = suspensionHere(terminalKey, elsewhereKey, redis.call('EXISTS', knownKey) == 1)
  if suspension then return suspension end
end
keep(nonceKey, realm, terms, lifetime, place)
await()
return {'issued'}
`,
};

export const acceptScript = {
  keys: 8,
  lua: `${prelude}
local terminalKey, elsewhereKey, knownKey, blackKey, freshKey, openKey, nonceKey, sessionKey = unpack(KEYS)
local fresh, freshRealm, freshTerms, lifetime, place, spared, session = unpack(ARGV, 1, 7)
local nc, fingerprint, realm, knownMs = ARGV[9], '+' .. ARGV[10], ARGV[11], ARGV[12]
local nonce = redis.call('HMGET', nonceKey, 'realm', 'terms', 'nc', fingerprint, 'at')
if nonce[4] then return {'accepted'} end
local black = blackOf(blackKey, spared)
if black then return black end
local knownLeft = redis.call('PTTL', knownKey)
local hasFailed = redis.call('EXISTS', terminalKey, elsewhereKey) > 0
if hasFailed then
  local suspension = suspensionHere(terminalKey, elsewhereKey, knownLeft > 0)
  if suspension then return suspension end
end
local notGood = whyNotGood(nonceKey, nonce[1], nonce[5], realm)
if notGood then
  keep(freshKey, freshRealm, freshTerms, lifetime, place)
  await(notGood)
  return {'stale', notGood, fresh, freshRealm, freshTerms}
end
local ended = hasFailed and endedOf(terminalKey, session)
if ended then
  return {'ended', 'retry', nonce[2], ended[1], ended[2], recorded(knownLeft > 0, terminalKey)}
end
local isReplayed
if nc == '' then isReplayed = nonce[3] else isReplayed = tonumber(nc) <= (tonumber(nonce[3]) or 0) end
if isReplayed then
  keep(freshKey, freshRealm, nonce[2], lifetime, place)
  await('replayed')
  return {'stale', 'replayed', fresh, freshRealm, nonce[2]}
end
redis.call('HSET', nonceKey, 'nc', nc == '' and '4294967296' or nc, fingerprint, '1')
redis.call('DEL', terminalKey, sessionKey)
answered(openKey, session)
-- Written now and then, not by each call.
if knownLeft < tonumber(knownMs) / 2 then redis.call('SET', knownKey, '1', 'PX', knownMs) end
return {'accepted'}
`,
};

export const refuseScript = {
  keys: 12,
  lua: `${prelude}${gathering}
local terminalKey, elsewhereKey, knownKey, blackKey, freshKey, openKey, nonceKey, sessionKey = unpack(KEYS, 1, 8)
local suspensionsKey, sourceKey, blacklistKey, gatheringKey = unpack(KEYS, 9, 12)
local fresh, freshRealm, freshTerms, lifetime, place, spared, session = unpack(ARGV, 1, 7)
local fingerprint, terminal, elsewhere = '-' .. ARGV[9], ARGV[10], ARGV[11]
local cause, source, sourceLimit, sourceWindow, blackMs = unpack(ARGV, 12, 16)
local prefix, user, explanation = unpack(ARGV, 17, 19)
local nonce = redis.call('HMGET', nonceKey, 'realm', 'terms', fingerprint, 'at')
if nonce[3] then return cjson.decode(nonce[3]) end
local black = blackOf(blackKey, spared)
if black then return black end
local now = nowMs()
local isKnown = redis.call('EXISTS', knownKey) == 1
-- Whoever names another source than its own has no nonce of there, and does harm to nobody.
local isHere = nonce[1] and (not nonce[4] or nonce[4] == place)

local function suspend(key, name, failures, limit, time)
  local ends = now + tonumber(time)
  redis.call('HSET', key, 'since', ms(now), 'until', ms(ends), 'limit', limit, 'cause', cause,
    'source', source, 'explanation', explanation)
  redis.call('PEXPIRE', key, time)
  redis.call('ZREMRANGEBYSCORE', suspensionsKey, '-inf', now)
  redis.call('ZADD', suspensionsKey, ends, name)
  redis.call('PEXPIRE', suspensionsKey, ${String(longestSuspensionMs)})
end

local function countSource()
  if spared == '1' or sourceLimit == '0' or not isHere then return nil end
  local failures = redis.call('INCR', sourceKey)
  if failures == 1 then redis.call('PEXPIRE', sourceKey, sourceWindow) end
  if failures < tonumber(sourceLimit) then return nil end
  local ends = now + tonumber(blackMs)
  redis.call('HSET', blackKey, 'since', ms(now), 'until', ms(ends), 'failures', failures, 'cause',
    cause .. ', of ' .. user)
  redis.call('PEXPIRE', blackKey, blackMs)
  redis.call('DEL', sourceKey)
  redis.call('ZREMRANGEBYSCORE', blacklistKey, '-inf', now)
  redis.call('ZADD', blacklistKey, ends, place)
  redis.call('PEXPIRE', blacklistKey, ${String(longestBlacklistMs)})
  if redis.call('ZCARD', blacklistKey) > ${String(MOST_BLACKLISTED)} then
    local first = redis.call('ZPOPMIN', blacklistKey)
    redis.call('DEL', prefix .. 'black:' .. first[1])
  end
  local entry = blackOf(blackKey, spared)
  entry[6] = 'new'
  return entry
end

local function answer(result, reason)
  gatherInto(prefix, gatheringKey, {name = terminal, user = user, place = place, cause = cause, reason = reason,
    explanation = explanation, decision = ''})
  if isHere and not isWornOut(nonceKey) then
    redis.call('HSET', nonceKey, fingerprint, cjson.encode(result))
  end
  return result
end

local suspension = suspensionHere(terminalKey, elsewhereKey, isKnown)
if suspension then return answer(countSource() or suspension, 'Suspended') end
local notGood = whyNotGood(nonceKey, nonce[1], nonce[4], nonce[1])
if notGood then
  keep(freshKey, freshRealm, freshTerms, lifetime, place)
  await(notGood)
  return {'stale', notGood, fresh, freshRealm, freshTerms}
end
-- An answer, if a wrong one: it is gathered as such.
answered(openKey, session)
local ended = endedOf(terminalKey, session)
if ended then
  local result = {'ended', 'retry', nonce[2], ended[1], ended[2], recorded(isKnown, terminalKey)}
  return answer(countSource() or result, 'AuthenticationFailed')
end

local running = redis.call('HMGET', sessionKey, 'terms', 'failures', 'first')
local terms = running[1] or nonce[2]
local retryLimit, timeout, maxFailures, suspendMs, _, userLimit =
  string.match(terms, '(%d+),(%d+),(%d+),(%d+),(%d+),?(%d*)')
local inSession = (tonumber(running[2]) or 0) + 1
local first = tonumber(running[3]) or now
local t = redis.call('HMGET', terminalKey, 'burst', 'burst-at', 'failures')
local isSameBurst = t[1] == session and now - tonumber(t[2]) < ${String(BURST_MS)}
local failures = tonumber(t[3]) or 0
local ofUser = 0
if not isSameBurst then
  failures = redis.call('HINCRBY', terminalKey, 'failures', 1)
  redis.call('HSET', terminalKey, 'burst', session, 'burst-at', ms(now))
  redis.call('HDEL', terminalKey, 'ended')
  black = countSource()
  if not isKnown then
    ofUser = redis.call('HINCRBY', elsewhereKey, 'failures', 1)
    redis.call('PEXPIRE', elsewhereKey, suspendMs)
  end
end
redis.call('PEXPIRE', terminalKey, suspendMs)
-- AUTH-06: whichever limit is reached first.
local limit = nil
if inSession > tonumber(retryLimit) then limit = 'retry' end
if now - first > tonumber(timeout) then limit = 'timeout' end
-- AUTH-07: 0 never suspends.
local reaches = function(count, most) return (tonumber(most) or 0) > 0 and count >= tonumber(most) end
if not isSameBurst and reaches(failures, maxFailures) then
  suspend(terminalKey, terminal, failures, maxFailures, suspendMs)
elseif not isSameBurst and reaches(ofUser, userLimit) then
  suspend(elsewhereKey, elsewhere, ofUser, userLimit, suspendMs)
end
local refused = black or suspensionHere(terminalKey, elsewhereKey, isKnown)
if refused then
  redis.call('DEL', sessionKey)
  return answer(refused, 'Suspended')
end
if limit then
  redis.call('DEL', sessionKey)
  if limit == 'retry' then redis.call('HSET', terminalKey, 'ended', inSession) end
  local result = {'ended', limit, terms, tostring(inSession), tostring(failures),
    recorded(isKnown, terminalKey)}
  return answer(result, 'AuthenticationFailed')
end
redis.call('HSET', sessionKey, 'terms', terms, 'failures', inSession, 'first', ms(first))
redis.call('PEXPIRE', sessionKey, tonumber(timeout) + tonumber(lifetime))
keep(freshKey, freshRealm, terms, lifetime, place)
return answer({'challenged', fresh, freshRealm, terms, tostring(inSession), tostring(failures)},
  'AuthenticationFailed')
`,
};

export const listScript = {
  keys: 1,
  // The terminals' keys are built here: they lie in the slot of the declared key by their hash tag.
  lua: `${prelude}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs())
local found = {}
for _, terminal in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local suspension = suspensionOf(ARGV[1] .. terminal)
  if suspension then
    suspension[1] = terminal
    found[#found + 1] = suspension
  end
end
return found
`,
};

export const liftScript = {
  keys: 2,
  lua: `
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HEXISTS', KEYS[1], 'until') == 0 then return 0 end
return redis.call('DEL', KEYS[1])
`,
};

export const listBlacklistScript = {
  keys: 1,
  lua: `${prelude}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs())
local found = {}
for _, place in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ${String(MOST_LISTED - 1)})) do
  local black = blackOf(ARGV[1] .. place, '0')
  if black then
    black[1] = place
    found[#found + 1] = black
  end
end
return found
`,
};

export const addBlackScript = {
  keys: 2,
  lua: `${prelude}
local now = nowMs()
local place, time, cause = unpack(ARGV)
local ends = now + tonumber(time)
redis.call('HSET', KEYS[1], 'since', string.format('%.0f', now), 'until',
  string.format('%.0f', ends), 'failures', 0, 'cause', cause)
redis.call('PEXPIRE', KEYS[1], time)
redis.call('ZADD', KEYS[2], ends, place)
redis.call('PEXPIRE', KEYS[2], ${String(longestBlacklistMs)})
return 1
`,
};

export const liftBlackScript = {
  keys: 3,
  lua: `
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
return redis.call('DEL', KEYS[1])
`,
};

export const listGatheredScript = {
  keys: 1,
  lua: `
local found = {}
for _, name in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ${String(MOST_LISTED - 1)})) do
  local g = redis.call('HMGET', ARGV[1] .. name, 'user', 'place', 'first', 'last', 'count', 'cause',
    'reason', 'explanation', 'decision')
  g[9] = g[9] or ''
  if g[1] then found[#found + 1] = g end
end
return found
`,
};
