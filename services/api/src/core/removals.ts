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
  const kinds = KINDS.map((kind) => ({ kind, left: new Set(kind.names(after)) }));
  let present = 0;
  let isTooMuch = false;
  const removals: Removal[] = [];
  for (const { kind, left } of kinds) {
    const names = kind.names(before);
    const gone = names.filter((name) => !left.has(name));
    present += names.length;
    if (gone.length === 0) continue;
    removals.push({
      kind: kind.plural,
      removed: gone.length,
      of: names.length,
      names: gone.slice(0, NAMES),
    });
    isTooMuch ||= gone.length > HANDFUL && gone.length > SHARE * names.length;
    isTooMuch ||= kind.isNeeded && names.length > 1 && left.size === 0;
  }
  const total = removals.reduce((sum, { removed }) => sum + removed, 0);
  isTooMuch ||= total > 0 && total === present;
  return { removals, total, isAllowed: allowed === undefined ? !isTooMuch : total <= allowed };
}

interface Kind {
  readonly plural: string;
  /** Whether to have none any more is no everyday change. */
  readonly isNeeded: boolean;
  readonly names: (configuration: Configuration) => readonly string[];
}

const KINDS: readonly Kind[] = [
  // One that is not there any more has its default.
  { plural: 'parameters', isNeeded: false, names: ({ parameters }) => Object.keys(parameters) },
  ...entryLists.map(({ kind, plural, entries, key }) => ({
    plural: plural ?? `${kind}s`,
    isNeeded: true,
    names: (configuration: Configuration) =>
      entries(configuration).map((entry) => String(entry[key])),
  })),
  {
    plural: 'rates',
    isNeeded: true,
    names: ({ rateGroups }) =>
      rateGroups.flatMap(({ name, rates }) => rates.map(({ prefix }) => `${name} ${prefix}`)),
  },
  {
    plural: 'prefixes of routing gateways',
    isNeeded: true,
    names: ({ routingGateways }) =>
      routingGateways.flatMap(({ name, prefixes }) =>
        prefixes.map((prefix) => `${name} ${prefix}`),
      ),
  },
];
