/** How long a token of a limit per second is gone: it comes back that long after it was taken. */
export const TOKEN_MS = 1000;

/**
 * ROUTE-15: limits of calls per second, beside those of lines. A limit of N is N tokens; each comes back a second after it was
 * taken, so that no second, wherever it begins, has more than N calls, and no call is refused while there were fewer. Kept as
 * lines are, call id → end, but nothing renews or releases a token: it is spent though the call fails.
 * In ARGV a limit per second is below 0. A call that is asked for again has its token already.
 */
export const callTokensLua = `
local function has_token(key, call_id, now_ms)
  local ends = redis.call('ZSCORE', key, call_id)
  return ends and tonumber(ends) > now_ms
end

local function take_tokens(keys, call_id, now_ms)
  for i = 1, #keys do
    redis.call('ZREMRANGEBYSCORE', keys[i], '-inf', now_ms)
    redis.call('ZADD', keys[i], 'NX', now_ms + ${String(TOKEN_MS)}, call_id)
    redis.call('PEXPIRE', keys[i], ${String(TOKEN_MS)})
  end
end

-- KEYS from first on, of which ARGV from limits_at on has the limits: lines into lines, limits per second into tokens.
local function sort_keys(first, count, limits_at, lines, tokens)
  for i = 0, count - 1 do
    local keys = tonumber(ARGV[limits_at + i]) < 0 and tokens or lines
    keys[#keys + 1] = KEYS[first + i]
  end
end
`;
