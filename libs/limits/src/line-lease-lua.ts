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
 */
export const lineLeaseLua = `${lineHoldersLua}
local function lines_renew(held, lines, call_id, now_ms, lease_ms)
  for i = 1, #lines do redis.call('ZADD', lines[i], now_ms + lease_ms, call_id) end
  redis.call('PEXPIRE', held, lease_ms)
end
local function lines_release(held, lines, call_id)
  for i = 1, #lines do redis.call('ZREM', lines[i], call_id) end
  local text = redis.call('GET', held)
  if text then
    local keys = string.gsub(text, '^[^\\n]*\\n?', '', 1)
    for key in string.gmatch(keys, '[^\\n]+') do redis.call('ZREM', key, call_id) end
    redis.call('DEL', held)
  end
  redis.call('ZREM', holders_of(held), call_id)
end
`;
