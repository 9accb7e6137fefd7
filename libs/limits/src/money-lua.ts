/**
 * Money that calls have reserved (BILL-05), in the scripts that take, renew and free their lines. Per account there is a hash
 * `{…}:money:<account>:calls` of call id → `<nanos> <further increments> <terms>`, with the sum of all under `*`, and a sorted
 * set `…:until` of call id → until when a call that rings may keep it. A call's record `held` names `{…}:money:<account>`
 * behind its lines, one for each account that pays (its own, and the resellers' above it), so that whoever frees them gives the money back; a pod of an earlier version takes that for one more line,
 * frees nothing, and the reservation ends with its lease. A call that has ended keeps what it has spent, and nothing else,
 * until the ledger has charged it: no moment in which that money is free again.
 *
 * `purse()` has the functions; what they call `money` are those names, one a line. What is reserved is a sum of whole increments, each rounded up to 1e-9, so never less than what will be charged.
 */
export const moneyLua = `
local function money_lines(text) return text and string.match(text, '\\n({[^}]*}:money:.*)$') end
local function is_money_line(key) return string.find(key, '}:money:', 1, true) ~= nil end
-- Made where it is needed: most scripts run for calls without, and a function costs something each time a script does.
local made
local function purse()
if made then return made end
-- An amount as whole units and the rest in 1e-9 of one: a double holds neither large balances in 1e-9 nor their sums.
local UNIT = 1000000000
local function normal(whole, rest)
  local carry = math.floor(rest / UNIT)
  return { whole + carry, rest - carry * UNIT }
end
local function amount_of(text)
  local digits = string.match(text, '%d+')
  local whole, rest = tonumber(string.sub(digits, 1, -10)) or 0, tonumber(string.sub(digits, -9))
  if string.sub(text, 1, 1) == '-' then return normal(-whole, -rest) end
  return { whole, rest }
end
local function plus(a, b) return normal(a[1] + b[1], a[2] + b[2]) end
local function minus(a, b) return normal(a[1] - b[1], a[2] - b[2]) end
local function times(a, number) return normal(a[1] * number, a[2] * number) end
local function is_less(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end
local function amount_text(a)
  local whole, rest, sign = a[1], a[2], ''
  if whole < 0 then
    sign = '-'
    if rest > 0 then whole, rest = whole + 1, UNIT - rest end
    whole = -whole
  end
  if whole == 0 then return (rest == 0 and '' or sign) .. string.format('%.0f', rest) end
  return sign .. string.format('%.0f%09.0f', whole, rest)
end

local MOST_STEPS = 100000
-- The most steps, whole ones, that an amount pays for; 0 where it is negative.
local function steps_in(amount, step, part)
  if amount[1] < 0 then return 0 end
  local steps = math.floor((amount[1] * UNIT + amount[2]) / ((step[1] * UNIT + step[2]) * part))
  steps = math.min(steps, MOST_STEPS)
  -- What a double has rounded away.
  while steps > 0 and is_less(amount, times(step, steps * part)) do steps = steps - 1 end
  while steps < MOST_STEPS and not is_less(amount, times(step, (steps + 1) * part)) do steps = steps + 1 end
  return steps
end

-- A call takes an eighth of what is left at most, so that slices grow shorter near the end and others get theirs.
local SHARE = 8
-- Any pod's sweep must come by while it lasts.
local SHORTEST_S = 4
-- A slice is topped up so long before it ends.
local MARGIN_S = 10
-- A call whose money has ended is hung up within this: till then it is charged to that end.
local CUT_MS = 2000
-- Nothing of a call is kept for longer that nobody looks after.
local LONGEST_MS = 86400000

local function money_key(line, name) return string.match(line, '^{[^}]*}:') .. name end
local function money_account(line) return string.match(line, ':money:(.*)$') end
local function money_total(line) return amount_of(redis.call('HGET', line .. ':calls', '*') or '0') end

-- What a call has reserved, or false; and what all calls of the account have.
local function money_read(line, call_id)
  local found = redis.call('HMGET', line .. ':calls', '*', call_id)
  local total, text = amount_of(found[1] or '0'), found[2]
  if not text then return false, total end
  local w = {}
  for word in string.gmatch(text, '%S+') do w[#w + 1] = word end
  local r = { amount = amount_of(w[1]), is_open = w[10] ~= nil, is_standing = w[2] == 'standing' }
  if not r.is_open then return r, total end
  r.steps, r.least, r.step = tonumber(w[2]), amount_of(w[3]), amount_of(w[4])
  r.first, r.next, r.rounding, r.slice = tonumber(w[5]), tonumber(w[6]), w[7], tonumber(w[8])
  r.overdraft, r.answered, r.free, r.due = amount_of(w[9]), tonumber(w[10]), tonumber(w[11]), tonumber(w[12] or 0)
  r.is_endless = r.step[1] == 0 and r.step[2] == 0
  return r, total
end

-- Writes what a call has reserved, or nothing, and the sum of all, which was total with before in it.
local function money_set(line, call_id, total, before, amount, rest)
  if before then total = minus(total, before) end
  if amount then total = plus(total, amount) end
  if amount then redis.call('HSET', line .. ':calls', '*', amount_text(total), call_id, amount_text(amount) .. rest)
  else
    redis.call('HDEL', line .. ':calls', call_id)
    redis.call('HSET', line .. ':calls', '*', amount_text(total))
  end
end

local function money_terms(r)
  return string.format(' %.0f %s %s %.0f %.0f %s %.0f %s %.0f %.0f %.0f', r.steps, amount_text(r.least),
    amount_text(r.step), r.first, r.next, r.rounding, r.slice, amount_text(r.overdraft), r.answered, r.free, r.due)
end

local function money_write(line, call_id, total, before, r)
  r.amount = plus(r.least, times(r.step, r.steps))
  money_set(line, call_id, total, before, r.amount, money_terms(r))
end

local function money_drop(line, call_id)
  local r, total = money_read(line, call_id)
  if r then money_set(line, call_id, total, r.amount) end
  if r and not r.is_open then return end
  redis.call('ZREM', line .. ':until', call_id)
  redis.call('ZREM', money_key(line, 'money-due'), call_id)
end

-- What a call has spent stays until it is charged.
local function money_give_back(money, call_id)
  for line in string.gmatch(money, '[^\\n]+') do
    local r = money_read(line, call_id)
    if r and r.is_open then money_drop(line, call_id) end
  end
end

-- A call that rings keeps it for longer.
local function money_keep(money, call_id, until_ms)
  for line in string.gmatch(money, '[^\\n]+') do redis.call('ZADD', line .. ':until', 'XX', until_ms, call_id) end
end

-- What calls have reserved that neither ring nor go on any more: their pods died.
local function money_sweep(line, now_ms)
  local gone = redis.call('ZRANGEBYSCORE', line .. ':until', '-inf', now_ms, 'LIMIT', 0, 100)
  for i = 1, #gone do money_drop(line, gone[i]) end
end

-- Of a call that begins; free: what is left of the account's money. Its first increment must be covered.
local function money_reserve(line, call_id, terms, free, until_ms)
  local r = { least = amount_of(terms[2]), step = amount_of(terms[3]), first = tonumber(terms[4]), next = tonumber(terms[5]),
    rounding = terms[6], slice = tonumber(terms[7]), overdraft = amount_of(terms[8]), free = tonumber(terms[9]), answered = 0, steps = 0, due = 0 }
  if r.step[1] > 0 or r.step[2] > 0 then
    local left = minus(free, r.least)
    local wanted = math.ceil(math.max(0, r.slice - r.first) / r.next)
    local shortest = math.ceil(math.max(0, SHORTEST_S - r.first) / r.next)
    r.steps = math.max(math.min(wanted, steps_in(left, r.step, SHARE)), math.min(shortest, steps_in(left, r.step, 1)))
  end
  local before, total = money_read(line, call_id)
  money_write(line, call_id, total, before and before.amount, r)
  redis.call('ZADD', line .. ':until', until_ms, call_id)
end

local function money_end(r) return r.answered + (r.first + r.steps * r.next) * 1000 end

-- When it is to be looked at: before the slice ends, a short one half through.
local function money_due(r, added_s) return math.floor(money_end(r) - math.min(MARGIN_S, added_s / 2) * 1000) end

-- The call is answered. Returns what money_top_up and money_spend need where it has reserved anything: then money ends it, and no
-- duration that was told before.
local function money_begin(money, call_id, now_ms)
  local begun, due = {}, false
  for line in string.gmatch(money, '[^\\n]+') do
    local r = money_read(line, call_id)
    if r and r.is_open then
      r.answered = now_ms
      if not r.is_endless then
        r.due = money_due(r, r.first + r.steps * r.next)
        due = math.min(due or r.due, r.due)
      end
      redis.call('HSET', line .. ':calls', call_id, amount_text(r.amount) .. money_terms(r))
      redis.call('ZADD', line .. ':until', now_ms + LONGEST_MS, call_id)
      begun[#begun + 1] = line
    end
  end
  if due then redis.call('ZADD', money_key(begun[1], 'money-due'), due, call_id) end
  return #begun > 0 and table.concat(begun, '\\n')
end

-- Reserves the next slice of one account. Returns when that is to be looked at again, false where it never is; or, behind nil, when
-- its money ended and what there was.
local function money_add(line, call_id, now_ms)
  local r = money_read(line, call_id)
  if not r or not r.is_open or r.answered == 0 or r.is_endless then return false end
  -- It was another account's turn.
  if r.due > now_ms then return r.due end
  local ends = money_end(r)
  local account = money_account(line)
  local balance = redis.call('HGET', money_key(line, 'balance'), account)
  -- The store was emptied, or a replica lacks it: billing writes it again within a second.
  if not balance then return now_ms + 1000 end
  money_sweep(line, now_ms)
  local total = money_total(line)
  local free = minus(plus(amount_of(balance), r.overdraft), total)
  local talked = math.max(0, (now_ms - r.answered) / 1000 - r.first)
  local wanted = math.ceil((talked + r.slice) / r.next) - r.steps
  -- What was talked while the store was away comes first, whatever it is.
  local needed = math.max(math.ceil(talked / r.next) - r.steps, 0) + math.ceil(SHORTEST_S / r.next)
  local added = math.max(math.min(wanted, steps_in(free, r.step, SHARE)), math.min(needed, steps_in(free, r.step, 1)), 0)
  if added > 0 then
    r.steps = r.steps + added
    ends, r.due = money_end(r), money_due(r, added * r.next)
    money_write(line, call_id, total, r.amount, r)
    redis.call('ZADD', line .. ':until', now_ms + LONGEST_MS, call_id)
    if ends > now_ms then return r.due end
  end
  -- A payment may come.
  if ends > now_ms then return math.min(ends, now_ms + 1000) end
  return nil, { string.format('%.0f', ends), account, balance, amount_text(r.overdraft), amount_text(total), amount_text(r.step),
    string.format('%.0f', r.next) }
end

-- Reserves the next slices. Returns false while the call may go on, else when money ended first, whose it was and what there was.
local function money_top_up(money, call_id, now_ms)
  local due, cut, key = false, false, false
  for line in string.gmatch(money, '[^\\n]+') do
    local next_ms, ended = money_add(line, call_id, now_ms)
    if next_ms then due = math.min(due or next_ms, next_ms) end
    if ended and (not cut or tonumber(ended[1]) < tonumber(cut[1])) then cut = ended end
    key = key or money_key(line, 'money-due')
  end
  if cut or not due then redis.call('ZREM', key, call_id) else redis.call('ZADD', key, due, call_id) end
  return cut
end

-- The call is over: what it has spent of each account stays reserved until it is charged. Returns to when it is charged.
local function money_spend(money, call_id, answered_ms, ended_ms)
  local open, until_ms, is_due = {}, ended_ms, false
  for line in string.gmatch(money, '[^\\n]+') do
    local r, total = money_read(line, call_id)
    if r and r.is_open then
      r.answered, r.line, r.total = answered_ms, line, total
      local ends = money_end(r)
      if not r.is_endless and ended_ms > ends and ended_ms - ends <= CUT_MS then until_ms = math.min(until_ms, ends) end
      is_due = is_due or not r.is_endless
      open[#open + 1] = r
    end
  end
  for i = 1, #open do
    local r = open[i]
    local seconds = (until_ms - answered_ms) / 1000
    if r.rounding == 'up' then seconds = math.ceil(seconds)
    elseif r.rounding == 'down' then seconds = math.floor(seconds)
    else seconds = math.floor(seconds + 0.5) end
    -- The free seconds are part of the first ones; a call no longer than they are costs nothing.
    seconds = math.max(1, seconds)
    local spent = false
    if seconds > r.free then spent = plus(r.least, times(r.step, math.ceil(math.max(0, seconds - r.first) / r.next))) end
    if spent and spent[1] == 0 and spent[2] == 0 then spent = false end
    money_set(r.line, call_id, r.total, r.amount, spent, '')
    redis.call('ZREM', r.line .. ':until', call_id)
    if spent then redis.call('ZADD', money_key(r.line, 'money-spent'), until_ms, call_id .. ' ' .. money_account(r.line)) end
  end
  if is_due then redis.call('ZREM', money_key(open[1].line, 'money-due'), call_id) end
  return until_ms
end

made = {
  amount_of = amount_of, amount_text = amount_text, plus = plus, minus = minus, is_less = is_less, key = money_key,
  total = money_total, read = money_read, set = money_set, drop = money_drop, give_back = money_give_back, keep = money_keep, sweep = money_sweep,
  reserve = money_reserve, begin = money_begin, top_up = money_top_up, spend = money_spend,
}
return made
end
`;
