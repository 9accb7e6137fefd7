import { callTokensLua } from './call-tokens-lua.ts';
import { lineHoldersLua, lineLeaseLua } from './line-lease-lua.ts';
import { moneyLua } from './money-lua.ts';
import { preconditionLua } from './precondition.ts';

/*
 * A call's record `held` is "<since ms>\n<line key>\n<line key>…", and where it has reserved money that of each account that pays. It makes a repeated request exact: what the call
 * held before is given back in the same step in which it is taken anew. The line keys named in it are in the same
 * hash slot as KEYS.
 */
const shared = `${lineHoldersLua}${callTokensLua}${moneyLua}
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read_held(held)
  local text = redis.call('GET', held)
  if not text then return false, {}, false end
  local since, keys, money = false, {}, false
  for part in string.gmatch(text, '[^\\n]+') do
    if not since then since = part
    elseif is_money_line(part) then money = money and money .. '\\n' .. part or part
    else keys[#keys + 1] = part end
  end
  return since, keys, money
end

local function held_text(since, keys, money)
  if money then return since .. '\\n' .. table.concat(keys, '\\n') .. '\\n' .. money end
  return since .. '\\n' .. table.concat(keys, '\\n')
end

local function write_held(held, since, keys, lease_ms, call_id, money)
  redis.call('ZADD', holders_of(held), since, call_id)
  redis.call('SET', held, held_text(since, keys, money), 'PX', lease_ms)
end

-- Leases that ran out do not count; they are swept out now and then, for the memory.
local function take(keys, call_id, now_ms, lease_ms)
  local expiry, is_sweeping = now_ms + lease_ms, now_ms % 16 == 0
  for i = 1, #keys do
    if is_sweeping then redis.call('ZREMRANGEBYSCORE', keys[i], '-inf', now_ms) end
    redis.call('ZADD', keys[i], expiry, call_id)
  end
end

-- The KEYS index, limit, use and up to five holders of the first full limit among count keys from first on.
local function first_full(first, count, limits_at, now_ms, counts)
  for i = 0, count - 1 do
    local limit = tonumber(ARGV[limits_at + i])
    if limit ~= 0 then
      local key = KEYS[first + i]
      local used = counts[key]
      if not used then
        used = redis.call('ZCOUNT', key, '(' .. now_ms, '+inf')
        counts[key] = used
      end
      local is_rate = limit < 0
      if is_rate then limit = -limit end
      if used >= limit and not (is_rate and has_token(key, ARGV[1], now_ms)) then
        local holders = redis.call('ZRANGEBYSCORE', key, '(' .. now_ms, '+inf', 'LIMIT', 0, 5)
        return { first + i, limit, used, holders }
      end
    end
  end
  return false
end

-- The first choice whose limits are all free, or -1; the full ones; where the free one's keys begin, how many, and where
-- their limits begin.
local function choose(key_at, arg_at, now_ms, counts, all)
  local skipped, chosen, from, size, limits_at = {}, -1, 0, 0, 0
  for choice = 0, tonumber(ARGV[arg_at]) - 1 do
    local count = tonumber(ARGV[arg_at + 1])
    if chosen < 0 or all then
      local full = first_full(key_at, count, arg_at + 2, now_ms, counts)
      if full then
        skipped[#skipped + 1] = { choice, full[1], full[2], full[3], full[4] }
      elseif chosen < 0 then
        chosen, from, size, limits_at = choice, key_at, count, arg_at + 2
      end
    end
    key_at = key_at + count
    arg_at = arg_at + count + 1
  end
  return chosen, skipped, from, size, limits_at
end

-- Whether decimal text a > b: balances may be beyond what a double holds exactly.
local function is_greater(a, b)
  local a_negative, b_negative = string.sub(a, 1, 1) == '-', string.sub(b, 1, 1) == '-'
  if a_negative ~= b_negative then return b_negative end
  if a_negative then a, b = string.sub(b, 2), string.sub(a, 2) end
  if #a ~= #b then return #a > #b end
  return a > b
end
`;

/**
 * KEYS balance, held, fixed lines, lines of each choice, that of the precondition. Lines are those of limits per second, too.
 * ARGV call id, lease, accounts that pay, one a line, or '', for each in a line the balance needed and behind it what is to be reserved
 * (least, a further increment, seconds of both, rounding, seconds of a slice, overdraft, free seconds), 1 = take or 0 = look only,
 * number of fixed lines, their limits, number of choices, per choice the number of its lines and their limits, field and value of the precondition.
 */
