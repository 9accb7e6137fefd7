import { nowLua, numbersLua } from './script-parts.ts';

/** A call that is challenged again and again says so a few times: its event must not grow without end. */
const MOST_EVENT_BYTES = 8192;

/**
 * Adds decisions to the event of an answered call, to the notes of one that has none yet, to that of an end which is kept back, or
 * files them as an event of their own where the call has ended. `state`: own, end, evt, notes. Returns 1 where it was filed.
 */
const noteLua = `
local function note(state, keys, event_id, decisions, event)
  if not state[1] then return 0 end
  if state[2] then
    local ending = string.match(event_id, '^[^.]+') .. '.ended.1'
    local since, payload = redis.call('ZSCORE', keys[2], ending), redis.call('HGET', keys[3], ending)
    if since and payload and tonumber(since) > now_ms then
      redis.call('HSET', keys[3], ending, payload .. decisions)
      return 0
    end
    redis.call('ZADD', keys[2], now_ms, event_id)
    redis.call('HSET', keys[3], event_id, '0:0:0:' .. event)
    return 1
  end
  local field = state[3] and 'evt' or 'notes'
  local known = (state[3] or state[4] or '')
  if #known + #decisions <= ${String(MOST_EVENT_BYTES)} then redis.call('HSET', keys[1], field, known .. decisions) end
  return 0
end
`;

/** KEYS call, challenged requests, record · ARGV CSeq number. Returns credentials, answered challenge, record; '' for none. */
export const challengeFactsLua = `
local challenged = redis.call('HGET', KEYS[2], ARGV[1])
local credentials = redis.call('HGET', KEYS[1], 'cred')
local record = not credentials and redis.call('GET', KEYS[3])
return { credentials or '', challenged or '', record or '' }
`;

/**
 * KEYS call, outbox, payloads, challenged requests · ARGV event id, decisions, event, CSeq number, highest number sent, round,
 * request, seconds for which it is kept. Returns the answered challenge as it is kept, and 1 where the decision was filed; nothing
 * where there is no such call. What is kept is number, round and request behind two blanks.
 */
export const answerChallengeLua = `${nowLua}${numbersLua}${noteLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'end', 'evt', 'notes', 'nb')
if not state[1] then return false end
local known = redis.call('HGET', KEYS[4], ARGV[4])
if known and tonumber(string.match(known, '^%d+ (%d+) ')) >= tonumber(ARGV[6]) then return { known, 0 } end
local w = words(state[5])
local number = math.max(tonumber(w[1] or 0), tonumber(ARGV[5])) + 1
redis.call('HSET', KEYS[1], 'nb', numbers_with(w, tonumber(ARGV[4]), number))
local kept = text_of(number) .. ' ' .. ARGV[6] .. ' ' .. ARGV[7]
redis.call('HSET', KEYS[4], ARGV[4], kept)
redis.call('EXPIRE', KEYS[4], ARGV[8])
return { kept, note(state, KEYS, ARGV[1], ARGV[2], ARGV[3]) }
`;

/** KEYS call, outbox, payloads · ARGV event id, decisions, event. Returns 1 where they were filed. */
export const noteCallLua = `${nowLua}${noteLua}
local state = redis.call('HMGET', KEYS[1], 'own', 'end', 'evt', 'notes')
return note(state, KEYS, ARGV[1], ARGV[2], ARGV[3])
`;
