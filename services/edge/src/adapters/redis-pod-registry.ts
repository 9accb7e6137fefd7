import { SwitchError } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Logger, Redis, RedisScript } from '@tandem/service';
import { LivingPods } from '../core/pods/living-pods.ts';
import type { EdgeRole, Pod, PodFigures, PodRegistry } from '../ports.ts';
import { slotsLost } from '../telemetry.ts';
import { StoreClock, steadyNow } from './store-clock.ts';
import { joinLua, leaveLua, lookLua, renewLua } from './pod-scripts.ts';

const SLOTS = 256;
const LEASE_MS = 1500;
const RENEW_MS = 400;
/** Two renewals at least were not answered. */
const AWAY_MS = 2 * RENEW_MS;
const EPOCH_MASK = 0xff_ffff;

type Introduction = Parameters<PodRegistry['join']>[0];
type LostListener = Parameters<PodRegistry['onLost']>[0];

interface Place {
  readonly slot: number;
  readonly epoch: number;
  /** The epoch before it was cut to 24 bits. */
  readonly fullEpoch: number;
}

/** Slots in Redis: who lives is a sorted set of `slot.epoch` by the end of its lease (edge.md §3). */
export function redisPodRegistry(redis: Redis, prefix: string, logger: Logger): PodRegistry {
  return new RedisPodRegistry(redis, prefix, logger);
}

