import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import type { KeptOffer, OfferStore } from '../ports.ts';
import { orUnavailable } from './store-away.ts';

/** As long as a re-INVITE may ring: its answer has to find where it went. */
const KEPT_SECONDS = 300;
const RELAY_BYTES = 4;
const DIGEST_BYTES = 8;

/** KEYS offer · ARGV its bytes, ttl in seconds. Returns what is kept. */
const keepOfferLua = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then return ARGV[1] end
return redis.call('GET', KEYS[1])
`;

/** Offers in dialogs, in Redis: relay, digest and description, one behind the other. */
export class RedisOfferStore implements OfferStore {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #keep: RedisScript;

  constructor(redis: Redis, tag: string) {
    this.#redis = redis;
    this.#key = `${tag}offer:`;
    this.#keep = defineScript(redis, keepOfferLua, 1, { name: 'edge.keep-offer', buffers: true });
  }

  async keepOffer(callId: string, exchange: string, offer: KeptOffer): Promise<KeptOffer> {
    const key = this.#nameOf(callId, exchange);
    const kept = await orUnavailable(this.#keep([key], [writeOffer(offer), KEPT_SECONDS]));
    return readOffer(kept as Buffer);
  }

  async keptOffer(callId: string, exchange: string): Promise<KeptOffer | undefined> {
    const kept = await orUnavailable(this.#redis.getBuffer(this.#nameOf(callId, exchange)));
    return kept === null ? undefined : readOffer(kept);
  }

  #nameOf(callId: string, exchange: string): string {
    return `${this.#key}${callId}:${exchange}`;
  }
}

function writeOffer({ bytes, digest, relay }: KeptOffer): Buffer {
  const head = Buffer.alloc(RELAY_BYTES);
  head.writeUInt32BE(relay);
  return Buffer.concat([head, digest, bytes]);
}

function readOffer(kept: Buffer): KeptOffer {
  const from = RELAY_BYTES + DIGEST_BYTES;
  return {
    relay: kept.readUInt32BE(0),
    digest: kept.subarray(RELAY_BYTES, from),
    bytes: kept.subarray(from),
  };
}
