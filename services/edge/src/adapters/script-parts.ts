import { acknowledging } from '../core/dialog/acknowledging.ts';

/**
 * What the scripts of the edge have in common. All keys of a deployment share one hash slot, so a script may touch
 * keys whose names it learns on the way: lines from the call, the set of ringing calls from its owner.
 * Redis's clock is the one clock for answer and end (edge.md §4.5), and for who lives (edge.md §3).
 */
export const nowLua = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local function text_of(number) return string.format('%.0f', number) end
local now_text = text_of(now_ms)
local function words(text)
  local list = {}
  for word in string.gmatch(text or '', '%S+') do list[#list + 1] = word end
  return list
end
`;

/**
 * The numbers of a dialog, as a call's field holds them: the highest so far, then the last pairs of number received and
 * number sent.
 */
export const numbersLua = `
local function number_of(w, asked)
  for i = 2, #w, 2 do
    if tonumber(w[i]) == asked then return tonumber(w[i + 1]) end
  end
end
-- A pair of the same number received is replaced.
local function numbers_with(w, asked, number)
  local kept = { text_of(number) }
  local from = 2
  if asked > 0 and #w >= 17 then from = 4 end
  for i = from, #w, 2 do
    if tonumber(w[i]) ~= asked then
      kept[#kept + 1] = w[i]
      kept[#kept + 1] = w[i + 1]
    end
  end
  if asked > 0 then
    kept[#kept + 1] = text_of(asked)
    kept[#kept + 1] = text_of(number)
  end
  return table.concat(kept, ' ')
end
`;

/** Whether the pod behind an owner (`slot.epoch`) lives; the first letter of what it says of itself tells whether it drains. */
export const livingLua = `
local function is_alive(pods, owner)
  local lease = redis.call('ZSCORE', pods, owner)
  return lease and tonumber(lease) > now_ms
end
local function is_draining(info, owner)
  local said = redis.call('HGET', info, owner)
  return said and string.sub(said, 1, 1) == 'd'
end
`;

/**
 * A call's session as one word list, since a field of its own for each would cost Redis 60 bytes a call and field:
 * kind, interval, then moments (0 = none): expiry, next probe, longest duration, next interim event; number of interim
 * events; last proof of life. Terms are kind, interval, longest duration.
 */
export const sessionLua = `
local INTERIM_MS, MARGIN_MS = 300000, 60000
local function begin_session(kind, interval, longest)
  local s = { kind = kind, interval = interval, expiry = 0, probe = 0, longest = 0, interim = now_ms + INTERIM_MS,
    count = 0, alive = now_ms }
  if kind == 'endpoints' then s.expiry = now_ms + interval end
  if kind == 'probes' then s.probe = now_ms + interval end
  if longest > 0 then s.longest = now_ms + longest end
  return s
end
local function read_session(text)
  local w = words(text)
  return { kind = w[1] or 'none', interval = tonumber(w[2] or 0), expiry = tonumber(w[3] or 0), probe = tonumber(w[4] or 0),
    longest = tonumber(w[5] or 0), interim = tonumber(w[6] or 0), count = tonumber(w[7] or 0), alive = tonumber(w[8] or 0) }
end
local function write_session(s)
  return string.format('%s %.0f %.0f %.0f %.0f %.0f %.0f %.0f', s.kind, s.interval, s.expiry, s.probe, s.longest, s.interim,
    s.count, s.alive)
end
local function due_of(s)
  local due = s.interim
  if s.expiry > 0 and s.expiry < due then due = s.expiry end
  if s.probe > 0 and s.probe < due then due = s.probe end
  if s.longest > 0 and s.longest < due then due = s.longest end
  return due
end
-- Until when the lines are held without a further sign of life: nothing leaks for longer (ROUTE-05).
local function lease_of(s)
  local ending = s.interim
  if s.expiry > 0 then ending = s.expiry elseif s.probe > 0 then ending = s.probe end
  return ending + MARGIN_MS - now_ms
end
`;

/** An answer without an ACK (RFC 3261 §13.3.1.4). Times are those of `acknowledging`. */
export const unacknowledgedLua = `
local LATE_MS, SURE_MS = ${String(acknowledging.lateMs)}, ${String(acknowledging.sureMs)}
local UNACKNOWLEDGED_MS, WATCHED_MS = ${String(acknowledging.patienceMs)}, ${String(acknowledging.watchedMs)}
`;
