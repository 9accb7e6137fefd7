import { SwitchError } from '@tandem/domain';
import type { Clock, Pod, PodRegistry } from '../ports.ts';

/** Who lives, as the store of calls asks it. */
export interface Liveness {
  /** Whether the pod `slot.epoch` holds its lease. */
  isAlive(owner: string): boolean;
  isDraining(owner: string): boolean;
}

/** What a pod says of itself when it joins. */
type Introduction = Parameters<PodRegistry['join']>[0];

interface Member {
  readonly pod: Introduction;
  readonly slot: number;
  readonly epoch: number;
  isDraining: boolean;
  /** Infinity while the pod renews its lease. */
  leaseUntilMs: number;
  readonly lost: ((place: { readonly slot: number; readonly epoch: number }) => void)[];
}

const SLOTS = 256;
const LEASE_MS = 1500;

/**
 * The pods of one process: of an embedded switch, which is one pod, or of a simulation with several of them. A lease lasts
 * until `lapse` says that its pod does nothing any more, and 1.5 s from then on.
 */
export class MemoryPods implements Liveness {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #members = new Map<string, Member>();
  #epoch: number;

  /** @param epoch the boot epoch of the first pod; 24 bits of it count */
  constructor(clock: Pick<Clock, 'now'>, epoch = 1) {
    this.#clock = clock;
    this.#epoch = epoch - 1;
  }

  /** A pod's own view of the pods. */
  registry(): PodRegistry {
    const lost: Member['lost'] = [];
    let place: string | undefined;
    return {
      look: () => Promise.resolve(),
      join: (pod) => {
        const member = this.#join(pod, lost);
        if (member === undefined) return Promise.reject(allTaken());
        const { slot, epoch } = member;
        place = ownerOf(member);
        lost.unshift((next) => {
          place = ownerOf(next);
        });
        return Promise.resolve({ slot, epoch });
      },
      pods: () => this.pods(),
      drain: () => {
        const member = this.#members.get(place ?? '');
        if (member !== undefined) member.isDraining = true;
        return Promise.resolve();
      },
      leave: () => {
        this.#members.delete(place ?? '');
        return Promise.resolve();
      },
      onLost: (listener) => {
        lost.push(listener);
      },
    };
  }

  pods(): readonly Pod[] {
    return this.#living().map(({ pod: { name, role, address, figures }, ...member }) => ({
      name,
      slot: member.slot,
      epoch: member.epoch,
      role,
      address,
      isDraining: member.isDraining,
      figures: figures?.(),
    }));
  }

  isAlive(owner: string): boolean {
    return (this.#members.get(owner)?.leaseUntilMs ?? 0) > this.#clock.now();
  }

  isDraining(owner: string): boolean {
    return this.#members.get(owner)?.isDraining === true;
  }

  /** A pod does nothing from now on, killed or paused: its lease runs out, and one that has is not renewed by that. */
  lapse(owner: string): void {
    const member = this.#members.get(owner);
    if (member === undefined) return;
    member.leaseUntilMs = Math.min(member.leaseUntilMs, this.#clock.now() + LEASE_MS);
  }

  /**
   * A paused pod renews its lease. Where that had run out it is told: it goes on with its place where that is still free, else
   * with a new one.
   */
  revive(owner: string): void {
    const member = this.#members.get(owner);
    if (member === undefined) return;
    if (this.isAlive(owner)) {
      member.leaseUntilMs = Infinity;
      return;
    }
    this.#members.delete(owner);
    if (!this.#living().some(({ slot }) => slot === member.slot)) {
      member.leaseUntilMs = Infinity;
      this.#members.set(owner, member);
      for (const listener of member.lost) listener({ slot: member.slot, epoch: member.epoch });
      return;
    }
    const next = this.#join(member.pod, member.lost);
    if (next === undefined) return;
    next.isDraining = member.isDraining;
    const { slot, epoch } = next;
    for (const listener of member.lost) listener({ slot, epoch });
  }

  #join(pod: Introduction, lost: Member['lost']): Member | undefined {
    for (const [owner, { pod: known }] of this.#members) {
      // Whoever had its address before is dead.
      if (pod.address !== '' && known.address === pod.address) this.#members.delete(owner);
    }
    const taken = new Set(this.#living().map(({ slot }) => slot));
    const slot = Array.from({ length: SLOTS }, (_, at) => at).find((at) => !taken.has(at));
    if (slot === undefined) return undefined;
    this.#epoch = (this.#epoch + 1) & 0xff_ffff;
    const member = {
      pod,
      slot,
      epoch: this.#epoch,
      isDraining: false,
      leaseUntilMs: Infinity,
      lost,
    };
    this.#members.set(ownerOf(member), member);
    return member;
  }

  #living(): Member[] {
    const now = this.#clock.now();
    return [...this.#members.values()]
      .filter(({ leaseUntilMs }) => leaseUntilMs > now)
      .sort((a, b) => a.slot - b.slot);
  }
}

/** The one pod of an embedded switch. */
export function soloPodRegistry(epoch: number): PodRegistry {
  return new MemoryPods(Date, epoch).registry();
}

function ownerOf({ slot, epoch }: { readonly slot: number; readonly epoch: number }): string {
  return `${String(slot)}.${String(epoch)}`;
}

function allTaken(): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `all ${String(SLOTS)} edge slots are taken`);
}
