import type { Configuration } from '@tandem/config';
import { entryLists } from './entries.ts';

/** What a document takes away of one kind. */
export interface Removal {
  /** In the plural: `phones`, `rates`. */
  readonly kind: string;
  readonly removed: number;
  /** How many there were. */
  readonly of: number;
  /** The first few of those that go. */
  readonly names: readonly string[];
}

/** All that a document takes away, and whether that is taken for a slip. */
export interface RemovalCheck {
  readonly removals: readonly Removal[];
  /** Of all kinds together: what has to be allowed. */
  readonly total: number;
  readonly isAllowed: boolean;
}

/** More of one kind than these and more than this share of it: no everyday change. */
const HANDFUL = 5;
const SHARE = 0.1;
const NAMES = 3;

/**
 * Finds what is gone, by name. Without permission a document must not take away more than five entries of a kind that are
 * more than 10 % of it, nor leave none of a kind that had several, nor leave nothing of all that there was.
 * @param allowed how many entries may go, over all kinds; undefined where nothing was said
 */
export function checkRemovals(
  before: Configuration,
  after: Configuration,
  allowed?: number,
): RemovalCheck {
  let present = 0;
  let isTooMuch = false;
  const removals: Removal[] = [];
  for (const kind of KINDS) {
    const left = new Set(kind.names(after, before));
    const gone = kind.names(before, after).filter((name) => !left.has(name));
    const of = kind.count(before);
    present += of;
    if (gone.length === 0) continue;
    removals.push({
      kind: kind.plural,
      removed: gone.length,
      of,
      names: gone.slice(0, NAMES),
    });
    isTooMuch ||= gone.length > HANDFUL && gone.length > SHARE * of;
    isTooMuch ||= kind.isNeeded && of > 1 && kind.count(after) === 0;
  }
  const total = removals.reduce((sum, { removed }) => sum + removed, 0);
  isTooMuch ||= total > 0 && total === present;
  return { removals, total, isAllowed: allowed === undefined ? !isTooMuch : total <= allowed };
}

interface Kind {
  readonly plural: string;
  /** Whether to have none any more is no everyday change. */
  readonly isNeeded: boolean;
  readonly count: (configuration: Configuration) => number;
  /** May leave out what the other one has by the same name, as the same object: a change of a phone must not cost a million names. */
  readonly names: (configuration: Configuration, other: Configuration) => readonly string[];
}

const KINDS: readonly Kind[] = [
  // One that is not there any more has its default.
  {
    plural: 'parameters',
    isNeeded: false,
    count: ({ parameters }) => Object.keys(parameters).length,
    names: ({ parameters }) => Object.keys(parameters),
  },
  ...entryLists.map(({ kind, plural, entries, key }) => ({
    plural: plural ?? `${kind}s`,
    isNeeded: true,
    count: (configuration: Configuration) => entries(configuration).length,
    names: (configuration: Configuration, other: Configuration) =>
      entries(configuration) === entries(other)
        ? []
        : entries(configuration).map((entry) => String(entry[key])),
  })),
  {
    plural: 'rates',
    isNeeded: true,
    count: ({ rateGroups }) => rateGroups.reduce((sum, { rates }) => sum + rates.length, 0),
    names: ({ rateGroups }, other) => {
      const others = new Map(other.rateGroups.map(({ name, rates }) => [name, rates]));
      return rateGroups.flatMap(({ name, rates }) =>
        others.get(name) === rates ? [] : rates.map(({ prefix }) => `${name} ${prefix}`),
      );
    },
  },
  {
    plural: 'prefixes of routing gateways',
    isNeeded: true,
    count: ({ routingGateways }) =>
      routingGateways.reduce((sum, { prefixes }) => sum + prefixes.length, 0),
    names: ({ routingGateways }, other) => {
      const others = new Map(other.routingGateways.map(({ name, prefixes }) => [name, prefixes]));
      return routingGateways.flatMap(({ name, prefixes }) =>
        others.get(name) === prefixes ? [] : prefixes.map((prefix) => `${name} ${prefix}`),
      );
    },
  },
];