export const acquireLua = `${shared}${preconditionLua}
if not is_met(KEYS[#KEYS], ARGV[#ARGV - 1], ARGV[#ARGV]) then return { 'unmet' } end
local call_id, lease_ms, is_taking = ARGV[1], ARGV[2], ARGV[5] == '1'
local now_ms = clock()
local since = false
if is_taking then
  local before, money
  since, before, money = read_held(KEYS[2])
  if since then
    for i = 1, #before do redis.call('ZREM', before[i], call_id) end
    if money then purse().give_back(money, call_id) end
    redis.call('DEL', KEYS[2])
    redis.call('ZREM', holders_of(KEYS[2]), call_id)
  end
end

-- All of them must have enough before anything is reserved of one.
local balance, money, payers, level = '', false, {}, 0
if ARGV[3] ~= '' then
  local next_terms = string.gmatch(ARGV[4], '[^\\n]+')
  for account in string.gmatch(ARGV[3], '[^\\n]+') do
    local text, has = next_terms(), redis.call('HGET', KEYS[1], account)
    if not has then return { 'balance-unknown', level } end
    local terms = {}
    for word in string.gmatch(text, '%S+') do terms[#terms + 1] = word end
    if #terms == 1 then
      if is_greater(text, has) then return { 'no-balance', has, '0', {}, level } end
    else
      local line = purse().key(KEYS[1], 'money:' .. account)
      purse().sweep(line, now_ms)
      local total = purse().total(line)
      local free = purse().minus(purse().amount_of(has), total)
      if purse().is_less(free, purse().amount_of(terms[1])) then
        local holders = redis.call('ZREVRANGE', line .. ':until', 0, 4)
        return { 'no-balance', has, purse().amount_text(total), holders, level }
      end
      payers[#payers + 1] = { line, terms, purse().plus(free, purse().amount_of(terms[8])) }
      money = money and money .. '\\n' .. line or line
    end
    balance = level == 0 and has or balance .. ' ' .. has
    level = level + 1
  end
end

local counts = {}
local fixed = tonumber(ARGV[6])
local full = first_full(3, fixed, 7, now_ms, counts)
if full then return { 'full', balance, full[1], full[2], full[3], full[4] } end
local choices_at = 7 + fixed
local chosen, skipped, from, size, limits_at = choose(3 + fixed, choices_at, now_ms, counts, not is_taking)
if chosen < 0 and ARGV[choices_at] ~= '0' then return { 'all-full', balance, skipped } end

if is_taking then
  local keys, tokens = {}, {}
  sort_keys(3, fixed, 7, keys, tokens)
  sort_keys(from, size, limits_at, keys, tokens)
  take(keys, call_id, now_ms, lease_ms)
  take_tokens(tokens, call_id, now_ms)
  write_held(KEYS[2], since or now_ms, keys, lease_ms, call_id, money)
  for i = 1, #payers do purse().reserve(payers[i][1], call_id, payers[i][2], payers[i][3], now_ms + lease_ms) end
end
return { 'taken', balance, chosen, skipped }
`;

/**
 * KEYS held, kept lines, released lines, lines of each choice.
 * ARGV call id, lease, number of kept lines, number of released lines, number of choices, per choice the number of
 * its lines and their limits.
 */
export const advanceLua = `${shared}
local call_id, lease_ms, kept, released = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local now_ms = clock()
local since, before, money = read_held(KEYS[1])
for i = 1, #before do redis.call('ZREM', before[i], call_id) end
for i = 2 + kept, 1 + kept + released do redis.call('ZREM', KEYS[i], call_id) end

local keys, tokens = {}, {}
for i = 2, 1 + kept do keys[#keys + 1] = KEYS[i] end
local chosen, skipped, from, size, limits_at = choose(2 + kept + released, 5, now_ms, {}, false)
sort_keys(from, size, limits_at, keys, tokens)
take(keys, call_id, now_ms, lease_ms)
take_tokens(tokens, call_id, now_ms)
write_held(KEYS[1], since or now_ms, keys, lease_ms, call_id, money)
if money then purse().keep(money, call_id, now_ms + lease_ms) end
if chosen < 0 then return { 'all-full', skipped } end
return { 'taken', chosen, skipped }
`;

/** KEYS held, lines. ARGV call id, lease. */
export const renewLua = `${lineLeaseLua}
local time = redis.call('TIME')
local lines = {}
for i = 2, #KEYS do lines[#lines + 1] = KEYS[i] end
lines_renew(KEYS[1], lines, ARGV[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
return 1
`;

