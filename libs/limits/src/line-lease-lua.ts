import { moneyLua } from './money-lua.ts';

/**
 * Which calls hold lines: a sorted set beside the calls' own records, by the time since when. Whoever looks for leases
 * without a call goes through it, not through all keys (ROUTE-05).
 */
export const lineHoldersLua = `
local function holders_of(held) return (string.gsub(held, 'held:[^}]*$', 'holders')) end
`;

/**
 * Lua functions to renew and release a call's lines, for scripts that do more in the same step (the edge's `answer`
 * and `end`). Put the text at the top of a script. `held` is `limitKeys().held(callId)`; `lines` a table of
 * `limitKeys().line(key)`; what else the call holds by its record is released too: two pods may have routed it.
 * The money that it has reserved is given back with its lines, unless `purse().spend` has kept what it has spent (BILL-05).
 */
export const lineLeaseLua = `${lineHoldersLua}${moneyLua}
local function lines_renew(held, lines, call_id, now_ms, lease_ms)
  for i = 1, #lines do redis.call('ZADD', lines[i], now_ms + lease_ms, call_id) end
  redis.call('PEXPIRE', held, lease_ms)
end
local function lines_release(held, lines, call_id, is_spent)
  local text, released = redis.call('GET', held), {}
  if text then
    for key in string.gmatch(string.gsub(text, '^[^\\n]*\\n?', '', 1), '[^\\n]+') do
      released[key] = true
      if not is_money_line(key) then redis.call('ZREM', key, call_id)
      elseif not is_spent then purse().give_back(key, call_id) end
    end
    redis.call('DEL', held)
  end
  for i = 1, #lines do
    if not released[lines[i]] then
      released[lines[i]] = true
      redis.call('ZREM', lines[i], call_id)
    end
  end
  redis.call('ZREM', holders_of(held), call_id)
end
`;
