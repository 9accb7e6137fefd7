import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import type { GatewayRest, GatewayRests, RestRequest } from './gateway-rests.ts';
import { orUnavailable } from './or-unavailable.ts';

const clockLua = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** KEYS rests. ARGV gateway, seconds, call id. The field of a gateway is its end, the seconds that were asked for and the call. */
const beginLua = `${clockLua}
local until_ms = now_ms + ARGV[2] * 1000
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and tonumber(string.match(known, '^%d+')) >= until_ms then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', until_ms) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
if redis.call('PTTL', KEYS[1]) < until_ms - now_ms then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', until_ms)) end
return 1
`;

/** KEYS rests. ARGV gateway. Returns whether it rested. */
const endLua = `${clockLua}
local known = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
if known and tonumber(string.match(known, '^%d+')) > now_ms then return 1 end
return 0
`;

/** KEYS rests. Returns gateway, milliseconds left, seconds and call id, in turn; those that have ended go. */
const listLua = `${clockLua}
local all = redis.call('HGETALL', KEYS[1])
local found = {}
for i = 1, #all, 2 do
  local until_ms, seconds, call_id = string.match(all[i + 1], '^(%d+) (%d+) (.*)$')
  local left = until_ms and until_ms - now_ms or 0
  if left > 0 then
    found[#found + 1] = all[i]
    found[#found + 1] = string.format('%.0f', left)
    found[#found + 1] = seconds
    found[#found + 1] = call_id
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return found
`;

/** Rests in Redis, shared by all pods. Redis's clock decides when one ends. */
export class RedisGatewayRests implements GatewayRests {
  readonly #key: string;
  readonly #begin: RedisScript;
  readonly #end: RedisScript;
  readonly #list: RedisScript;

  constructor(redis: Redis, key: string) {
    this.#key = key;
    this.#begin = defineScript(redis, beginLua, 1, { name: 'rests.begin' });
    this.#end = defineScript(redis, endLua, 1, { name: 'rests.end' });
    this.#list = defineScript(redis, listLua, 1, { name: 'rests.list' });
  }

  async begin({ gateway, seconds, callId }: RestRequest): Promise<void> {
    await orUnavailable(this.#begin([this.#key], [gateway, seconds, callId]));
  }

  async end(gateway: string): Promise<boolean> {
    return Number(await orUnavailable(this.#end([this.#key], [gateway]))) === 1;
  }

  async list(): Promise<readonly GatewayRest[]> {
    const reply = await orUnavailable(this.#list([this.#key], []));
    const fields = (reply as unknown[]).map(String);
    const rests: GatewayRest[] = [];
    for (let at = 0; at + 3 < fields.length; at += 4) {
      rests.push({
        gateway: fields[at] ?? '',
        leftMs: Number(fields[at + 1]),
        seconds: Number(fields[at + 2]),
        callId: fields[at + 3] ?? '',
      });
    }
    return rests.sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
  }
}
