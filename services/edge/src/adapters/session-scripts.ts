import { lineLeaseLua } from '@tandem/limits';
import { nowLua, numbersLua, sessionLua, unacknowledgedLua } from './script-parts.ts';

/** Nobody has a call in hand for so long: what is still there was left by a pod that could not say that it was done. */
const IN_HAND_SECONDS = 3600;

/**
 * KEYS due, calls, outbox, owners, in hand of the owner, due for money · ARGV limit, ms for which what is taken is not given again, prefix
 * of calls, prefix of held, ttl of a call in seconds, owner. Returns per call: id, why, tokens a and b, payload; where BYEs are due
 * Reason instead of a payload, and the side that gets one or '' for both; where money ends it, what there was of that (BILL-05).
 * Every pod asks; the scores that move here are what shares the work (edge.md §1.8).
 */
export const takeDueLua = `${nowLua}${sessionLua}${lineLeaseLua}${unacknowledgedLua}
local again, found = now_ms + ARGV[2], {}
-- Slices of money are topped up here, so that it takes no pod but the one that asks, and nothing between look and reservation.
for _, id in ipairs(redis.call('ZRANGE', KEYS[6], '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  local call = ARGV[3] .. id
  local state = redis.call('HMGET', call, 'mon', 'ses', 'end')
  if not state[1] or not state[2] or state[3] then redis.call('ZREM', KEYS[6], id)
  else
    local money = purse().top_up(state[1], id, now_ms)
    if money then
      local s = read_session(state[2])
      s.longest = tonumber(money[1])
      redis.call('HSET', call, 'ses', write_session(s), 'cut', table.concat(money, ' '))
      redis.call('ZADD', KEYS[1], now_ms, id)
    end
  end
end
local function why_of(s, answered, ack, cut)
  if s.longest > 0 and s.longest <= now_ms then return cut and 'money' or 'duration' end
  if ack and string.find(ack, 'never') and answered + UNACKNOWLEDGED_MS <= now_ms then return 'unacknowledged' end
  if s.expiry > 0 and s.expiry <= now_ms then return 'expired' end
  if s.probe > 0 and s.probe <= now_ms then return 'probe' end
  if s.interim <= now_ms then return 'interim' end
  return false
end
local taken = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  local call = ARGV[3] .. id
  local state = redis.call('HMGET', call, 'ans', 'end', 'evt', 'ta', 'tb', 'lines', 'ses', 'bye', 'ack', 'byeto', 'cut')
  if state[2] and state[8] then
    redis.call('ZADD', KEYS[1], again, id)
    taken[#taken + 1] = id
    found[#found + 1] = { id, 'bye', state[4] or '', state[5] or '', state[8], state[10] or '' }
  elseif not state[1] or state[2] or not state[3] or not state[7] then
    redis.call('ZREM', KEYS[1], id)
    -- Its key has had its time; one that rings is what it is, whatever was due of another under its id.
    if redis.call('EXISTS', call) == 0 then redis.call('ZREM', KEYS[2], id) end
  else
    local s = read_session(state[7])
    local why, event = why_of(s, tonumber(state[1]), state[9], state[11]), state[3]
    if why == 'interim' then
      local before = id .. '.interim.' .. text_of(s.count)
      s.count = s.count + 1
      -- The next one is a whole interval away: what was missed while no pod lived is not made up for.
      s.interim = now_ms + INTERIM_MS
      local name = id .. '.interim.' .. text_of(s.count)
      redis.call('ZREM', KEYS[3], before)
      redis.call('ZADD', KEYS[3], now_ms, name)
      event = event .. string.char(10, #name) .. name .. string.char(26, 7) .. 'interim'
    end
    local due = due_of(s)
    if why and why ~= 'interim' then
      due = again
      taken[#taken + 1] = id
    end
    redis.call('ZADD', KEYS[1], due, id)
    if why == 'interim' or why == 'probe' then
      redis.call('HSET', call, 'ses', write_session(s))
      redis.call('EXPIRE', call, ARGV[5])
      local lease = lease_of(s)
      if why == 'probe' then lease = ARGV[2] + MARGIN_MS end
      lines_renew(ARGV[4] .. id, words(state[6]), id, now_ms, lease)
    end
    if why then
      found[#found + 1] = { id, why, state[4] or '', state[5] or '',
        state[1] .. ':0:' .. text_of(s.alive) .. ':' .. event, why == 'money' and state[11] or '' }
    end
  end
end
if #taken > 0 then
  redis.call('SADD', KEYS[4], ARGV[6])
  redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now_ms - ${String(IN_HAND_SECONDS)}000)
  for _, id in ipairs(taken) do redis.call('ZADD', KEYS[5], now_ms, id) end
  redis.call('EXPIRE', KEYS[5], ${String(IN_HAND_SECONDS)})
end
return found
`;

