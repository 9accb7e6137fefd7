import {
  ANSWERED_MS,
  BURST_MS,
  GATHERED_MS,
  MOST_GATHERED,
  MOST_NAMES,
  MOST_OPEN,
  MOST_RECORDED,
  OTHER_USERS,
} from '../core/limits.ts';
import { REQUESTS_PER_NONCE } from '../core/nonce-use.ts';

/**
 * What the scripts of the Redis store have in common. A script of a request has as its first keys terminal, elsewhere, known, black,
 * the fresh nonce and open, and as its first values the fresh nonce, its realm, terms and life, the place, whether it is
 * spared, the session, and what is told of it where its challenge leads nowhere.
 */
export const prelude = `
local function suspensionOf(key)
  local s = redis.call('HMGET', key, 'since', 'until', 'failures', 'limit', 'cause', 'source',
    'explanation')
  if not s[2] then return nil end
  return {'suspended', s[1], s[2], s[3], s[4], s[5], s[6], '', '', s[7] or ''}
end
local function blackOf(key, spared)
  if spared == '1' then return nil end
  local b = redis.call('HMGET', key, 'since', 'until', 'failures', 'cause')
  if not b[2] then return nil end
  return {'black-listed', b[1], b[2], b[3], b[4]}
end
local function keep(key, realm, terms, lifetime, place)
  redis.call('HSET', key, 'realm', realm, 'terms', terms, 'at', place)
  redis.call('PEXPIRE', key, lifetime)
end
local function isWornOut(key)
  -- Beside the answers stand realm and terms, the place, and nc once a request was taken.
  local others = 2 + redis.call('HEXISTS', key, 'nc') + redis.call('HEXISTS', key, 'at')
  return redis.call('HLEN', key) - others >= ${String(REQUESTS_PER_NONCE)}
end
local function ms(value) return string.format('%.0f', value) end
local function nowMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function recorded(isKnown, terminalKey)
  if not isKnown then return '0' end
  return redis.call('HINCRBY', terminalKey, 'told', 1) <= ${String(MOST_RECORDED)} and '1' or '0'
end
-- Suspended at this place; or everywhere else, and this place is not known.
local function suspensionHere(terminalKey, elsewhereKey, isKnown)
  local suspension = suspensionOf(terminalKey)
  if suspension then
    suspension[8], suspension[9] = 'here', recorded(isKnown, terminalKey)
    return suspension
  end
  if isKnown then return nil end
  suspension = suspensionOf(elsewhereKey)
  if suspension then suspension[8], suspension[9] = 'elsewhere', '0' end
  return suspension
end
-- AUTH-06: the session whose burst this is has had its challenges.
local function endedOf(terminalKey, session)
  local t = redis.call('HMGET', terminalKey, 'burst', 'burst-at', 'ended', 'failures')
  if not t[3] or t[1] ~= session or nowMs() - tonumber(t[2]) >= ${String(BURST_MS)} then return nil end
  return {t[3], t[4]}
end
-- AUTH-04: why a nonce is not good, if it is not. place is that of the request.
local function whyNotGood(nonceKey, realm, place, expected)
  if not realm then return 'unknown-nonce' end
  if realm ~= expected then return 'other-realm' end
  if place and place ~= ARGV[5] then return 'other-place' end
  return isWornOut(nonceKey) and 'worn-out' or nil
end
-- Nothing of the session is waited for any more, also where a pod that was stopped challenges its first request only now. The key lies in the slot of openKey.
local function answered(openKey, session)
  redis.call('HDEL', openKey, session)
  redis.call('SET', openKey .. '-answered:' .. session, '1', 'PX', ${String(ANSWERED_MS)})
end
-- AUTH-14: an answer is waited for, from the first challenge of the session on. What is written was made by the pod, by its clock:
-- a call that goes on to be let in pays for it.
local function await(stale)
  local openKey, session, told = KEYS[6], ARGV[7], ARGV[8]
  if redis.call('HLEN', openKey) >= ${String(MOST_OPEN)} then return end
  if not stale and redis.call('EXISTS', openKey .. '-answered:' .. session) == 1 then return end
  if stale then told = string.gsub(told, '^(%d+ %d+ 1 ) ', '%1' .. stale .. ' ') end
  if redis.call('HSETNX', openKey, session, told) == 1 then return end
  local due, before, cycles = string.match(redis.call('HGET', openKey, session), '^(%d+) (%d+) (%d+) ')
  local cseq, rest = string.match(told, '^%d+ (%d+) 1 (.*)$')
  -- A retransmission.
  if before == cseq then return end
  redis.call('HSET', openKey, session, string.format('%s %s %d %s', due, cseq, cycles + 1, rest))
end
`;

/** Gathers a failure. The keys are built here: they lie in the slot of the declared keys by their hash tag. */
export const gathering = `
local function gatherInto(prefix, gatheringKey, failure)
  local now = nowMs()
  local name, whose, place = failure.name, failure.user, failure.place
  local key = prefix .. 'gathered:' .. name
  if redis.call('EXISTS', key) == 0 then
    local namesKey = prefix .. 'gathered-names:' .. place
    local names = redis.call('INCR', namesKey)
    redis.call('PEXPIRE', namesKey, ${String(GATHERED_MS)})
    if names > ${String(MOST_NAMES)} then
      whose = '${OTHER_USERS}'
      name = whose .. ' at ' .. place
      key = prefix .. 'gathered:' .. name
    end
  end
  redis.call('HSETNX', key, 'first', ms(now))
  redis.call('HINCRBY', key, 'count', 1)
  redis.call('HSET', key, 'user', whose, 'place', place, 'last', ms(now), 'cause', failure.cause, 'reason',
    failure.reason, 'explanation', failure.explanation, 'decision', failure.decision)
  redis.call('PEXPIRE', key, ${String(GATHERED_MS)})
  redis.call('ZADD', gatheringKey, now, name)
  redis.call('PEXPIRE', gatheringKey, ${String(GATHERED_MS)})
  if redis.call('ZCARD', gatheringKey) > ${String(MOST_GATHERED)} then
    local oldest = redis.call('ZPOPMIN', gatheringKey)
    redis.call('DEL', prefix .. 'gathered:' .. oldest[1])
  end
end
`;
