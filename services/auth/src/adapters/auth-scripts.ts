import { REQUESTS_PER_NONCE } from '../core/nonce-use.ts';

/**
 * The scripts of the Redis store. Each is one atomic step over keys of one hash slot, and the time is
 * Redis' own, so that all pods share one clock. Keys:
 *
 *     nonce       hash   realm, terms, nc (highest taken), and the answer to each request that used it:
 *                        "+fingerprint" taken, "-fingerprint" the refusal as JSON
 *     terminal    hash   failures; while suspended also since, until, limit, cause, source
 *     session     hash   terms, failures, first (time of the first wrong answer)
 *     suspensions zset   terminal by the end of its suspension
 */

/** The upper end of SS_AUTHENTICATION_FAILED_SUSPEND: the index of suspensions outlives each of them. */
const longestSuspensionMs = 3_600_000;

const prelude = `
local function suspensionOf(key)
  if redis.call('HEXISTS', key, 'until') == 0 then return nil end
  local s = redis.call('HMGET', key, 'since', 'until', 'failures', 'limit', 'cause', 'source')
  return {'suspended', s[1], s[2], s[3], s[4], s[5], s[6]}
end
local function keep(key, realm, terms, lifetime)
  redis.call('HSET', key, 'realm', realm, 'terms', terms)
  redis.call('PEXPIRE', key, lifetime)
end
local function isWornOut(key)
  -- Beside the answers stand realm and terms, and nc once a request was taken.
  local others = 2 + redis.call('HEXISTS', key, 'nc')
  return redis.call('HLEN', key) - others >= ${String(REQUESTS_PER_NONCE)}
end
local function nowMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
`;

export const issueScript = {
  keys: 2,
  lua: `${prelude}
local suspension = suspensionOf(KEYS[1])
if suspension then return suspension end
keep(KEYS[2], ARGV[1], ARGV[2], ARGV[3])
return {'issued'}
`,
};

export const acceptScript = {
  keys: 4,
  lua: `${prelude}
local nonceKey, terminalKey, sessionKey, freshKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local nc, fingerprint, realm = ARGV[1], '+' .. ARGV[2], ARGV[3]
local fresh, freshRealm, freshTerms, lifetime = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local nonce = redis.call('HMGET', nonceKey, 'realm', 'terms', 'nc', fingerprint)
if nonce[4] then return {'accepted'} end
local suspension = suspensionOf(terminalKey)
if suspension then return suspension end
if nonce[1] ~= realm or isWornOut(nonceKey) then
  keep(freshKey, freshRealm, freshTerms, lifetime)
  return {'stale', 'unknown-nonce', fresh, freshRealm, freshTerms}
end
local isReplayed
if nc == '' then isReplayed = nonce[3] else isReplayed = tonumber(nc) <= (tonumber(nonce[3]) or 0) end
if isReplayed then
  keep(freshKey, freshRealm, nonce[2], lifetime)
  return {'stale', 'replayed', fresh, freshRealm, nonce[2]}
end
redis.call('HSET', nonceKey, 'nc', nc == '' and '4294967296' or nc, fingerprint, '1')
redis.call('DEL', terminalKey, sessionKey)
return {'accepted'}
`,
};

export const refuseScript = {
  keys: 5,
  lua: `${prelude}
local nonceKey, terminalKey, sessionKey, freshKey, suspensionsKey =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local fingerprint, fresh, freshRealm, freshTerms = '-' .. ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lifetime, terminal, cause, source = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local nonce = redis.call('HMGET', nonceKey, 'realm', 'terms', fingerprint)
if nonce[3] then return cjson.decode(nonce[3]) end
local suspension = suspensionOf(terminalKey)
if suspension then return suspension end
if not nonce[1] or isWornOut(nonceKey) then
  keep(freshKey, freshRealm, freshTerms, lifetime)
  return {'stale', 'unknown-nonce', fresh, freshRealm, freshTerms}
end
local now = nowMs()
local session = redis.call('HMGET', sessionKey, 'terms', 'failures', 'first')
local terms = session[1] or nonce[2]
local retryLimit, timeout, maxFailures, suspend = string.match(terms, '(%d+),(%d+),(%d+),(%d+)')
local inSession = (tonumber(session[2]) or 0) + 1
local first = tonumber(session[3]) or now
local ofTerminal = redis.call('HINCRBY', terminalKey, 'failures', 1)
-- AUTH-06: whichever limit is reached first.
local limit = nil
if inSession > tonumber(retryLimit) then limit = 'retry' end
if now - first > tonumber(timeout) then limit = 'timeout' end
local result
redis.call('PEXPIRE', terminalKey, suspend)
-- AUTH-07: 0 never suspends.
if tonumber(maxFailures) > 0 and ofTerminal >= tonumber(maxFailures) then
  local ends = now + tonumber(suspend)
  redis.call('HSET', terminalKey, 'since', string.format('%.0f', now), 'until',
    string.format('%.0f', ends), 'limit', maxFailures, 'cause', cause, 'source', source)
  redis.call('ZREMRANGEBYSCORE', suspensionsKey, '-inf', now)
  redis.call('ZADD', suspensionsKey, ends, terminal)
  redis.call('PEXPIRE', suspensionsKey, ${String(longestSuspensionMs)})
  redis.call('DEL', sessionKey)
  result = suspensionOf(terminalKey)
elseif limit then
  redis.call('DEL', sessionKey)
  result = {'ended', limit, terms, tostring(inSession), tostring(ofTerminal)}
else
  redis.call('HSET', sessionKey, 'terms', terms, 'failures', inSession, 'first',
    string.format('%.0f', first))
  redis.call('PEXPIRE', sessionKey, tonumber(timeout) + tonumber(lifetime))
  keep(freshKey, freshRealm, terms, lifetime)
  result = {'challenged', fresh, freshRealm, terms, tostring(inSession), tostring(ofTerminal)}
end
redis.call('HSET', nonceKey, fingerprint, cjson.encode(result))
return result
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
