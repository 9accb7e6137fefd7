import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { FORGOTTEN_MS } from './gateway-throttles.ts';
import type {
  AttemptCounts,
  GatewayTally,
  GatewayThrottles,
  TallyStep,
} from './gateway-throttles.ts';
import { orUnavailable } from './or-unavailable.ts';

/**
 * KEYS windows, throttled. `windows` is a hash: GATEWAY to window, level, since, attempts, failed, and attempts and failed of the window
 * that made the level; `throttled` the set of those whose level is not 0.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function read(gateway)
  local known = redis.call('HGET', KEYS[1], gateway)
  if not known then return nil end
  local numbers = {}
  for number in string.gmatch(known, '%d+') do numbers[#numbers + 1] = tonumber(number) end
  return numbers
end
local function whole(numbers)
  local texts = {}
  for at, number in ipairs(numbers) do texts[at] = string.format('%.0f', number) end
  return texts
end
local function write(gateway, numbers)
  redis.call('HSET', KEYS[1], gateway, table.concat(whole(numbers), ' '))
end
local function tell(found, gateway, numbers)
  found[#found + 1] = gateway
  found[#found + 1] = string.format('%.0f', now - numbers[1])
  for _, text in ipairs(whole(numbers)) do found[#found + 1] = text end
end
`;

/** ARGV gateway, attempts, failed; for each. Answers name, age and the numbers of each. */
const addLua = `${prelude}
local found = {}
for at = 1, #ARGV, 3 do
  local numbers = read(ARGV[at]) or {now, 0, 0, 0, 0, 0, 0}
  numbers[4] = numbers[4] + ARGV[at + 1]
  numbers[5] = numbers[5] + ARGV[at + 2]
  write(ARGV[at], numbers)
  tell(found, ARGV[at], numbers)
end
for at = 1, 2 do redis.call('PEXPIRE', KEYS[at], ${String(FORGOTTEN_MS)}) end
return found
`;

/** ARGV gateway, window, attempts and failed that were seen, level; for each. Answers 1 where it was still that window. */
const stepLua = `${prelude}
local done = {}
for at = 1, #ARGV, 5 do
  local gateway = ARGV[at]
  local numbers = read(gateway)
  if not numbers or numbers[1] ~= tonumber(ARGV[at + 1]) then
    done[#done + 1] = 0
  else
    local attempts, failed, level = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    if numbers[2] ~= level then
      numbers[2], numbers[3], numbers[6], numbers[7] = level, now, attempts, failed
    end
    numbers[1] = math.max(now, numbers[1] + 1)
    numbers[4], numbers[5] = numbers[4] - attempts, numbers[5] - failed
    write(gateway, numbers)
    if level > 0 then redis.call('SADD', KEYS[2], gateway) else redis.call('SREM', KEYS[2], gateway) end
    done[#done + 1] = 1
  end
end
redis.call('PEXPIRE', KEYS[2], ${String(FORGOTTEN_MS)})
return done
`;

/** Answers as \`add\` does. */
const listLua = `${prelude}
local found = {}
for _, gateway in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local numbers = read(gateway)
  if numbers then tell(found, gateway, numbers) end
end
return found
`;

/** Throttles in Redis, shared by all pods. Redis's clock decides how long a window is. */
export class RedisGatewayThrottles implements GatewayThrottles {
  readonly #keys: readonly [windows: string, throttled: string];
  readonly #add: RedisScript;
  readonly #step: RedisScript;
  readonly #list: RedisScript;

  constructor(redis: Redis, keys: readonly [windows: string, throttled: string]) {
    this.#keys = keys;
    this.#add = defineScript(redis, addLua, 2, { name: 'throttles.add' });
    this.#step = defineScript(redis, stepLua, 2, { name: 'throttles.step' });
    this.#list = defineScript(redis, listLua, 2, { name: 'throttles.list' });
  }

  async add(counts: readonly AttemptCounts[]): Promise<readonly GatewayTally[]> {
    if (counts.length === 0) return [];
    const args = counts.flatMap(({ attempts, failed, gateway }) => [gateway, attempts, failed]);
    return talliesIn(await orUnavailable(this.#add([...this.#keys], args)));
  }

  async step(steps: readonly TallyStep[]): Promise<readonly boolean[]> {
    if (steps.length === 0) return [];
    const args = steps.flatMap(({ level, seen: { attempts, failed, gateway, window } }) => [
      ...[gateway, window, attempts, failed, level],
    ]);
    const done = (await orUnavailable(this.#step([...this.#keys], args))) as number[];
    return done.map((each) => each === 1);
  }

  async list(): Promise<readonly GatewayTally[]> {
    const found = talliesIn(await orUnavailable(this.#list([...this.#keys], [])));
    return found.toSorted((a, b) => (a.gateway < b.gateway ? -1 : 1));
  }
}

const FIELDS = 9;

function talliesIn(reply: unknown): readonly GatewayTally[] {
  const fields = (reply as unknown[]).map(String);
  return Array.from({ length: fields.length / FIELDS }, (_, at) => {
    const [gateway = '', ...texts] = fields.slice(at * FIELDS, (at + 1) * FIELDS);
    const [ageMs = 0, window = 0, level = 0, sinceMs = 0, ...counts] = texts.map(Number);
    const [attempts = 0, failed = 0, lastAttempts = 0, lastFailed = 0] = counts;
    return { gateway, ageMs, window, level, sinceMs, attempts, failed, lastAttempts, lastFailed };
  });
}
