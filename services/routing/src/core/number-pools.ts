import type { NumberPool } from '@tandem/config';
import { bareNumber } from '@tandem/domain';
import type { Route } from './candidates.ts';
import type { Numbers } from './number-rules.ts';
import type { RoutingTables } from './routing-tables.ts';

/** What chance and turns say for one call: whichever of its gateways it goes to, a pool gives it one number. */
export interface PoolPicks {
  /** In [0, 1). */
  readonly random: number;
  /** How many calls a pool has had before, by its name. */
  readonly turns: ReadonlyMap<string, number>;
}

/** The number that a call gets of a pool. */
export function pickFrom(
  { name, numbers, pick }: NumberPool,
  { caller, callee }: Numbers,
  { random, turns }: PoolPicks,
): string {
  const size = numbers.length;
  const place = {
    random: () => Math.floor(random * size),
    // A turn that nobody could count is taken by chance.
    'round-robin': () => (turns.get(name) ?? Math.floor(random * size)) % size,
    'sticky-callee': () => stickyPlace(bareNumber(callee), size),
    'sticky-caller': () => stickyPlace(bareNumber(caller), size),
  }[pick]();
  return numbers[place] ?? '';
}

/** The pools whose turns have to be counted for these gateways. */
export function poolsInTurn(
  { numbers }: RoutingTables,
  routes: readonly Route[],
): readonly string[] {
  if (numbers === undefined) return [];
  const names = routes.flatMap(({ gateway }) => {
    const pool = numbers.gateways.get(gateway.name)?.pool;
    return pool?.pick === 'round-robin' ? [pool.name] : [];
  });
  return [...new Set(names)];
}

/**
 * The same place for the same text, on every pod; where a number is added at the end of a pool, only those move that go to it
 * (Lamping and Veach, A Fast, Minimal Memory, Consistent Hash Algorithm, 2014).
 */
function stickyPlace(text: string, size: number): number {
  let key = hash(text);
  let place = -1;
  for (let next = 0; next < size;) {
    place = next;
    key = (Math.imul(key, 1_664_525) + 1_013_904_223) >>> 0;
    next = Math.floor((place + 1) * (2 ** 31 / ((key >>> 1) + 1)));
  }
  return place;
}

/** FNV-1a, mixed once more, since numbers differ in their last digits alone. */
function hash(text: string): number {
  let hashed = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    hashed = Math.imul(hashed ^ text.charCodeAt(at), 0x0100_0193);
  }
  hashed = Math.imul(hashed ^ (hashed >>> 16), 0x85eb_ca6b);
  return (hashed ^ (hashed >>> 13)) >>> 0;
}
