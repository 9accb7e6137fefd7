import { lineLeaseLua, preconditionLua } from '@tandem/limits';
import { livingLua, nowLua, sessionLua } from './script-parts.ts';

/**
 * KEYS transaction, pods, that of the precondition · ARGV call id, owner, ttl seconds, prefix of calls, prefix of records, ttl of a
 * call, field and value of the precondition.
 * Returns nothing when the claim is new, else its call id and who has the call now, and 1 where it was taken over: its pod
 * is dead and has left no record, so no carrier has heard of it. Returns -1 where the pod's own lease has run out, -2 where the precondition is not met.
 */
export const claimLua = `
${nowLua}${livingLua}${preconditionLua}
if not is_met(KEYS[3], ARGV[7], ARGV[8]) then return -2 end
-- It slept: others may have served the INVITE already. Nobody has a lease yet where the store has just come back empty.
if not is_alive(KEYS[2], ARGV[2]) and redis.call('EXISTS', KEYS[2]) == 1 then return -1 end
local mine = ARGV[1] .. ' ' .. ARGV[2]
local held = redis.call('SET', KEYS[1], mine, 'NX', 'GET', 'EX', ARGV[3])
if not held then return false end
local call_id, owner = string.match(held, '^(%S+) (%S+)$')
local call = ARGV[4] .. call_id
local state = redis.call('HMGET', call, 'own', 'ans', 'end')
owner = state[1] or owner
-- A pod that claims an INVITE of its own anew has forgotten it before anything was written: it was asked ahead, and left at auth.
local is_forgotten = owner == ARGV[2] and call_id ~= ARGV[1] and not state[3]
local is_left = is_forgotten or not (owner == ARGV[2] or is_alive(KEYS[2], owner))
if not is_left or state[2] or redis.call('EXISTS', ARGV[5] .. call_id) == 1 then
  return { call_id .. ' ' .. owner, 0 }
end
held = call_id .. ' ' .. ARGV[2]
redis.call('SET', KEYS[1], held, 'EX', ARGV[3])
redis.call('HSET', call, 'own', ARGV[2])
redis.call('EXPIRE', call, ARGV[6])
return { held, 1 }
`;

/** KEYS transaction · ARGV prefix of calls. Returns call id and who has the call now, or nothing. */
export const findClaimLua = `
local held = redis.call('GET', KEYS[1])
if not held then return false end
local call_id, owner = string.match(held, '^(%S+) (%S+)$')
return call_id .. ' ' .. (redis.call('HGET', ARGV[1] .. call_id, 'own') or owner)
`;

/**
 * KEYS call, record, calls, ringing of the owner, owners · ARGV call id, owner, record, lines, token b or '', ttl seconds.
 * Returns 1, or 0 where the call is no longer the owner's.
 */
export const writeAheadLua = `${nowLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'lines', 'ans', 'end')
if (state[1] and state[1] ~= ARGV[2]) or state[3] or state[4] then return 0 end
redis.call('HSET', KEYS[1], 'own', ARGV[2], 'lines', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'tb', ARGV[5]) end
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[6])
if not state[2] then
  redis.call('ZADD', KEYS[3], now_ms, ARGV[1])
  redis.call('ZADD', KEYS[4], now_ms, ARGV[1])
  redis.call('SADD', KEYS[5], ARGV[2])
end
return 1
`;

/**
 * KEYS call, record, ringing of the owner, due, outbox, payloads, held, over · ARGV call id, owner, event id, event, token a,
 * token b, lines, kind, interval, longest duration, ttl of the record and of the call in seconds, callee's tag, caller's To tag or '',
 * sealed credentials or ''; where it is winding up 1; how long ago it was answered, ms.
 * Returns 1 and the time of answer when first, 0 when late, -1 and the owner when lost.
 */
export const answerLua = `${nowLua}${sessionLua}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'ans', 'end', 'notes')
if state[1] and state[1] ~= ARGV[2] then return { -1, state[1] } end
if state[2] or state[3] or (not state[1] and redis.call('EXISTS', KEYS[8]) == 1) then return { 0 } end
local answered_ms = now_ms - tonumber(ARGV[17] or 0)
local answered = text_of(answered_ms)
-- Whose money is reserved in slices: it ends with its money, which a payment may lengthen (BILL-05).
local money = money_lines(redis.call('GET', KEYS[7]))
if money then money = purse().begin(money, ARGV[1], answered_ms) end
local session = begin_session(ARGV[8], tonumber(ARGV[9]), money and 0 or tonumber(ARGV[10]))
redis.call('HSET', KEYS[1], 'own', ARGV[2], 'ans', answered, 'evt', ARGV[4] .. (state[4] or ''), 'ta', ARGV[5], 'tb', ARGV[6],
  'lines', ARGV[7], 'ses', write_session(session), 'far', ARGV[13])
if ARGV[14] ~= '' then redis.call('HSET', KEYS[1], 'near', ARGV[14]) end
if ARGV[15] ~= '' then redis.call('HSET', KEYS[1], 'cred', ARGV[15]) end
if money then redis.call('HSET', KEYS[1], 'mon', money) end
redis.call('EXPIRE', KEYS[2], ARGV[11])
redis.call('EXPIRE', KEYS[1], ARGV[12])
if ARGV[16] ~= '1' then redis.call('ZREM', KEYS[3], ARGV[1]) end
redis.call('ZADD', KEYS[4], due_of(session), ARGV[1])
lines_renew(KEYS[7], words(ARGV[7]), ARGV[1], now_ms, lease_of(session))
redis.call('ZADD', KEYS[5], now_ms, ARGV[3])
redis.call('HSET', KEYS[6], ARGV[3], answered .. ':0:0:' .. ARGV[4])
return { 1, answered }
`;