class RedisPodRegistry implements PodRegistry {
  readonly #clock = new StoreClock();
  readonly #keys: Record<'pods' | 'info' | 'epochs' | 'quiet', string>;
  readonly #lookOnce: RedisScript;
  readonly #joinOnce: RedisScript;
  readonly #renewLease: RedisScript;
  readonly #leaveSlot: RedisScript;
  readonly #logger: Logger;
  readonly #listeners: LostListener[] = [];
  readonly #living = new LivingPods({ awayMs: AWAY_MS, returnMs: LEASE_MS });
  #pod: Introduction | undefined;
  #place: Place | undefined;
  #isDraining = false;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  constructor(redis: Redis, prefix: string, logger: Logger) {
    const tag = `{${prefix}}:`;
    this.#keys = {
      pods: `${tag}pods`,
      info: `${tag}pod-info`,
      epochs: `${tag}epochs`,
      quiet: `${tag}pods-quiet`,
    };
    this.#logger = logger;
    this.#lookOnce = defineScript(redis, lookLua, 2, { name: 'edge.look' });
    this.#joinOnce = defineScript(redis, joinLua, 3, { name: 'edge.join' });
    this.#renewLease = defineScript(redis, renewLua, 4, { name: 'edge.renew' });
    this.#leaveSlot = defineScript(redis, leaveLua, 2, { name: 'edge.leave' });
  }

  async look(): Promise<void> {
    const { pods, info } = this.#keys;
    this.#hear((await this.#lookOnce([pods, info], [])) as string[]);
  }

  async join(pod: Introduction): Promise<{ readonly slot: number; readonly epoch: number }> {
    this.#pod = pod;
    const place = await this.#join();
    this.#place = place;
    await this.#renew(place);
    this.#timer = setInterval(() => {
      this.#renewSoon();
    }, RENEW_MS);
    return placeOf(place);
  }

  now(): number {
    return this.#clock.now();
  }

  isAway(): boolean {
    return this.#living.isSilent(steadyNow());
  }

  pods(): readonly Pod[] {
    return this.#living.all;
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#underWay;
    if (this.#place !== undefined) await this.#renew(this.#place);
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    const place = this.#place;
    this.#place = undefined;
    await this.#underWay;
    if (place === undefined) return;
    await this.#leaveSlot([this.#keys.pods, this.#keys.info], [ownerOf(place)]);
  }

  onLost(listener: LostListener): void {
    this.#listeners.push(listener);
  }

  async #join(): Promise<Place> {
    const { pods, info, epochs } = this.#keys;
    const reply = await this.#joinOnce(
      [pods, info, epochs],
      [this.#introduction(), LEASE_MS, SLOTS],
    );
    if (!Array.isArray(reply)) {
      throw new SwitchError(
        'SWITCH_SERVICE_UNAVAILABLE',
        `all ${String(SLOTS)} edge slots are taken`,
      );
    }
    const [slot, fullEpoch] = reply as [number, number];
    return { slot, epoch: fullEpoch & EPOCH_MASK, fullEpoch };
  }

  /** Unless the last renewal still waits for Redis. */
  #renewSoon(): void {
    if (this.#underWay !== undefined || this.#place === undefined) return;
    this.#underWay = this.#renew(this.#place)
      .catch((error: unknown) => {
        this.#logger.debug({ err: error }, 'slot not renewed');
      })
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  /** @param wasLost it is a place in the stead of another one */
  async #renew(place: Place, wasLost = false): Promise<void> {
    const { pods, info, epochs, quiet } = this.#keys;
    const askedMs = steadyNow();
    const [isHeld, hadLapsed, storeMs, ...living] = (await this.#renewLease(
      [pods, info, epochs, quiet],
      [ownerOf(place), this.#introduction(), LEASE_MS, place.fullEpoch],
    )) as [number, number, number, ...string[]];
    if (isHeld === 1) {
      this.#clock.heard(storeMs, askedMs);
      this.#hear(living, wasLost || hadLapsed === 1);
      if (hadLapsed === 1) {
        this.#countLapse(place);
        this.#tell(place);
      }
      return;
    }
    this.#countLapse(place);
    await this.#moveOn();
  }

  /** Another pod has the slot: this one takes a new place, and whoever has calls is told. */
  async #moveOn(): Promise<void> {
    const next = await this.#join();
    // It may have left meanwhile: then its new lease runs out by itself.
    if (this.#place === undefined) return;
    this.#place = next;
    this.#logger.warn(placeOf(next), 'another pod has the slot; took a new one');
    this.#tell(next);
    await this.#renew(next, true);
  }

  #hear(living: readonly string[], hadLapsed?: boolean): void {
    this.#living.heard(readPods(living), steadyNow(), hadLapsed);
  }

  #tell(place: Place): void {
    for (const listener of this.#listeners) listener(placeOf(place));
  }

  #countLapse({ slot, epoch }: Place): void {
    slotsLost.add(1);
    this.#logger.warn({ slot, epoch }, 'the lease of the slot had run out');
  }

  /** The first letter tells whether the pod drains: a script reads no JSON. */
  #introduction(): string {
    const { name, role, address, figures } = this.#pod ?? { name: '', role: 'both', address: '' };
    const said = { name, role, address, figures: figures?.() };
    return `${this.#isDraining ? 'd' : '-'}${JSON.stringify(said)}`;
  }
}

function placeOf({ slot, epoch }: Place): { readonly slot: number; readonly epoch: number } {
  return { slot, epoch };
}

function ownerOf({ slot, epoch }: Place): string {
  return `${String(slot)}.${String(epoch)}`;
}

function readPods(living: readonly string[]): Pod[] {
  const pods: Pod[] = [];
  for (let at = 0; at + 1 < living.length; at += 2) {
    const pod = readPod(living[at] ?? '', living[at + 1] ?? '');
    if (pod !== undefined) pods.push(pod);
  }
  return pods;
}

/** What another version of the edge says of itself may be unreadable here: it is then no pod that can be chosen. */
function readPod(owner: string, said: string): Pod | undefined {
  const [slot, epoch] = owner.split('.');
  try {
    const { name, role, address, figures } = JSON.parse(said.slice(1)) as {
      readonly name: string;
      readonly role: EdgeRole;
      readonly address: string;
      readonly figures?: PodFigures;
    };
    const isDraining = said.startsWith('d');
    return { name, slot: Number(slot), epoch: Number(epoch), role, address, isDraining, figures };
  } catch {
    return undefined;
  }
}