/** KEYS held, lines. ARGV call id. */
export const releaseLua = `${shared}
local released = {}
for i = 2, #KEYS do
  redis.call('ZREM', KEYS[i], ARGV[1])
  released[KEYS[i]] = true
end
local since, before, money = read_held(KEYS[1])
if since then
  local keys = {}
  for i = 1, #before do
    if not released[before[i]] then keys[#keys + 1] = before[i] end
  end
  if #keys == 0 then
    if money then purse().give_back(money, ARGV[1]) end
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', holders_of(KEYS[1]), ARGV[1])
  else
    redis.call('SET', KEYS[1], held_text(since, keys, money), 'KEEPTTL')
  end
end
return 1
`;

/** KEYS lines. Returns how many calls hold each. */
export const countLua = `${shared}
local now_ms = clock()
local counts = {}
for i = 1, #KEYS do counts[i] = redis.call('ZCOUNT', KEYS[i], '(' .. now_ms, '+inf') end
return counts
`;

/** KEYS line. ARGV prefix of the held keys. Returns call id, expiry and since, in turn, soonest expiry first. */
export const holdersLua = `${shared}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. clock(), '+inf', 'WITHSCORES')
local holders = {}
for i = 1, #found, 2 do
  local since = read_held(ARGV[1] .. found[i])
  holders[#holders + 1] = found[i]
  holders[#holders + 1] = found[i + 1]
  holders[#holders + 1] = since or '0'
end
return holders
`;

/**
 * KEYS balance, balance version. ARGV number of balances, account, balance, version of each, then account and call id of each
 * call that they have been charged for: what it has spent is reserved no more. Older versions change no balance.
 */
export const putBalancesLua = `${moneyLua}
local count = tonumber(ARGV[1])
for i = 2, 1 + count * 3, 3 do
  local known = redis.call('HGET', KEYS[2], ARGV[i])
  if not known or tonumber(known) < tonumber(ARGV[i + 2]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
  end
end
local line, spent = purse().key(KEYS[1], 'money:'), purse().key(KEYS[1], 'money-spent')
for i = 2 + count * 3, #ARGV, 2 do
  purse().drop(line .. ARGV[i], ARGV[i + 1])
  redis.call('ZREM', spent, ARGV[i + 1] .. ' ' .. ARGV[i])
end
return 1
`;

/**
 * KEYS balance. ARGV account, call id, amount, in turn: calls that go on, of which the store knows nothing since it was emptied.
 * What a call has reserved here itself stands. Until they are charged they are among the ended ones.
 */
export const standLua = `${moneyLua}
local time = redis.call('TIME')
local spent = purse().key(KEYS[1], 'money-spent')
for i = 1, #ARGV, 3 do
  local line = purse().key(KEYS[1], 'money:') .. ARGV[i]
  local r, total = purse().read(line, ARGV[i + 1])
  if not r or r.is_standing then
    purse().set(line, ARGV[i + 1], total, r and r.amount, purse().amount_of(ARGV[i + 2]), ' standing')
    redis.call('ZADD', spent, 'NX', time[1] * 1000, ARGV[i + 1] .. ' ' .. ARGV[i])
  end
end
return 1
`;

/** KEYS balance. ARGV age in ms, most. Returns `<call id> <account>` of calls that ended before then and are not charged yet. */
export const spentLua = `${moneyLua}
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
return redis.call('ZRANGEBYSCORE', purse().key(KEYS[1], 'money-spent'), '-inf', before, 'LIMIT', 0, ARGV[2])
`;

/** KEYS balance. ARGV accounts. Returns what calls of each have reserved, and which: up to five, the last ones first. */
export const reservedLua = `${moneyLua}
local found = {}
for i = 1, #ARGV do
  local line = purse().key(KEYS[1], 'money:') .. ARGV[i]
  found[i] = { purse().amount_text(purse().total(line)), redis.call('ZREVRANGE', line .. ':until', 0, 4) }
end
return found
`;

/** KEYS balance. ARGV account, balance, … */
export const setBalancesLua = `
for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
`;

/** KEYS balance. ARGV accounts. Returns the balance of each, false where there is none. */
export const getBalancesLua = `
local found = {}
for i = 1, #ARGV do found[i] = redis.call('HGET', KEYS[1], ARGV[i]) end
return found
`;

/** KEYS any key of the deployment, so that a cluster runs this where its keys are. ARGV cursor, pattern. Returns a page of names. */
export const pageOfKeysLua = `return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)`;