/**
 * KEYS call, record, calls, due, outbox, payloads, held, over · ARGV call id, owner or '', event id, ending, event or '',
 * lines or '', 1 = winding up, when it ends: '' or limit, prefix of ringing, seconds for which it is kept, last record or '',
 * side that hangs up in a dialog (a, b) or '', its peer's tag there, ms for which its event is kept back;
 * where the switch hangs up, or would: Reason of its BYEs, ms until they are due, seconds for which they may be, the side that
 * gets one or '' for both.
 * Returns 1 and the payload when first, 0 when late, -1 and the owner when lost, -2 when unknown, -3 and the owner when pending,
 * -4 where another dialog was answered; behind 1 and 0 the caller's To tag, where several dialogs were opened, and 1 where numbers in
 * the callee's dialog have moved.
 */
export const endLua = `${nowLua}${lineLeaseLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'ans', 'end', 'evt', 'lines', 'ses', 'far', 'near', 'nb', 'notes', 'mon')
local own, near, moved = state[1], state[8] or '', state[9] and 1 or 0
if ARGV[2] ~= '' and own and own ~= ARGV[2] then return { -1, own } end
local answered_in = ARGV[12] == 'a' and state[8] or ARGV[12] == 'b' and state[7]
if answered_in and answered_in ~= '' and ARGV[13] ~= '' and answered_in ~= ARGV[13] then return { -4 } end
if state[3] then return { 0, '', near, moved } end
-- What the answer stored is whole; an event that comes along is that of a call without an answer.
local event = state[2] and state[4] or ARGV[5]
if event == '' then
  if own and not state[2] then return { -3, own } end
  -- The pod that had the answer may have yet to tell of it, to a store that has come back empty: it would have the call up again.
  redis.call('SET', KEYS[8], '1', 'EX', ARGV[10])
  return { -2 }
end
if not state[2] and state[10] then event = event .. state[10] end
local answered, ended, alive = state[2] or '0', now_text, 0
if state[2] and state[6] then alive = tonumber(string.match(state[6], '%d+$')) end
if ARGV[8] == 'limit' then
  local limit = tonumber(words(state[6])[5] or 0)
  if limit > 0 and limit < now_ms then ended = text_of(limit) end
end
if state[2] and state[11] then
  ended = text_of(purse().spend(state[11], ARGV[1], tonumber(state[2]), tonumber(ended)))
end
redis.call('HSET', KEYS[1], 'end', now_text)
redis.call('HDEL', KEYS[1], 'evt', 'ses')
redis.call('EXPIRE', KEYS[1], ARGV[10])
if ARGV[11] ~= '' then redis.call('SET', KEYS[2], ARGV[11], 'EX', ARGV[10])
else redis.call('EXPIRE', KEYS[2], ARGV[10]) end
redis.call('ZREM', KEYS[3], ARGV[1])
if ARGV[15] then
  redis.call('HSET', KEYS[1], 'bye', ARGV[15], 'byeto', ARGV[18])
  redis.call('EXPIRE', KEYS[1], ARGV[17])
  redis.call('ZADD', KEYS[4], now_ms + ARGV[16], ARGV[1])
else redis.call('ZREM', KEYS[4], ARGV[1]) end
if own and not state[2] and ARGV[7] ~= '1' then redis.call('ZREM', ARGV[9] .. own, ARGV[1]) end
local lines = words(state[5])
for _, key in ipairs(words(ARGV[6])) do lines[#lines + 1] = key end
lines_release(KEYS[7], lines, ARGV[1], state[2] and state[11])
local payload = answered .. ':' .. ended .. ':' .. text_of(alive) .. ':' .. event .. ARGV[4]
redis.call('ZADD', KEYS[5], now_ms + ARGV[14], ARGV[3])
redis.call('HSET', KEYS[6], ARGV[3], payload)
return { 1, payload, near, moved }
`;

/**
 * KEYS outbox, payloads · ARGV event id of the end, 1 = the callee was in the call until then.
 * Returns the payload, or nothing where it is not kept back: it was let go before, or has gone by itself.
 */