/** KEYS call, due, in hand of the owner · ARGV call id, ttl of an ended call in seconds. */
export const handledLua = `
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('HDEL', KEYS[1], 'bye') == 1 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return 1
`;

/** KEYS due · ARGV prefix of calls, ttl of an ended call in seconds, call ids. */
export const hungUpLua = `
for i = 3, #ARGV do
  local call = ARGV[1] .. ARGV[i]
  if redis.call('HDEL', call, 'bye') == 1 then
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('EXPIRE', call, ARGV[2])
  end
end
return 1
`;

/**
 * KEYS call, due, held · ARGV call id, interval, 0 as it is or -1 none any more, ttl of a call in seconds. Returns 1, or 0 where
 * there is no such call.
 */
export const refreshLua = `${nowLua}${sessionLua}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'ses', 'end', 'lines')
if not state[1] or state[2] then return 0 end
local s, interval = read_session(state[1]), tonumber(ARGV[2])
s.alive = now_ms
if interval > 0 then
  s.interval = interval
  -- A session that nobody kept so far: the endpoints have agreed on it now.
  if s.kind == 'none' then s.kind = 'endpoints' end
end
if interval < 0 and s.kind == 'endpoints' then
  s.kind = 'none'
  s.expiry = 0
end
if s.kind == 'endpoints' then s.expiry = now_ms + s.interval end
if s.kind == 'probes' then s.probe = now_ms + s.interval end
redis.call('HSET', KEYS[1], 'ses', write_session(s))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], due_of(s), ARGV[1])
lines_renew(KEYS[3], words(state[3]), ARGV[1], now_ms, lease_of(s))
return 1
`;

/** KEYS call, unacknowledged · ARGV call id, 1 = by the ACK of the answer, how long ago in ms. Returns 1, or 0 where there is no such call. */
export const proveLua = `${nowLua}${sessionLua}
local state = redis.call('HMGET', KEYS[1], 'ses', 'end', 'ack')
if not state[1] or state[2] then return 0 end
local s = read_session(state[1])
s.alive = math.max(s.alive, now_ms - ARGV[3])
redis.call('HSET', KEYS[1], 'ses', write_session(s))
if ARGV[2] == '1' and state[3] then
  redis.call('HSET', KEYS[1], 'ack', 'seen')
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1
`;

/**
 * KEYS call, due, unacknowledged · ARGV call id. The field `ack` holds since when all pods look out for the ACK, and behind
 * that `never` once the answer was repeated though they do; `seen` once one of them has seen it.
 */
export const repeatedLua = `${nowLua}${unacknowledgedLua}
local state = redis.call('HMGET', KEYS[1], 'ans', 'end', 'ses', 'ack')
local answered, ack = tonumber(state[1] or 0), state[4]
if answered == 0 or state[2] or not state[3] or now_ms - answered < LATE_MS then return 0 end
if not ack then
  redis.call('HSET', KEYS[1], 'ack', now_text)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now_ms)
  redis.call('ZADD', KEYS[3], now_ms + WATCHED_MS, ARGV[1])
  redis.call('PEXPIRE', KEYS[3], WATCHED_MS)
elseif string.find(ack, '^%d+$') and now_ms - ack >= SURE_MS then
  redis.call('HSET', KEYS[1], 'ack', ack .. ' never')
  local due = answered + UNACKNOWLEDGED_MS
  local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not known or tonumber(known) > due then redis.call('ZADD', KEYS[2], due, ARGV[1]) end
end
return 1
`;

