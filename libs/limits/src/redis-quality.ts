import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { BUCKET_MS, KEPT_BUCKETS, MOST_PREFIXES } from './gateway-quality.ts';
import type { GatewayQualities, QualityBucket, QualityNote } from './gateway-quality.ts';
import { orUnavailable } from './or-unavailable.ts';

const bucketLua = `
local time = redis.call('TIME')
local bucket = math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / ${String(BUCKET_MS)})
local function keyOf(at) return KEYS[1] .. ':' .. string.format('%.0f', at) end
local function failedOf(at) return KEYS[1] .. ':failed:' .. string.format('%.0f', at) end
`;

/**
 * KEYS first part of the buckets' names, which are in its hash slot. ARGV field, is of a prefix, then five numbers, and how many failed;
 * for each. A bucket is a hash: "GATEWAY", or "GATEWAY PREFIX", to the five numbers; names of gateways have no blank. What failed has a
 * hash of its own: pods of the version before read and write the five.
 */
const addLua = `${bucketLua}
local key = keyOf(bucket)
local size = redis.call('HLEN', key)
for at = 1, #ARGV, 8 do
  local known = redis.call('HGET', key, ARGV[at])
  if known or ARGV[at + 1] == '0' or size < ${String(MOST_PREFIXES)} then
    local sums = {}
    local part = 2
    for number in string.gmatch(known or '0 0 0 0 0', '%d+') do
      sums[#sums + 1] = string.format('%.0f', number + ARGV[at + part])
      part = part + 1
    end
    if not known then size = size + 1 end
    redis.call('HSET', key, ARGV[at], table.concat(sums, ' '))
    if ARGV[at + 7] ~= '0' then redis.call('HINCRBY', failedOf(bucket), ARGV[at], ARGV[at + 7]) end
  end
end
redis.call('PEXPIRE', key, ${String(KEPT_BUCKETS * BUCKET_MS)})
redis.call('PEXPIRE', failedOf(bucket), ${String(KEPT_BUCKETS * BUCKET_MS)})
return 1
`;

/** KEYS as above. ARGV first bucket. Answers the first one's number, then for each a list of field, numbers in turn, and one of field, failed. */
const readLua = `${bucketLua}
local from = math.max(tonumber(ARGV[1]), bucket - ${String(KEPT_BUCKETS - 1)})
from = math.min(from, bucket)
local found = {string.format('%.0f', from)}
for at = from, bucket do
  found[#found + 1] = redis.call('HGETALL', keyOf(at))
  found[#found + 1] = redis.call('HGETALL', failedOf(at))
end
return found
`;

/** Live quality in Redis, shared by all pods. */
export class RedisGatewayQualities implements GatewayQualities {
  readonly #key: string;
  readonly #add: RedisScript;
  readonly #read: RedisScript;

  constructor(redis: Redis, key: string) {
    this.#key = key;
    this.#add = defineScript(redis, addLua, 1, { name: 'quality.add' });
    this.#read = defineScript(redis, readLua, 1, { name: 'quality.read' });
  }

  async add(notes: readonly QualityNote[]): Promise<void> {
    if (notes.length === 0) return;
    const args = notes.flatMap((note) => {
      const { answered, attempts, failed, gateway, postDialMs, postDials, prefix, talkMs } = note;
      const field = prefix === undefined ? gateway : `${gateway} ${prefix}`;
      const numbers = [attempts, answered, talkMs, postDials, postDialMs, failed].map(Math.round);
      return [field, prefix === undefined ? 0 : 1, ...numbers];
    });
    await orUnavailable(this.#add([this.#key], args));
  }

  async read(fromBucket: number): Promise<readonly QualityBucket[]> {
    const reply = await orUnavailable(this.#read([this.#key], [fromBucket]));
    const [first, ...hashes] = reply as [string, ...string[][]];
    return Array.from({ length: hashes.length / 2 }, (_, at) => ({
      bucket: Number(first) + at,
      notes: notesIn(hashes[2 * at] ?? [], failuresIn(hashes[2 * at + 1] ?? [])),
    }));
  }
}

function failuresIn(fields: readonly string[]): ReadonlyMap<string, number> {
  const failures = new Map<string, number>();
  for (let at = 0; at + 1 < fields.length; at += 2) failures.set(fields[at] ?? '', Number(fields[at + 1])); // prettier-ignore
  return failures;
}

function notesIn(fields: readonly string[], failures: ReadonlyMap<string, number>): QualityNote[] {
  const notes: QualityNote[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const field = fields[at] ?? '';
    const [gateway = '', prefix] = field.split(' ');
    const numbers = (fields[at + 1] ?? '').split(' ').map(Number);
    const [attempts = 0, answered = 0, talkMs = 0, postDials = 0, postDialMs = 0] = numbers;
    const failed = failures.get(field) ?? 0;
    notes.push({ gateway, prefix, attempts, answered, failed, talkMs, postDials, postDialMs });
  }
  return notes;
}