export const concludeLua = `${nowLua}
local since, payload = redis.call('ZSCORE', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])
if not since or not payload or tonumber(since) <= now_ms then return false end
if ARGV[2] == '1' then
  local answered, ended, from = string.match(payload, '^(%d+):(%d+):%d+:()')
  payload = answered .. ':' .. ended .. ':' .. ended .. ':' .. string.sub(payload, from)
  redis.call('HSET', KEYS[2], ARGV[1], payload)
end
redis.call('ZADD', KEYS[1], now_ms, ARGV[1])
return payload
`;

/**
 * KEYS call, record, pods, pod-info, owners, quiet · ARGV call id, owner, prefix of ringing.
 * Returns the kind of result and what belongs to it: record, 1 = ended and 2 = ended after an answer, tokens a and b, owner.
 */
export const adoptLua = `${nowLua}${livingLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'ans', 'end', 'ta', 'tb')
local own, answered, ended = state[1] or '', state[2], state[3]
local record = redis.call('GET', KEYS[2])
if answered and not ended then return { 'answered', record, 0, state[4], state[5], own } end
if own == '' and not ended then return { 'unknown' } end
local begun = own ~= '' and redis.call('ZSCORE', ARGV[3] .. own, ARGV[1])
-- What is left of one that was answered needs nobody who has it.
if ended and (answered or not begun) then return { 'ended', record, answered and 2 or 1, false, false, own } end
if own ~= ARGV[2] then
  -- After the store itself was away all leases have run out: whoever lives renews his, and has its calls.
  local may_be_alive = is_alive(KEYS[3], own) or not is_alive(KEYS[3], ARGV[2]) or redis.call('EXISTS', KEYS[6]) == 1
  if may_be_alive and not is_draining(KEYS[4], own) then return { 'owned', false, 0, false, false, own } end
  if not record then return { ended and 'ended' or 'unknown', false, 1, false, false, own } end
  redis.call('HSET', KEYS[1], 'own', ARGV[2])
  redis.call('ZREM', ARGV[3] .. own, ARGV[1])
  redis.call('ZADD', ARGV[3] .. ARGV[2], begun or now_ms, ARGV[1])
  redis.call('SADD', KEYS[5], ARGV[2])
end
if not record then return { 'unknown' } end
return { 'adopted', record, ended and 1 or 0 }
`;

/**
 * KEYS owners, pods, quiet, due · ARGV owner, limit, prefix of ringing, of calls, of records, of what is in hand.
 * Returns call id, record and 1 where it is ended, 2 where it was answered, one after the other. Costs a look at each owner while all live.
 */
export const adoptOrphansLua = `${nowLua}${livingLua}
local me, adopted = ARGV[1], {}
-- After the store itself was away all leases have run out, and those who live must get the time to renew theirs.
if not is_alive(KEYS[2], me) or redis.call('EXISTS', KEYS[3]) == 1 then return adopted end
-- What began an hour ago rings no more, whatever became of it: its record is gone for long.
redis.call('ZREMRANGEBYSCORE', ARGV[3] .. me, '-inf', now_ms - 3600000)
local left = tonumber(ARGV[2])
-- What a dead pod was ending or probing is due again, for whoever asks next.
local function let_go(hand)
  local ids = redis.call('ZRANGE', hand, 0, 999)
  for _, id in ipairs(ids) do redis.call('ZADD', KEYS[4], 'XX', now_ms, id) end
  if #ids > 0 then redis.call('ZREM', hand, unpack(ids)) end
end
for _, own in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if own ~= me and left > 0 and not is_alive(KEYS[2], own) then
    let_go(ARGV[6] .. own)
    local ids = redis.call('ZRANGE', ARGV[3] .. own, 0, left - 1, 'WITHSCORES')
    for i = 1, #ids, 2 do
      local id = ids[i]
      local state = redis.call('HMGET', ARGV[4] .. id, 'own', 'ans', 'end')
      local record = redis.call('GET', ARGV[5] .. id)
      redis.call('ZREM', ARGV[3] .. own, id)
      if state[1] == own and record then
        redis.call('HSET', ARGV[4] .. id, 'own', me)
        redis.call('ZADD', ARGV[3] .. me, ids[i + 1], id)
        adopted[#adopted + 1] = { id, record, state[2] and 2 or state[3] and 1 or 0 }
      end
    end
    left = left - #ids / 2
    if redis.call('EXISTS', ARGV[3] .. own, ARGV[6] .. own) == 0 then redis.call('SREM', KEYS[1], own) end
  end
end
if #adopted > 0 then redis.call('SADD', KEYS[1], me) end
return adopted
`;

/** KEYS ringing of the owner · ARGV call id. */
export const forgetLua = `
return redis.call('ZREM', KEYS[1], ARGV[1])
`;

/** KEYS call · ARGV token a or '', token b or '', field of token a. A call that is gone is not brought back: its key would never expire. */
export const saveTokensLua = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], ARGV[3], ARGV[1]) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'tb', ARGV[2]) end
return 1
`;
