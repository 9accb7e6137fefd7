/**
 * Lua functions to renew and release a call's lines, for scripts that do more in the same step (the edge's `answer`
 * and `end`). Put the text at the top of a script. `held` is `limitKeys().held(callId)`; `lines` a table of
 * `limitKeys().line(key)`; all of them belong into KEYS.
 */
export const lineLeaseLua = `
local function lines_renew(held, lines, call_id, now_ms, lease_ms)
  for i = 1, #lines do redis.call('ZADD', lines[i], now_ms + lease_ms, call_id) end
  redis.call('PEXPIRE', held, lease_ms)
end
local function lines_release(held, lines, call_id)
  for i = 1, #lines do redis.call('ZREM', lines[i], call_id) end
  redis.call('DEL', held)
end
`;