/**
 * KEYS call · ARGV field, CSeq number or 0. Returns the number in the dialog.
 * The field holds the highest number so far, then the last pairs of number received and number sent.
 */
export const numberLua = `${nowLua}${numbersLua}
local asked = tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'own', 'end', ARGV[1])
if not state[1] then return asked > 0 and asked or 1 end
local w = words(state[3])
local highest = tonumber(w[1] or 0)
local known = asked > 0 and number_of(w, asked)
if known then return known end
local number = highest + 1
if asked > highest then number = asked end
redis.call('HSET', KEYS[1], ARGV[1], numbers_with(w, asked, number))
return number
`;

/**
 * KEYS call, challenged requests · ARGV field, CSeq number, that in RAck or 0, 1 = count in any case. Returns nothing where no
 * number has moved, else the number in the dialog, that of the INVITE which RAck names, and the answered challenge or ''.
 */
export const placeLua = `${nowLua}${numbersLua}
local asked, rack = tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'own', ARGV[1])
if not state[2] and (ARGV[4] ~= '1' or not state[1]) then return false end
local w = words(state[2])
local highest = tonumber(w[1] or 0)
local number = number_of(w, asked)
if not number then
  number = highest + 1
  if asked > highest then number = asked end
  redis.call('HSET', KEYS[1], ARGV[1], numbers_with(w, asked, number))
end
-- What went before anything moved has kept its number.
local named = rack > 0 and number_of(w, rack) or rack
local challenged = ARGV[1] == 'nb' and redis.call('HGET', KEYS[2], asked)
return { number, named, challenged or '' }
`;

/**
 * One page of a round over all holders of lines, and every few rounds over all calls before it; the place where the round
 * stands lies in Redis, so that whoever asks goes on with it and no two pods do the same (ROUTE-05).
 * KEYS round, calls, due, holders · ARGV page, age ms, pause ms, prefix of calls, prefix of held, rounds from one look at
 * all calls to the next. Returns how many leases were freed, and 1 where the round is not over.
 */
export const reconcileLua = `${nowLua}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'phase', 'at', 'next', 'rounds')
local phase, at, rounds = state[1] or 'calls', tonumber(state[2] or 0), tonumber(state[4] or 0)
if tonumber(state[3] or 0) > now_ms then return { 0, 0 } end
local page, old, freed, gone = tonumber(ARGV[1]), now_ms - ARGV[2], 0, 0
local ids = redis.call('ZRANGE', phase == 'calls' and KEYS[2] or KEYS[4], at, at + page - 1)

-- Calls whose key has had its time: nobody ended them.
local function clean_calls()
  local names = {}
  for i, id in ipairs(ids) do names[i] = ARGV[4] .. id end
  if redis.call('EXISTS', unpack(names)) == #ids then return end
  for i, id in ipairs(ids) do
    if redis.call('EXISTS', names[i]) == 0 then
      redis.call('ZREM', KEYS[2], id)
      redis.call('ZREM', KEYS[3], id)
      gone = gone + 1
    end
  end
end

local function free_lines()
  local calls = redis.call('ZMSCORE', KEYS[2], unpack(ids))
  for i, id in ipairs(ids) do
    if not calls[i] and tonumber(redis.call('ZSCORE', KEYS[4], id)) < old then
      freed = freed + redis.call('EXISTS', ARGV[5] .. id)
      lines_release(ARGV[5] .. id, {}, id)
      gone = gone + 1
    end
  end
end

if #ids > 0 then
  if phase == 'calls' then clean_calls() else free_lines() end
end
if #ids == page then
  redis.call('HSET', KEYS[1], 'phase', phase, 'at', text_of(at + page - gone))
  return { freed, 1 }
end
if phase == 'calls' then
  redis.call('HSET', KEYS[1], 'phase', 'holders', 'at', '0')
  return { freed, 1 }
end
rounds = (rounds + 1) % ARGV[6]
redis.call('HSET', KEYS[1], 'phase', rounds == 0 and 'calls' or 'holders', 'at', '0', 'rounds', text_of(rounds),
  'next', text_of(now_ms + ARGV[3]))
return { freed, 0 }
`;
